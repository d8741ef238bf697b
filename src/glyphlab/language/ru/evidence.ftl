# Эксперименты: по одному на каждую предполагаемую причину различий между моделями.

## Страница и часть отчёта лаборатории

evidence-kicker = Проверка утверждений
evidence-nav = Эксперименты
evidence-heading = По одному эксперименту на каждое утверждение
# $name — имя набора изображений.
evidence-page-title = Что данные «{ $name }» говорят о каждом утверждении
evidence-verdict-supported = Результаты это подтверждают.
evidence-verdict-contradicted = Результаты этому противоречат.
evidence-verdict-undecided = По этим результатам решить нельзя.
# $duration — время с единицей.
evidence-cost =
    { $trainings ->
        [one] { $trainings } обучение
        [few] { $trainings } обучения
       *[many] { $trainings } обучений
    }, { $seeds ->
        [one] { $seeds } зерно
        [few] { $seeds } зерна
       *[many] { $seeds } зёрен
    }, { $images ->
        [one] { $images } тестовое изображение
        [few] { $images } тестовых изображения
       *[many] { $images } тестовых изображений
    }, { $duration }.
evidence-bands = Полосы — доверительные интервалы 95 %; они учитывают зёрна и тестовые изображения.
# $title — название эксперимента, как `evidence-pooling-title`.
evidence-figures = Результаты: { $title }
# Что видно на графике — для тех, кто его не видит; $y и $x — подписи осей.
evidence-chart-alt = { $title }: по вертикали — { $y }, по горизонтали — { $x }; числа приведены в таблице.

## Что сравнивается: строки таблиц, линии графиков и (в кавычках) названия вариантов в предложениях
## $model — имя модели, например mlp.

evidence-with-images =
    { $name }, { $images ->
        [one] { $images } изображение
        [few] { $images } изображения
       *[many] { $images } изображений
    }
evidence-permuted = { $model }, пиксели переставлены
evidence-taught = { $model }, обучение со сдвигами
evidence-second-convolution = вторая свёртка
evidence-second-max = пулинг по максимуму
evidence-second-mean = пулинг по среднему
evidence-second-stride = свёртка с шагом 2
evidence-way-none = без регуляризации
evidence-way-l1 = l1
evidence-way-l2 = l2
evidence-way-dropout = дропаут
evidence-schedule-constant = постоянное
evidence-schedule-step = ступенчатое
evidence-schedule-exponential = экспоненциальное
evidence-schedule-plateau = по плато
evidence-schedule-cosine = косинусное
evidence-schedule-onecycle = один цикл
evidence-wrong-labels = { $share } % неверных меток
evidence-head-logits = логиты
evidence-head-sigmoid = сигмоида, принятая за логиты
evidence-as-many-parameters = { $model }, столько же параметров
evidence-as-many-operations = { $model }, столько же операций

## Результаты проверок; $first и $second — названия вариантов

# $title — начало предложения: одно из следующих или своё у эксперимента;
# $difference и $interval — в процентных пунктах.
evidence-check = { $title }: { $difference } (доверительный интервал 95 % — { $interval }).
evidence-against = Разность точностей вариантов «{ $first }» и «{ $second }»
evidence-loses-more =
    Насколько больше точности теряет вариант «{ $second }», чем вариант «{ $first }», при сдвиге на
    { $shift ->
        [one] { $shift } пиксель
        [few] { $shift } пикселя
       *[many] { $shift } пикселей
    }

## Заголовки столбцов

evidence-column-accuracy = точность
evidence-column-calibration = ошибка калибровки
evidence-column-gap = разрыв, п. п.
evidence-column-head = выход сети
evidence-column-highest-probability = наибольшая вероятность
evidence-column-images = изображений
evidence-column-in-place = пиксели на местах
evidence-column-interval = 95 % ДИ
evidence-column-labels = метки обучающих изображений
evidence-column-model = модель
evidence-column-moved = при сдвиге на 2 пикселя
evidence-column-network = сеть
evidence-column-parameters = параметров
evidence-column-permuted = пиксели переставлены
evidence-column-pixels =
    { $shift ->
        [one] { $shift } пиксель
        [few] { $shift } пикселя
       *[many] { $shift } пикселей
    }
