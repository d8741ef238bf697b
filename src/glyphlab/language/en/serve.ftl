# The page of `glyphlab serve`: draw or bring an image, and see what each model says of it.

serve-title = What is this? · glyphlab
serve-skip = To the answer
serve-languages = Language
serve-heading = What is this?
serve-lede = Draw in the square, or bring images: choose files, drop them anywhere here, or paste with Ctrl-V.
serve-no-script = This page needs JavaScript; switch it on and load the page again.

## What to look at

serve-desk = Image
serve-canvas = Place to draw with mouse, pen or finger
serve-hint = Draw here
serve-no-preview = This browser can’t show the image; the models look at it all the same.
serve-pen = Pen width
serve-undo = Undo
serve-clear = Clear
serve-choose = Choose images…
serve-pictures = Looked at
serve-drawing = Drawing
# $name is the name of a file.
serve-remove = Remove { $name }
serve-drop = Drop the images

## What the models say

serve-answer = Answer
serve-models = Models
serve-nothing-yet = Draw, and the answer comes at once.
serve-all-off = Every model is off; switch one on.
# $model is the name of a model, $class of a class.
serve-says = { $model } says { $class }.
serve-both-say = Both models say { $class }.
serve-all-say = All models say { $class }.
# $answers is a list of `serve-answer-of`.
serve-disagree = The models disagree: { $answers }.
# The same for models that know different classes, which can’t agree.
serve-severally = { $answers }.
# $models is a list of names of models.
serve-answer-of = { $class } ({ $models })
# For who listens; $probability has its unit.
serve-spoken = { $model }: { $class }, { $probability }.
serve-unlike = Unlike anything it was trained on
serve-seen = What it saw
serve-looked = Where it looked
serve-nearest = Nearest training images
serve-all-classes = All classes
serve-likeliest = Likeliest only
# $parameters is a number that is written already, $dataset the name of the training images.
serve-about = { $dataset } · parameters: { $parameters }
# $accuracy is in percent.
serve-validated = held-out images: { $accuracy } right
# $classes is a list of names.
serve-knows = Known classes: { $classes }

## What can go wrong

serve-busy = The server is busy.
serve-unreachable = The server does not answer.
serve-failed = The server failed; its log says why.
serve-again = Trying again in { $seconds } s.
serve-now = Try now
serve-token =
    This server wants its token: open the whole address that glyphlab serve printed, with #token= at its end.
# $name is the name of a file.
serve-no-image = { $name } is no image.
serve-empty-file = { $name } is empty.
# $size and $most have their units.
serve-too-large = { $name } has { $size }; the server takes { $most } at most.
serve-gone = { $name } can’t be read any more; choose it again.
serve-nothing-dropped = There was no file in what you dropped.
serve-nothing-pasted = There is no image to paste; copy an image first.
serve-too-many = { $count } images are listed at most; the rest was left out.

## What the server refuses

# $most is written already, $name in quotes.
serve-refused-bytes = A request may have { $most } bytes at most; send fewer or smaller images.
serve-refused-images = A request may hold { $most } images at most; send the rest in another one.
serve-refused-nothing = There is no image in the request; send one.
# $known is a list of names.
serve-refused-model = There is no model { $name }; use { $known }.
serve-refused-image = { $name } can't be read as an image: { $reason }.
serve-unread-damaged = damaged
serve-unread-truncated = truncated
serve-unread-pixels = it has more than { $most } pixels
