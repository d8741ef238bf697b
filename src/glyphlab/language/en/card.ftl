# The model card of an exported model.
# $dataset is the name of a set of images; figures such as $accuracy are written already.

card-title = Model card: { $model }
card-intro =
    Says which of { $n ->
        [one] 1 class
       *[other] { $n } classes
    } a { $mode ->
        [grey] grey
       *[rgb] RGB
    } image of { $size } pixels shows: { $classes }.

## Headings

card-details = Model details
card-use = Intended use
card-how = How to use it
card-factors = Factors
card-metrics = Metrics
card-evaluation-data = Evaluation data
card-training-data = Training data
card-training = Training
card-analyses = Quantitative analyses
card-ethics = Ethical considerations
card-caveats = Caveats and recommendations
card-column-file = file
card-column-bytes = bytes
card-column-class = class
card-column-images = images
card-column-accuracy = accuracy

## Model details

card-model = Network: { $model }, { $parameters } parameters.
card-what = What it is: { $description }.
card-arguments = Arguments: { $arguments }.
card-input =
    Input: uint8 { $shape }, pixels from 0 to 255 as rows of an image file have them. The network sees
    (x/255 − mean)/std of each channel, with mean { $mean } and std { $std }; ONNX and Python files do that themselves.
card-output =
    Output: { $head ->
        [logits] a logit for each class
        [sigmoid] the sigmoid of each class's output, which the notebook takes for a logit
       *[softmax] the softmax of the outputs, which the notebook takes for logits
    }; their softmax are the probabilities.
card-versions = Made by: { $versions }.
card-licence =
    Licence: glyphlab's source is under the MIT licence. The weights are those of who trained them; whether they may be
    passed on depends on the training images, too.

## Use

card-intended = To name small images of the kind that it was trained on, to teach, and to compare models.
card-not-intended =
    Not for decisions about people, and not for images of another kind before it has been tested on such.
card-use-onnx = With `pip install onnxruntime numpy`, or ONNX Runtime in any other language:
card-use-int8 =
    { $file } is used in the same way; it is smaller, and its figures are below.
card-use-safetensors = With `pip install torch safetensors`, for a network with layers of these names:
card-use-import = glyphlab makes a run of it again by:
card-use-python = With `pip install torch safetensors pillow`:
card-use-glyphlab = With glyphlab, where RUN is the folder of the run:

## Factors

card-form =
    The training images are { $size }×{ $size } pixels, with a ground of { $background } and letters of { $ink } (of 255); the
    longer side of a letter is { $extent } of the image's, and { $centring ->
        [mass] its centre of mass
       *[box] the box around it
    } stands in the middle. Images that depart from that are named worse. `glyphlab predict` brings photographs and scans to
    this form; the exported files do not.
card-form-unknown =
    How letters stand in the training images is not known. Images of another size, on another ground or off the middle
    are named worse.

## Metrics

card-accuracy-is = Accuracy is the share of images whose own class gets the highest probability.
card-interval-is =
    Intervals are Wilson's at 95 %: what other images of the same kind would give. They say nothing of images of another
    kind.

## Data

card-images =
    { $dataset }: { $n ->
        [one] 1 image
       *[other] { $n } images
    }, fingerprint { $fingerprint }.
card-not-tested = It was not tested when this was written; `glyphlab export --check DATA` does so.
card-only-look =
    The export looked at them once, and nothing was chosen by them; whether others did so before is
    not known to it. They stay test images only if no change of the model follows from this figure.
card-tested-on-training =
    These are the images that it was trained on: the accuracy below says nothing of others.
card-training-unknown = What it was trained on is not known.
card-validation =
    { $n ->
        [one] 1 more image was
       *[other] { $n } more images were
    } held out to validate on.
card-no-audit = No audit of these images is at hand; `glyphlab data audit` makes one.
card-audit-of-others = The audit at hand is of other images ({ $dataset }).
card-audit = What an audit found in them:
card-imported = The weights were imported; how they were trained is not known.
card-trained =
    { $epochs ->
        [one] 1 epoch
       *[other] { $epochs } epochs
    } in { $time } on { $machine }, in { $precision }, with the seed { $seed }.
card-notebook =
    It was trained by the lab notebook's own procedure, with the defects that this has.
card-recipe = The Recipe:

## Analyses

card-accuracy =
    Accuracy { $accuracy } (95 % interval { $interval }) on { $n ->
        [one] 1 image
       *[other] { $n } images
    } of { $dataset }, computed in float32.
card-calibration =
    Its confidence differs from its accuracy by { $error } in the mean (expected calibration error, 15 bins).
card-validation-accuracy = Accuracy on the validation images, at the end of the training: { $accuracy }.
card-agreement =
    The largest difference of a probability between the exported file and glyphlab: { $difference }, on { $images ->
        [examples] { $n ->
            [one] 1 built-in example
           *[other] { $n } built-in examples
        }
       *[dataset] { $n ->
            [one] 1 image
           *[other] { $n } images
        } of { $dataset }
    }.
card-int8 =
    The int8 model, set by { $n ->
        [one] 1 image
       *[other] { $n } images
    } of { $dataset }: { $size } of the bytes, { $speed } times the images per second of the float32 model on the machine that
    wrote this, and the same class for { $same } of the images.
card-int8-accuracy =
    Its accuracy: { $accuracy } (95 % interval { $interval }); minus that of the float32 model: { $difference } ({ $span }).
card-no-analyses = None was made.

## Ethics and caveats

card-ethics-rights =
    The training images are other people's work; before the weights or examples are passed on, see what their licence
    allows.
card-ethics-people = It knows nothing of people, and nothing in it was chosen with regard to groups of them.
card-any-image = It names one of its classes for any image, also for one that shows none of them.
card-unlike =
    With the run itself, glyphlab tells images that are unlike all that the network was trained on, by their distance to
    training images that the run keeps; this file alone can't.
card-scaling =
    { $tested ->
        [yes] It was tested on nothing but the images named above
       *[no] It was not tested
    }: how it does on other fonts, handwriting, photographs, noise or turned images is not known.
card-one-training = This is one training; the same Recipe with another seed gives another accuracy.
