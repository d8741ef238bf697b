# Аудит: что не так с изображениями. Страница аудита и то, что печатает команда.
# $dataset — имя набора изображений; $names — имя набора или обучающего и тестового наборов.
# $label, $name, $suggested, $worst, $smallest, $largest — имена классов; $id — имя изображения.
# Доли, такие как $accuracy и $rate, — числа, уже записанные по-русски.

## Виды находок, заголовки строк

audit-kind-unreadable = нечитаемые файлы
audit-kind-duplicates = точные дубликаты
audit-kind-near-duplicates = почти дубликаты
audit-kind-conflicts = те же пиксели, другая метка
audit-kind-leaks = копии изображений из другой части
audit-kind-label-errors = вероятные ошибки разметки
audit-kind-outliers = выбросы
audit-printed-found = найдено
audit-printed-images = изображения

## Главная фраза: части через точку с запятой, первая получает прописную букву

audit-headline-nothing = в изображениях { $names } недостатков не найдено
audit-headline-not-judged = верность меток не оценивалась
audit-headline-labels =
    { $errors } из { $n ->
        [one] { $n } изображения
        [few] { $n } изображений
       *[many] { $n } изображений
    } набора { $dataset }, вероятно, { $errors ->
        [one] имеет
        [few] имеют
       *[many] имеют
    } неверную метку, а метку другого класса, по оценке, имеют { $rate } изображений
    (доверительный интервал 95 %: { $low } – { $high })
audit-headline-leaks =
    { $leaks } из { $n ->
        [one] { $n } изображения
        [few] { $n } изображений
       *[many] { $n } изображений
    } набора { $dataset } { $leaks ->
        [one] повторяет обучающее изображение
        [few] повторяют обучающие изображения
       *[many] повторяют обучающие изображения
    }
audit-headline-leaks-effect =
    { audit-headline-leaks } (точность с ними { $accuracy }, без них { $without })
audit-headline-duplicates =
    { $exact } из { $n ->
        [one] { $n } изображения
        [few] { $n } изображений
       *[many] { $n } изображений
    } набора { $dataset } { $exact ->
        [one] повторяет более раннее
        [few] повторяют более ранние
       *[many] повторяют более ранние
    }
audit-headline-duplicates-and-near =
    { audit-headline-duplicates }, а ещё { $near } — почти { $near ->
        [one] дубликат
        [few] дубликаты
       *[many] дубликаты
    }
audit-headline-near-duplicates =
    { $near } из { $n ->
        [one] { $n } изображения
        [few] { $n } изображений
       *[many] { $n } изображений
    } набора { $dataset } почти { $near ->
        [one] повторяет более раннее
        [few] повторяют более ранние
       *[many] повторяют более ранние
    }
audit-headline-conflicts =
    { $conflicts ->
        [one] { $conflicts } изображение набора { $dataset } совпадает
        [few] { $conflicts } изображения набора { $dataset } совпадают
       *[many] { $conflicts } изображений набора { $dataset } совпадают
    } по пикселям с изображением, у которого другая метка
audit-headline-outliers =
    { $outliers ->
        [one] { $outliers } изображение набора { $dataset }, возможно, не принадлежит
        [few] { $outliers } изображения набора { $dataset }, возможно, не принадлежат
       *[many] { $outliers } изображений набора { $dataset }, возможно, не принадлежат
    } ни одному классу
audit-headline-unreadable =
    { $files } { $files ->
        [one] файл
        [few] файла
       *[many] файлов
    } набора { $dataset } не удалось прочитать

## Баланс: одинаково ли часты классы и чего стоит неравенство

balance-equal =
    Классы сбалансированы: в каждом { $each } { $each ->
        [one] изображение
        [few] изображения
       *[many] изображений
    }.
balance-empty = Классы не сбалансированы: у класса { $smallest } нет изображений.
# $verdict: chance (различие не больше случайного), near (больше, но невелико), no (нет).
balance-unequal =
    { $verdict ->
        [chance] Классы сбалансированы в пределах случайных отклонений:
        [near] Классы почти сбалансированы, хотя различие больше случайного:
       *[no] Классы не сбалансированы:
    } у класса { $largest } { $most } { $most ->
        [one] изображение
        [few] изображения
       *[many] изображений
    } — в { $ratio } раза больше, чем у класса { $smallest } ({ $least }); критерий хи-квадрат для
    равных частот: p { $p }.
# Перед фразой об одном из двух наборов.
audit-of-dataset = { $dataset }: { $sentence }
audit-balance-cost =
    Доля изображений, с меткой которых согласны модели, не видевшие их при обучении:
    { $accuracy } от всех, { $balanced } в среднем по классам; ниже всего она у класса { $worst }
    ({ $recall }).
audit-balance-caption = Изображения по классам набора { $dataset }
audit-balance-test = Критерий хи-квадрат Пирсона для равных частот: p { $p }.
audit-balance-recall =
    Полнота: доля изображений с этой меткой, которые распознают модели, не видевшие их при обучении.

## Слова в заголовках таблиц