evidence-column-regularisation = регуляризация
evidence-column-schedule = расписание скорости
evidence-column-second = после первой свёртки
evidence-column-seconds = время, с
evidence-column-size =
    { $images ->
        [one] { $images } изображение
        [few] { $images } изображения
       *[many] { $images } изображений
    }
evidence-column-test-accuracy = точность на тестовых
evidence-column-test-minus-training = тестовые − обучающие, п. п.
evidence-column-training-accuracy = точность на обучающих
evidence-column-training-loss = потери при обучении

## Оси графиков

evidence-axis-accuracy = точность на тесте (доля)
evidence-axis-images = число обучающих изображений
evidence-axis-shift = сдвиг тестовых изображений (пиксели)

## training-size

evidence-training-size-title = объём обучающей выборки
evidence-training-size-claim = Чем больше данных, тем лучше, и одним моделям их нужно больше, чем другим.
evidence-training-size-method =
    Каждая модель лабораторной работы обучается на 50, 100, 1 000, 5 000, … изображениях, четыре эпохи
    и не менее 60 шагов по 64 изображения, по своему рецепту.
evidence-training-size-chart = Точность в зависимости от объёма обучающей выборки
# $most и $least — модели; $most_gain и $least_gain — в процентных пунктах.
evidence-training-size-gains =
    При росте выборки от { $images } до { $more ->
        [one] { $more } изображения
        [few] { $more } изображений
       *[many] { $more } изображений
    } больше всего выигрывает { $most } ({ $most_gain }), меньше всего — { $least } ({ $least_gain }).
evidence-training-size-best =
    При обучении на { $images ->
        [one] { $images } изображении
        [few] { $images } изображениях
       *[many] { $images } изображениях
    } точнее всех { $model } ({ $accuracy }).

## pixel-order

evidence-pixel-order-title = порядок пикселей
evidence-pixel-order-claim = Свёртки опираются на то, что соседние пиксели связаны между собой.
evidence-pixel-order-method =
    Пиксели всех изображений, обучающих и тестовых, переставлены в одном и том же другом порядке,
    выбранном один раз; без аугментации. Точность логистической регрессии и полносвязной сети не
    должна измениться (более чем на 1 п. п.), точность свёрточных сетей должна упасть.

## shift-tolerance

evidence-shift-tolerance-title = устойчивость к сдвигу
evidence-shift-tolerance-claim = Общие веса дают устойчивость к сдвигу.
evidence-shift-tolerance-method =
    Тестовые изображения сдвинуты на 0–6 пикселей, по очереди вправо, вниз, влево и вверх; модели
    обучены без аугментации, а также с одними случайными сдвигами до 4 пикселей. Решает сдвиг на 2
    пикселя: свёрточные сети, обученные без сдвигов, должны терять меньше точности, чем полносвязная.
evidence-shift-tolerance-without = Обучение без сдвигов
evidence-shift-tolerance-with = Обучение со сдвигами

## pooling

evidence-pooling-title = пулинг
evidence-pooling-claim = Пулинг жертвует сведениями о положении ради скорости.
evidence-pooling-method =
    После одной свёртки — вторая, как в задании 1; пулинг по максимуму и по среднему, как в задании 2;
    свёртка 2×2 с шагом 2. Один рецепт, без аугментации. При сдвиге тестовых изображений на 2 пикселя
    сети с пулингом должны терять меньше точности, чем сеть задания 1.
evidence-pooling-chart = Что происходит с каждым квадратом 2×2
# $label и $none — названия вариантов, как `evidence-second-max`; $difference — в процентных пунктах.
evidence-pooling-gain =
    Вариант «{ $label }» вместо варианта «{ $none }»: точность меняется на { $difference }, обучение
    длится { $seconds } с вместо { $before } с.
evidence-pooling-faster = То, что с пулингом быстрее, видно и с учётом разброса по зёрнам.

## regularisation
## $way — название варианта, как `evidence-way-l2`.

