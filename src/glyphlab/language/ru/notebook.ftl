# Как объекты показывают себя в Jupyter, и тетрадь лабораторной работы.

notebook-dataset =
    Набор данных { $dataset }: { $n ->
        [one] { $n } изображение
        [few] { $n } изображения
       *[many] { $n } изображений
    } { $size }, { $mode ->
        [grey] оттенки серого
       *[rgb] RGB
    }, классов: { $classes } ({ $names })
notebook-column-class = класс
notebook-column-images = изображения
notebook-sheet-alt = Изображения каждого класса
notebook-run =
    Обучение { $path }: { $model } на данных { $dataset }, { $state ->
        [finished] закончено
       *[unfinished] не закончено
    }
notebook-run-imported = Обучение { $path }: { $model }, веса импортированы
notebook-run-parameters = параметры
notebook-run-images = изображения
notebook-run-epochs = эпохи
notebook-run-seconds = секунды
notebook-run-train-accuracy = точность на обучении
notebook-run-validation-accuracy = точность на проверке
notebook-learned = { $n } для обучения, { $validated } для проверки
notebook-evaluation =
    Оценка { $model } (зерно { $seed }) на данных { $dataset }: точность { $accuracy } (доверительный интервал
    95 % { $interval }), изображений: { $n }
notebook-true-said = истина \ ответ
notebook-accuracy = точность
notebook-comparison =
    Сравнение на { $n ->
        [one] { $n } изображении
        [few] { $n } изображениях
       *[many] { $n } изображениях
    } из набора { $dataset }: { $models }
notebook-models-on =
    { $models ->
        [one] { $models } модель
        [few] { $models } модели
       *[many] { $models } моделей
    } на { $n ->
        [one] { $n } изображении
        [few] { $n } изображениях
       *[many] { $n } изображениях
    } из набора { $dataset }
notebook-column-model = модель
notebook-column-trainings = обучений
notebook-column-accuracy = точность
notebook-column-interval = интервал 95 %
notebook-column-calibration = ошибка калибровки
notebook-column-parameters = параметры
notebook-column-best = против лучшей
notebook-the-best = лучшая
notebook-against-best =
    { $told ->
        [worse] хуже
       *[same] различия не видно
    } ({ $interval })
# Точка с интервалом и кривая от наименьшего значения до наибольшего; за ней следуют названия.
notebook-interval-alt = { $middle }, от { $low } до { $high }
notebook-curve = { $title }, от { $low } до { $high }:
notebook-models = Модели
notebook-models-mean = Все обучены раньше; { $fit } обучает новую.
notebook-predictions =
    Ответы { $model } на { $n ->
        [one] { $n } изображение
        [few] { $n } изображения
       *[many] { $n } изображений
    }
notebook-prediction-image = изображение
notebook-prediction-class = класс
notebook-prediction-probability = вероятность
notebook-prediction-second = второй
notebook-prediction-unlike = замечание
notebook-unlike = не похоже ни на что из обучения