audit-class = Класс
audit-images = Изображения
audit-share = Доля
audit-recall = Полнота
audit-as-a-bar = в виде полосы

## Начало страницы

audit-title = Аудит изображений: { $names }
audit-skip = К сводке
audit-kicker = Аудит изображений
audit-training-images = Обучающие изображения
audit-test-images = Тестовые изображения
audit-classes = Классы
audit-parts = Разделы аудита
audit-section-summary = Сводка
audit-section-unreadable = Нечитаемые файлы
audit-section-balance = Баланс классов
audit-section-duplicates = Точные дубликаты
audit-section-near-duplicates = Почти дубликаты
audit-section-conflicts = Противоречия меток
audit-section-leaks = Утечки
audit-section-label-errors = Ошибки разметки
audit-section-outliers = Выбросы
audit-section-groups = Группы
# Что в команде стоит на месте имени папки.
audit-folder = ПАПКА
# $review и $clean — команды, $file — файл.
audit-as-file =
    Эта страница — для чтения. Чтобы решить судьбу отдельных изображений, запустите { $review } для
    папки, в которой она лежит: команда откроет эту страницу на вашем компьютере и сохранит ваши
    решения в { $file }; их исполняет { $clean }.
audit-as-served =
    У каждого изображения ниже есть список, чтобы решить, что с ним станет. «Как предложено»
    оставляет это параметрам команды { $clean }; ваши решения важнее их и сохраняются сразу.
# $keep, $drop, $relabel, $proposed — клавиши.
audit-keys =
    С клавиатуры: стрелки ведут от изображения к изображению, { $keep } оставляет, { $drop }
    убирает, { $relabel } даёт предложенную метку, { $proposed } — как предложено.
audit-footer =
    Сделано программой glyphlab. Страница — один файл: она ничего не загружает извне, её можно
    послать как есть.
audit-summary-caption = Сколько чего найдено
audit-found = Найдено
audit-not-looked-for = не искали

## Рядом с именем набора

audit-part-train = обучающие изображения
audit-part-test = тестовые изображения

## Нечитаемые файлы

audit-unreadable =
    { $files ->
        [one] { $files } файл набора { $dataset } не удалось прочитать; среди изображений его нет.
        [few] { $files } файла набора { $dataset } не удалось прочитать; среди изображений их нет.
       *[many] { $files } файлов набора { $dataset } не удалось прочитать; среди изображений их нет.
    }
audit-unreadable-none = Все файлы набора { $dataset } прочитаны.

## Точные и почти дубликаты, противоречия меток

audit-duplicates =
    { $n ->
        [one] { $n } изображение набора { $dataset } имеет
        [few] { $n } изображения набора { $dataset } имеют
       *[many] { $n } изображений набора { $dataset } имеют
    } те же пиксели, что и более раннее; { $pictures ->
        [one] { $pictures } картинка встречается
        [few] { $pictures } картинки встречаются
       *[many] { $pictures } картинок встречаются
    } больше одного раза. Предлагается оставить изображение, указанное первым.
audit-duplicates-none = В наборе { $dataset } нет двух изображений с одинаковыми пикселями.
audit-near-duplicates =
    { $n ->
        [one] { $n } изображение набора { $dataset } отличается
        [few] { $n } изображения набора { $dataset } отличаются
       *[many] { $n } изображений набора { $dataset } отличаются
    } от более раннего лишь небольшим изменением. Предлагается оставить более раннее, слева.
audit-near-duplicates-none =
    В наборе { $dataset } не найдено изображений, отличающихся от другого лишь небольшим изменением.
audit-conflicts =
    { $n ->
        [one] { $n } изображение набора { $dataset } имеет
        [few] { $n } изображения набора { $dataset } имеют
       *[many] { $n } изображений набора { $dataset } имеют
    } те же пиксели, что и изображение с другой меткой; обе метки верными быть не могут.
audit-conflicts-none =
    В наборе { $dataset } нет двух изображений с одинаковыми пикселями и разными метками.

## Утечки

audit-leaks =
    { $leaks ->
        [one] { $leaks } тестовое изображение из { $n } повторяет обучающее,
        [few] { $leaks } тестовых изображения из { $n } повторяют обучающие,
       *[many] { $leaks } тестовых изображений из { $n } повторяют обучающие,
    } точно или с небольшим изменением.
audit-leaks-proposal =
    Предлагается убрать обучающие изображения — в каждой паре они справа.
audit-leaks-none = Не найдено изображений набора { $test }, повторяющих изображения набора { $train }.
audit-leaks-effect =
    Модели, обученные на всех обучающих изображениях, распознают долю { $accuracy } тестовых
    изображений, а среди тех, что не являются копиями, — долю { $without }: утечки сдвигают точность
    на { $moved } п. п.
audit-leaks-no-effect =
    Модели, обученные на всех обучающих изображениях, распознают долю { $accuracy } тестовых
    изображений, и такую же — среди тех, что не являются копиями.
audit-leaks-caption = Точность с утечками и без них
# Заголовок столбца, в строках которого стоят следующие три.
audit-accuracy-on = Точность на
audit-accuracy = Точность
audit-interval = 95 % ДИ
audit-on-all = всех тестовых изображениях
audit-on-no-copies = тех, что не копии
audit-on-copies = копиях