evidence-regularisation-title = регуляризация
evidence-regularisation-claim = Полносвязные сети без регуляризации переобучаются.
evidence-regularisation-method =
    Полносвязная сеть, метод Adam, без аугментации, затухания весов и сглаживания меток: без
    регуляризации, с l1, с l2 или с дропаутом, на малом и на большом числе изображений. Без
    регуляризации точность на обучающих изображениях должна быть выше, чем на тестовых, и этот разрыв
    должен быть больше, чем с каждым из способов регуляризации.
evidence-regularisation-gap =
    Разрыв точности на обучающих и на тестовых изображениях без регуляризации при обучении на
    { $images ->
        [one] { $images } изображении
        [few] { $images } изображениях
       *[many] { $images } изображениях
    }
evidence-regularisation-smaller =
    Насколько при обучении на { $images ->
        [one] { $images } изображении
        [few] { $images } изображениях
       *[many] { $images } изображениях
    } разрыв без регуляризации больше, чем в варианте «{ $way }»
evidence-regularisation-best =
    При обучении на { $images ->
        [one] { $images } изображении
        [few] { $images } изображениях
       *[many] { $images } изображениях
    } наибольшая точность на тестовых изображениях — в варианте «{ $way }» ({ $accuracy }; без
    регуляризации — { $without }). Меньший разрыв сам по себе не достоинство.

## schedules

evidence-schedules-title = расписания скорости обучения
evidence-schedules-claim = Убывающая скорость обучения полезна.
evidence-schedules-method =
    Сеть задания 2, SGD с моментом 0,9, одинаковая наибольшая скорость обучения 0,05 и одинаковое
    число шагов: постоянная скорость в сравнении с каждой из убывающих. С каждой из них точность
    должна быть выше, чем с постоянной.

## label-noise
## $label — название варианта, как `evidence-wrong-labels`.

evidence-label-noise-title = неверные метки
evidence-label-noise-claim =
    Точность на тестовых изображениях выше, чем на обучающих, из-за неверных меток обучающих
    изображений.
evidence-label-noise-method =
    Сеть задания 2 на обучающих изображениях, из которых 0, 5, 10 и 20 % получают метку любого другого
    класса; метки тестовых изображений не меняются. Точность на обучающих изображениях измеряется по
    тем меткам, по которым сеть обучалась. Разность точности на тестовых и на обучающих изображениях
    должна расти с долей неверных меток.
evidence-label-noise-check = Насколько при { $label } больше, чем без них, разность точности на тестовых и на обучающих изображениях
evidence-label-noise-above =
    При { $label } точность на тестовых изображениях с верными метками на { $points } п. п. выше, чем
    на обучающих: это тетрадь показывает, но не объясняет.
evidence-label-noise-below = Даже при { $label } точность на обучающих изображениях здесь выше, чем на тестовых.

## notebook-head

evidence-notebook-head-title = выход сети в тетради
evidence-notebook-head-claim = Функция потерь тетради ограничивает вероятности сверху.
evidence-notebook-head-method =
    Сеть задания 2 с логитами на выходе и с выходами сигмоиды, которые принимаются за логиты, как в
    тетради; всё остальное одинаково. Вероятности и потери не должны выходить за границы, которые
    следуют из выходов между 0 и 1, а ошибка калибровки должна быть больше, чем с логитами.
evidence-notebook-head-bounds =
    По расчёту ни одна вероятность не может превысить { $cap }, а потери не могут опуститься ниже
    { $floor }; наибольшая вероятность на тестовом изображении — { $highest }, наименьшие потери при
    обучении — { $lowest }.
evidence-notebook-head-calibration = Разность ожидаемых ошибок калибровки с сигмоидой и с логитами
# $sentence — `evidence-check` двух точностей.
evidence-notebook-head-accuracy = { $sentence }

## capacity

evidence-capacity-title = ёмкость сети
evidence-capacity-claim = Различие создаёт ёмкость сети, а не свёртка.
evidence-capacity-method =
    LeNet-5 рядом с полносвязной сетью с одним скрытым слоем и с сетью из двух свёрток: один раз с тем
    же числом параметров, другой — с тем же числом операций на предсказание; один рецепт, одинаковое
    число шагов, без аугментации. Если утверждение верно, ни одна из сетей со свёртками не должна быть
    лучше полносвязной (допускается не более 1 п. п.).
