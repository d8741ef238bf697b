# Отчёт о лабораторной работе: страница, Markdown и предложения резюме.

images =
    { $n ->
        [one] { $n } изображение
        [few] { $n } изображения
       *[many] { $n } изображений
    }
image-number = изображение { $number }

## Страница: заголовок, части, сведения

lab-title = Лабораторная работа на данных { $dataset }
lab-kicker = Отчёт о лабораторной работе
lab-headline =
    { $of ->
        [one] Модель
        [few] Самая точная из { $of } моделей —
       *[many] Самая точная из { $of } моделей —
    } { $model }: она распознаёт { $accuracy } из { $n } тестовых изображений (доверительный интервал 95 %: от { $low } до { $high }{ $trainings ->
        [one] {""}
        [few] ; среднее по { $trainings } обучениям
       *[many] ; среднее по { $trainings } обучениям
    }).
lab-trained-on = Обучение
lab-tested-on = Тест
lab-classes = Классы
lab-trainings-of-each = Обучений каждой модели
lab-seeds =
    { $n ->
        [one] зерно { $seeds }
        [few] зёрна { $seeds }
       *[many] зёрна { $seeds }
    }
lab-parts = Части отчёта
lab-summary = Итог
lab-answers = Ответы на задания
lab-evidence = Проверка утверждений
lab-evidence-means =
    По одному опыту на каждую названную причину различий. Что должно получиться, чтобы утверждение
    подтвердилось, записано до первого обучения. Эти обучения коротки, чтобы сравнивать равное с равным;
    ожидать следует точностей, приведённых выше.
lab-data = Изображения
# $train и $test — названия наборов данных, в скобках источник.
lab-data-means =
    Модели обучены на { $n ->
        [one] { $n } изображении
        [few] { $n } изображениях
       *[many] { $n } изображениях
    } из набора { $train } и один раз проверены на { $tested ->
        [one] { $tested } изображении
        [few] { $tested } изображениях
       *[many] { $tested } изображениях
    } из набора { $test }. Некоторые из обучающих изображений:
lab-strip =
    { $n ->
        [one] { $n } обучающее изображение класса { $name }
        [few] { $n } обучающих изображения класса { $name }
       *[many] { $n } обучающих изображений класса { $name }
    }
lab-models = Модель за моделью
lab-models-list = Модели
lab-again-means =
    Эта команда строит отчёт заново. Те же изображения, зёрна, версии и тип машины дают те же числа, кроме
    времени.
lab-machine = Машина
lab-versions = Версии
lab-seeds-heading = Зёрна
lab-intervals = Интервалы
lab-intervals-means =
    Точность на тесте: интервал Уилсона с доверительной вероятностью 95 %, учитывает случайность выбора
    тестовых изображений.
lab-warning-same = Тестовый набор совпадает с обучающим: ни одна из точностей ничего не говорит.
lab-warning-few =
    { $n ->
        [one] { $n } тестового изображения
        [few] { $n } тестовых изображений
       *[many] { $n } тестовых изображений
    } мало, чтобы различить модели (их { $models }), что бы они ни ответили; возьмите для теста несколько
    сотен.
lab-warning-wide =
    В тестовом наборе всего { $n ->
        [one] { $n } изображение
        [few] { $n } изображения
       *[many] { $n } изображений
    }: интервалы широки.
lab-warning-skipped =
    { $n ->
        [one] { $n } файл не удалось использовать; его показывает
        [few] { $n } файла не удалось использовать; их показывает
       *[many] { $n } файлов не удалось использовать; их показывает
    } glyphlab data show.

## Таблица результатов

column-model = Модель
column-protocol = Протокол
column-trainings = Обучений
column-parameters = Параметры
column-train-accuracy = Точность на обучении
column-validation-accuracy = Точность на проверке
column-test-accuracy = Точность на тесте
column-interval = 95 % ДИ
column-test-accuracy-interval = Точность на тесте, 95 % ДИ
column-train-time = Время обучения
column-pace = Изображений/с при обучении
lab-means-uneven = Средние по обучениям каждой модели.
lab-means-over =
    { $n ->
        [one] По { $n } обучению каждой модели.
        [few] Средние по { $n } обучениям каждой модели.
       *[many] Средние по { $n } обучениям каждой модели.
    }
lab-accuracy-is = Точность — доля верно распознанных изображений; ДИ — доверительный интервал.
lab-results = Результаты всех моделей
lab-best-means =
    ★ отмечает лучшее в столбце: наибольшую точность на проверке и тесте, наименьшее число параметров и
    секунд, наибольшее число изображений в секунду. У точности на обучении лучшего нет: знать выученное —
    не заслуга.
lab-chance-where = Случайно ли различие двух моделей, сказано в ответах на задания.
lab-forest-alt = Точность каждой модели на тесте с интервалом 95 %; числа — в таблице выше.
lab-forest-caption =
    Точность на тесте (доля от { $n ->
        [one] { $n } изображения
        [few] { $n } изображений
       *[many] { $n } изображений
    }) с доверительным интервалом 95 %.
lab-forest-protocols = Закрашено: исправленный протокол; не закрашено: протокол тетради.

## Модель

