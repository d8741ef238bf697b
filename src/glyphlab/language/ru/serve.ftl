# Страница команды `glyphlab serve`: нарисовать или принести изображение и увидеть, что о нём скажет каждая модель.

serve-title = Что это? · glyphlab
serve-skip = К ответу
serve-languages = Язык
serve-heading = Что это?
serve-lede = Рисуйте в квадрате или принесите изображения: выберите файлы, перетащите их сюда или вставьте через Ctrl-V.
serve-no-script = Этой странице нужен JavaScript; включите его и загрузите страницу снова.

## На что смотрят модели

serve-desk = Изображение
serve-canvas = Место для рисования мышью, пером или пальцем
serve-hint = Рисуйте здесь
serve-no-preview = Этот браузер не может показать изображение; модели на него всё равно посмотрят.
serve-pen = Толщина пера
serve-undo = Отменить
serve-clear = Очистить
serve-choose = Выбрать файлы…
serve-pictures = Что рассматривается
serve-drawing = Рисунок
# $name — имя файла.
serve-remove = Убрать { $name }
serve-drop = Отпустите изображения

## Что говорят модели

serve-answer = Ответ
serve-models = Модели
serve-nothing-yet = Рисуйте — ответ придёт сразу.
serve-all-off = Все модели выключены; включите хотя бы одну.
# $model — имя модели, $class — класса.
serve-says = Ответ модели { $model }: { $class }.
serve-both-say = Обе модели говорят: { $class }.
serve-all-say = Все модели говорят: { $class }.
# $answers — перечень из `serve-answer-of`.
serve-disagree = Модели расходятся: { $answers }.
# То же для моделей с разными классами: согласиться они не могут.
serve-severally = { $answers }.
# $models — перечень имён моделей.
serve-answer-of = { $class } ({ $models })
# Для тех, кто слушает; $probability — с единицей.
serve-spoken = { $model }: { $class }, { $probability }.
serve-unlike = Не похоже ни на что из обучения
serve-seen = Что она видела
serve-looked = Куда смотрела
serve-nearest = Ближайшие обучающие изображения
serve-all-classes = Все классы
serve-likeliest = Только вероятные
# $parameters — записанное число, $dataset — имя обучающих изображений.
serve-about = { $dataset } · параметров: { $parameters }
# $accuracy — в процентах.
serve-validated = на отложенных изображениях верно { $accuracy }
# $classes — перечень имён.
serve-knows = Известные классы: { $classes }

## Что может не получиться

serve-busy = Сервер занят.
serve-unreachable = Сервер не отвечает.
serve-failed = Сервер дал сбой; причина — в его журнале.
serve-again = Новая попытка через { $seconds } с.
serve-now = Попробовать сейчас
serve-token =
    Этому серверу нужен ключ: откройте весь адрес, который напечатала команда glyphlab serve, — он заканчивается на #token=…
# $name — имя файла.
serve-no-image = { $name } — не изображение.
serve-empty-file = Файл { $name } пуст.
# $size и $most — с единицами.
serve-too-large = { $name }: { $size }; сервер принимает не больше { $most }.
serve-gone = Файл { $name } больше не читается; выберите его снова.
serve-nothing-dropped = Среди перетащенного нет файлов.
serve-nothing-pasted = Вставить нечего: сначала скопируйте изображение.
serve-too-many = В списке может быть не больше { $count } изображений; остальные пропущены.

## Чему сервер отказывает

# $most — записанное число, $name — в кавычках.
serve-refused-bytes = В запросе может быть не больше { $most } байт; пошлите меньше изображений или меньшие.
serve-refused-images = В запросе может быть не больше { $most } изображений; остальные пошлите следующим.
serve-refused-nothing = В запросе нет изображения; пошлите его.
# $known — перечень имён.
serve-refused-model = Модели { $name } нет; есть { $known }.
serve-refused-image = { $name } не читается как изображение: { $reason }.
serve-unread-damaged = файл повреждён
serve-unread-truncated = файл обрывается
serve-unread-pixels = в нём больше { $most } пикселей