## Ошибки разметки

audit-noise =
    По методу уверенного обучения метку другого класса, по оценке, имеют { $rate } из { $n } { $n ->
        [one] изображения
        [few] изображений
       *[many] изображений
    } (доверительный интервал 95 %: { $low } – { $high }); изображения, не принадлежащие ни одному
    классу, здесь не учтены, хотя их метка так же неверна. Ниже { $errors ->
        [one] названо { $errors } изображение
        [few] названы { $errors } изображения
       *[many] названо { $errors } изображений
    }, первыми — самые несомненные.
audit-noise-rates = Как часто неверна каждая метка
audit-noise-rates-caption = Шум меток набора { $dataset }
audit-label = Метка
audit-wrong = Неверна
audit-mostly-in-truth = На деле чаще
audit-noise-matrix = Какая метка стоит вместо какой
audit-noise-matrix-caption = Метки и истинные классы набора { $dataset }
audit-noise-matrix-corner = метка
audit-noise-matrix-note =
    Оценка числа изображений: строки — метка, которую они имеют, столбцы — класс, к которому они
    принадлежат.
audit-cell-right = метка { $label }, верно: около { $n }
audit-cell-wrong = метка { $label }, на деле { $true }: около { $n }
audit-label-errors-note =
    Под каждым изображением — его метка, более вероятная метка и то, насколько верна его метка (от 0
    до 1) по суждению моделей, не видевших его при обучении.
audit-label-errors-none = Ни одна метка набора { $dataset } в отдельности не выглядит неверной.
audit-label-errors-not-judged =
    Верность меток набора { $dataset } не оценивалась.

## Выбросы

audit-outliers =
    { $n ->
        [one] { $n } изображение набора { $dataset } не похоже
        [few] { $n } изображения набора { $dataset } не похожи
       *[many] { $n } изображений набора { $dataset } не похожи
    } на изображения ни одного класса; первыми — самые странные, у каждого указана его оценка.
audit-outliers-none = В наборе { $dataset } нет изображений, не похожих ни на один класс.
audit-outliers-not-looked-for = Выбросы в наборе { $dataset } не искали.

## Группы

# $where: в какой части имени изображения найдено имя его группы.
audit-groups =
    { $where ->
        [the-file-name] Имя файла
        [the-file-name-up-to-its-last-number] Имя файла до последнего числа
        [the-folder] Папка
       *[the-folder-above] Папка уровнем выше
    } задаёт { $groups } { $groups ->
        [one] группу
        [few] группы
       *[many] групп
    } изображений разных классов, например по шрифту или автору почерка. Случайное разбиение набора
    { $dataset } разносит изображения одной группы по обе стороны; glyphlab.split(..., groups=...)
    держит их вместе.
audit-groups-shared =
    { $shared } из { $n ->
        [one] { $n } изображения
        [few] { $n } изображений
       *[many] { $n } изображений
    } набора { $dataset } { $shared ->
        [one] принадлежит группе, которая
        [few] принадлежат группам, которые
       *[many] принадлежат группам, которые
    } есть и среди обучающих.
audit-groups-none = Имена изображений набора { $dataset } не указывают на группы.

## Изображения и их списки

audit-alt-any = Изображение с меткой { $label }
audit-alt-earlier = Более раннее изображение с меткой { $label }
audit-alt-near-copy = Почти дубликат с меткой { $label }
audit-alt-test = Тестовое изображение с меткой { $label }
audit-alt-train = Обучающее изображение с меткой { $label }
# $image — одна из этих фраз.
audit-tile = { $image }, { $id }
audit-tile-suggested = { $image }, вероятнее { $suggested }, { $id }
audit-more-likely = вероятнее
audit-same-pixels = те же пиксели
audit-distance = расстояние { $distance }
audit-other-label = другая метка
audit-repeated =
    Изображение, которое встречается { $n } { $n ->
        [one] раз
        [few] раза
       *[many] раз
    }
audit-and-more = и ещё { $n }
audit-cut = Первые { $shown } из { $total }; все — в audit.json.

## Решения на странице, которую отдаёт сервер

audit-as-proposed = Как предложено
audit-keep = Оставить
audit-drop = Убрать
audit-relabel-to = Сменить метку
audit-relabel = Метка { $name }
audit-decision-on = Решение о { $id }
audit-no-decisions = Решений пока нет.
# На место $count страница ставит число. $plural — форма его множественного числа.
audit-saving =
    Сохраняется { $count } { $plural ->
        [one] решение
        [few] решения
       *[many] решений
    }…
audit-saved =
    Сохранено { $count } { $plural ->
        [one] решение
        [few] решения
       *[many] решений
    }.
audit-not-saved = Не сохранено. { $reason }
audit-no-answer = Сервер не отвечает.
audit-changed-elsewhere =
    Решения изменены в другом месте: в другой вкладке или вручную; загрузите их снова.
audit-try-again = Повторить
audit-load-again = Загрузить снова
