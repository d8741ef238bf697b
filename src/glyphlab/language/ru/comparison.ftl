# Что говорит сравнение моделей, и страница, которая его показывает.

## Что взять, простыми словами

choice-heading = Какую модель взять и почему
choice-best =
    Возьмите { $model }: она точнее, чем { $others ->
        [one] другая модель
        [few] каждая из { $others } остальных моделей
       *[many] каждая из { $others } остальных моделей
    }, самое меньшее на { $gain } п. п. Это не случайность: модели сравнены на одних и тех же изображениях (их { $n }).
choice-rivals =
    Возьмите { $model }: у неё наибольшая точность; но лучше ли она, чем { $rivals }, по этим изображениям (их { $n })
    сказать нельзя, так что решить может и другая причина.
# $times — во сколько раз, $loss — разность точностей со знаком.
choice-cheap =
    Там, где ответ должен стоить дёшево, возьмите { $model }: операций нужно в { $times } раз меньше, точность
    { $accuracy } ({ $loss }).

## Предложения

# $figures — это comparison-pair-figures.
comparison-better = { $first } лучше, чем { $second } ({ $figures }).
comparison-worse = { $first } хуже, чем { $second } ({ $figures }).
comparison-seeds-differ =
    Обучения { $first } и { $second } дают разные ответы на этих изображениях (их { $n }), но разброс по зёрнам слишком
    велик, чтобы сказать, какая модель лучше ({ $figures }).
comparison-no-difference =
    По этим изображениям (их { $n }) нельзя различить { $first } и { $second } ({ $figures }); разницу в
    { $detectable } п. п. удалось бы обнаружить в четырёх случаях из пяти.
comparison-pair-figures =
    разность { $difference }, доверительный интервал 95 % { $interval }, точный критерий Мак-Немара { $p } с
    поправкой Холма, n = { $n }{ $trainings ->
        [one] {""}
        [few] , по { $trainings } обучения каждой
       *[many] , по { $trainings } обучений каждой
    }
comparison-best =
    Наибольшая точность у { $model }: { $accuracy } на { $n ->
        [one] { $n } изображении
        [few] { $n } изображениях
       *[many] { $n } изображениях
    } (доверительный интервал 95 % { $interval }{ $trainings ->
        [one] {""}
        [few] , среднее по { $trainings } обучениям
       *[many] , среднее по { $trainings } обучениям
    }).
comparison-rivals =
    По этим изображениям от неё нельзя отличить: { $rivals } (с { $rival }: { $figures }).
comparison-better-than-all = Она лучше всех остальных; ближайшая: { $pair }
comparison-cheapest =
    Из них { $model } требует меньше всего { $cost ->
        [operations] операций на ответ
       *[train_seconds] времени обучения
    }: { $price } вместо { $best }.
comparison-each-step = Больше операций — больше точности на каждой ступени: { $models }.
comparison-cheapest-and-best =
    { $model } здесь и точнее всех, и требует меньше всего операций на ответ.
comparison-frontier =
    По числу операций на ответ на границе стоят { $models }; для { $beaten } есть модель не менее точная на
    этих изображениях и более дешёвая.
comparison-draw =
    При другом выборе стольких же тестовых изображений точность { $model } менялась бы на { $draw } п. п.
    (стандартное отклонение). Насколько её сдвинуло бы другое зерно, неизвестно: каждая модель обучена один
    раз.
comparison-spread =
    По зёрнам точность меняется на { $low }–{ $high } п. п. (стандартное отклонение, по моделям); при другом
    выборе стольких же тестовых изображений точность { $model } менялась бы на { $draw } п. п.
comparison-hardest =
    Труднее всего для всех моделей вместе класс { $hardest } (в среднем { $low }), легче всего { $easiest }
    ({ $high }); { $model } хуже всего на классе { $worst } ({ $accuracy }, доверительный интервал 95 %
    { $interval }).
comparison-confidence-too-much = Уверены больше, чем правы: { $models }.
comparison-confidence-too-little = Правы чаще, чем уверены: { $models }.
comparison-confidence-fits = Уверены настолько, насколько правы, если судить по этим изображениям: { $models }.
comparison-confidence-brackets = (В скобках: ожидаемая ошибка калибровки.)
comparison-agreement =
    Все модели правы на { $right } из { $n ->
        [one] { $n } изображения
        [few] { $n } изображений
       *[many] { $n } изображений
    }, все ошибаются на { $wrong }; на { $split } одни правы, другие нет (первые обучения).