lab-model-figures =
    { $n ->
        [one] { $n } параметр
        [few] { $n } параметра
       *[many] { $n } параметров
    } · точность на тесте { $accuracy } ({ $interval }) · обучение за { $time }
lab-by-seed = по зёрнам { $accuracies }
lab-of-seed = (зерно { $seed })
lab-confusion = Матрица ошибок
lab-confusion-of = Матрица ошибок модели { $model }
lab-confusion-means =
    Выберите ячейку, чтобы увидеть её изображения: из ошибок — самые уверенные, из верных ответов — самые
    неуверенные. Числа тестовых изображений: строки — истинный класс, столбцы — ответ модели.
lab-true-class = истинный класс
# Ячейка матрицы: $count из $total изображений класса $true.
lab-cell-right = { $true } распознано: { $count } из { $total }
lab-cell-wrong = { $true } принято за { $said }: { $count } из { $total }
lab-all-recognised =
    { $n ->
        [one] Распознано всё: { $n } изображение.
        [few] Распознаны все { $n } изображения.
       *[many] Распознаны все { $n } изображений.
    }
# $pairs составлено из lab-taken-for.
lab-most-confused = Самые частые ошибки: { $pairs }; всего { $all }.
lab-taken-for = { $true } принято за { $said } ({ $count })
# $size — высота × ширина фильтра.
lab-filters =
    Первый слой: { $n ->
        [one] { $n } фильтр
        [few] { $n } фильтра
       *[many] { $n } фильтров
    } размером { $size }
lab-filters-some =
    Первый слой: { $shown } из { $n ->
        [one] { $n } фильтра
        [few] { $n } фильтров
       *[many] { $n } фильтров
    } размером { $size }
lab-filters-alt =
    Веса { $n ->
        [one] { $n } фильтра
        [few] { $n } фильтров
       *[many] { $n } фильтров
    } первого слоя модели { $model } оттенками серого
lab-filters-means = Средний серый — вес 0, белый — наибольший вес фильтра, чёрный — он же со знаком минус.
lab-mistakes = Самые уверенные ошибки
lab-mistake = { $true }, ответ { $said }
lab-mistake-alt = Тестовое изображение класса { $true }, которое модель { $model } принимает за { $said }
lab-probability = вероятность { $probability }
lab-saliency-alt = То же, с пикселями, от которых это зависит, оранжевым
lab-saliency-means =
    Рядом с каждым изображением оранжевым: пиксели, которые сильнее всего сдвигают равновесие между ответом
    и истиной (модуль градиента разности двух логитов).
lab-layers = Одно изображение сквозь слои
lab-layers-mean =
    Тестовое изображение, о котором модели спорят больше всего. От каждого слоя не более 16 карт; средний
    серый — 0, белый — наибольшее значение карты, чёрный — оно же со знаком минус.
lab-layer-size =
    { $n ->
        [one] { $n } карта { $size }
        [few] { $n } карты { $size }
       *[many] { $n } карт { $size }
    }
lab-layer-alt = Что делает из него слой { $layer } модели { $model }
lab-chosen-alt = Тестовое изображение { $id } класса { $true }
lab-recipe = Рецепт, по которому она обучена

## Рисунки

figure-loss = Функция потерь
figure-accuracy = Точность
figure-training = обучение
figure-validation = проверка
figure-epoch = эпоха
figure-loss-axis = перекрёстная энтропия (нат)
figure-accuracy-axis = точность (доля)
figure-test-accuracy = точность на тесте (доля)
figure-accuracy-interval = точность на тесте (доля), с интервалом 95 %
figure-confidence = уверенность (вероятность)
figure-predicted = ответ
figure-true = истина
# Для тех, кто не видит кривую; $parts составлено из двух следующих.
figure-curve-alt =
    { $what ->
        [loss] Функция потерь
       *[accuracy] Точность
    } модели { $model } по эпохам: { $parts }.
figure-alt-training = обучение от { $first } до { $last } в эпохе { $epoch }
figure-alt-validation = проверка от { $first } до { $last } в эпохе { $epoch }

## Markdown

markdown-note = Примечание:
markdown-accuracy-is = Точность — доля верно распознанных изображений, среднее по обучениям.
markdown-accuracy-alt = Точность каждой модели на тесте с интервалом 95 %
markdown-data-training = обучение: { $dataset }, изображений: { $n }
markdown-data-training-from = обучение: { $dataset }, изображений: { $n }, источник { $source }
markdown-data-test = тест: { $dataset }, изображений: { $n }
markdown-data-test-from = тест: { $dataset }, изображений: { $n }, источник { $source }
markdown-classes = классы: { $classes }
markdown-evidence-size =
    Обучений: { $trainings }, зёрен: { $seeds }, тестовых изображений: { $n }.
markdown-mistakes-of = Самые уверенные ошибки модели { $model }
markdown-filters-of = Фильтры первого слоя модели { $model }
markdown-from-left = Слева направо:
markdown-column-true = Истина
markdown-column-said = Ответ
markdown-column-probability = Вероятность
markdown-column-image = Изображение
markdown-machine = машина: { $machine }
markdown-versions = версии: { $versions }
markdown-seeds = зёрна: { $seeds }
markdown-intervals =
    интервалы точности на тесте: интервал Уилсона с доверительной вероятностью 95 %, учитывает случайность
    выбора тестовых изображений