## Страница

comparison-title =
    { $n ->
        [one] { $n } модель на данных { $dataset }
        [few] { $n } модели на данных { $dataset }
       *[many] { $n } моделей на данных { $dataset }
    }
comparison-kicker = Сравнение
comparison-parts = Части сравнения
comparison-heading = Сравнение моделей
comparison-pairs = Каждая пара
comparison-cost = Точность и затраты
comparison-confidence = Уверенность
comparison-classes = По классам
comparison-disagree = Где они расходятся
comparison-pairs-mean =
    На сколько процентных пунктов точности у модели строки больше, чем у модели столбца. Жирным: различие,
    которое установлено по точному критерию Мак-Немара, изображение за изображением, с поправкой Холма на
    число пар ({ $pairs }), и по интервалу 95 %. Серым: то, что по этим изображениям (их { $n }){ $several ->
        [yes] {" "}и этим обучениям
       *[no] {""}
    } нельзя отличить от нуля.
comparison-differences = Разности всех пар
comparison-differences-points = Разности всех пар, в процентных пунктах
comparison-tests = Все пары с интервалами и критериями
comparison-column-pair = Пара
comparison-column-difference = Разность, 95 % ДИ (п. п.)
comparison-column-difference-interval = Разность, 95 % ДИ
comparison-column-only-first = Права только первая
comparison-column-only-second = Права только вторая
comparison-column-p = p Мак-Немара
comparison-column-holm = с поправкой Холма
comparison-column-detectable = Различимо от
comparison-costs = Затраты всех моделей
comparison-column-accuracy = Точность, 95 % ДИ
comparison-column-over-seeds = СО по зёрнам (п. п.)
comparison-column-by-draw = СО по выбору изображений (п. п.)
comparison-column-parameters = Параметры
comparison-column-operations = Операций на ответ
comparison-column-training = Обучение
comparison-column-prediction = Один ответ
comparison-frontier-means =
    Закрашенные кружки стоят на границе: ни одна модель не точнее при тех же или меньших затратах.
    Незакрашенные ромбы превзойдены. Отрезки — интервалы Уилсона 95 %. Операции — умножения и сложения
    свёрток и произведений, как сеть описана.
comparison-frontier-title =
    Точность и { $cost ->
        [operations] число операций на ответ
       *[train_seconds] время обучения
    }
comparison-frontier-alt =
    Точность каждой модели против { $cost ->
        [operations] числа операций на ответ
       *[train_seconds] времени обучения
    }; на границе: { $kept }.
comparison-axis-parameters = параметры
comparison-axis-operations = операций с плавающей точкой на ответ
comparison-axis-train_seconds = время обучения (с)
comparison-axis-seconds_per_image = время ответа (с на изображение)
comparison-confidence-means =
    Ответы разложены по вероятности названного класса (интервалов: { $bins }): как часто они верны. Ниже пунктира
    модель говорит слишком уверенно, выше — слишком осторожно. Ожидаемая ошибка калибровки — среднее
    расстояние до прямой; безупречная модель показала бы ту, что «по случаю».
comparison-calibration = Ошибка { $error }, по случаю { $chance }; уверенность минус точность { $over }
comparison-reliability-alt =
    Точность { $model } против её уверенности (интервалов: { $bins }); ожидаемая ошибка калибровки { $error }.
comparison-by-class = Точность по классам
comparison-classes-mean =
    Доля распознанных изображений каждого класса с интервалом Уилсона 95 %; сначала самый трудный класс.
comparison-classes-left =
    { $n ->
        [one] Опущен { $n } более лёгкий класс.
        [few] Опущены { $n } более лёгких класса.
       *[many] Опущены { $n } более лёгких классов.
    }
comparison-column-class = Класс
comparison-column-images = Изображения
comparison-disagree-means =
    Изображения, на которых правы примерно половина моделей (первые обучения).
comparison-disagreement-alt = Тестовое изображение класса { $true }, о котором модели спорят
comparison-said = ответ { $said }: { $models }
