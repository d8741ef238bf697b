# Experiments, one for each claimed cause of differences between models.

## The page, and the part of a lab's report

evidence-kicker = Evidence
evidence-nav = Experiments
evidence-heading = One experiment for each claim
# $name is the Dataset's.
evidence-page-title = What { $name } says to each claim
evidence-verdict-supported = The figures support this.
evidence-verdict-contradicted = The figures contradict this.
evidence-verdict-undecided = The figures can’t decide this.
# $duration is a time with its unit.
evidence-cost =
    { $trainings ->
        [one] { $trainings } training
       *[other] { $trainings } trainings
    }, { $seeds ->
        [one] { $seeds } seed
       *[other] { $seeds } seeds
    }, { $images ->
        [one] { $images } test image
       *[other] { $images } test images
    }, { $duration }.
evidence-bands = Bands are 95 % intervals that hold seeds and test images.
# $title is an experiment's, as `evidence-pooling-title`.
evidence-figures = Figures of { $title }
# What a chart shows, for those who can't see it; $y and $x are the labels of its axes.
evidence-chart-alt = { $title }: { $y } against { $x }; the figures stand in the table.

## What is compared: rows of tables, lines of charts, and names within sentences
## $model is the name of a model, as mlp.

evidence-with-images =
    { $name }, { $images ->
        [one] { $images } image
       *[other] { $images } images
    }
evidence-permuted = { $model }, pixels permuted
evidence-taught = { $model }, trained with shifts
evidence-second-convolution = a second convolution
evidence-second-max = max pooling
evidence-second-mean = mean pooling
evidence-second-stride = a stride of 2
evidence-way-none = none
evidence-way-l1 = l1
evidence-way-l2 = l2
evidence-way-dropout = dropout
evidence-schedule-constant = constant
evidence-schedule-step = step
evidence-schedule-exponential = exponential
evidence-schedule-plateau = plateau
evidence-schedule-cosine = cosine
evidence-schedule-onecycle = onecycle
evidence-wrong-labels = { $share }% wrong labels
evidence-head-logits = logits
evidence-head-sigmoid = sigmoid, taken for logits
evidence-as-many-parameters = { $model }, as many parameters
evidence-as-many-operations = { $model }, as many operations

## What a check found; $first and $second are names of what is compared

# $title is one of the sentences' beginnings that follow, or one of an experiment's own checks;
# $difference and $interval are in points.
evidence-check = { $title }: { $difference } (95 % interval { $interval }).
evidence-against = { $first } against { $second }
evidence-loses-more =
    What { $second } loses more than { $first } by a shift of { $shift ->
        [one] { $shift } pixel
       *[other] { $shift } pixels
    }

## Heads of columns

evidence-column-accuracy = accuracy
evidence-column-calibration = calibration error
evidence-column-gap = gap (points)
evidence-column-head = head
evidence-column-highest-probability = highest probability
evidence-column-images = images
evidence-column-in-place = pixels in place
evidence-column-interval = 95 % interval
evidence-column-labels = training labels
evidence-column-model = model
evidence-column-moved = moved by 2 pixels
evidence-column-network = network
evidence-column-parameters = parameters
evidence-column-permuted = pixels permuted
evidence-column-pixels =
    { $shift ->
        [one] { $shift } pixel
       *[other] { $shift } pixels
    }
evidence-column-regularisation = regularisation
evidence-column-schedule = schedule
evidence-column-second = after the first convolution
evidence-column-seconds = s
evidence-column-size =
    { $images ->
        [one] { $images } image
       *[other] { $images } images
    }
evidence-column-test-accuracy = test accuracy
evidence-column-test-minus-training = test − training (points)
evidence-column-training-accuracy = training accuracy
evidence-column-training-loss = training loss

## Axes of charts

evidence-axis-accuracy = test accuracy (share)
evidence-axis-images = training images
evidence-axis-shift = shift of the test images (pixels)

## training-size

evidence-training-size-title = training-size
evidence-training-size-claim = More data helps, and some models need more.
evidence-training-size-method =
    Every model of the ladder on 50, 100, 1,000, 5,000, … images, for four epochs and at least 60
    steps of 64 images, by its own Recipe.
evidence-training-size-chart = Accuracy against training size
# $most and $least are models; $most_gain and $least_gain are in points.
evidence-training-size-gains =
    From { $images } to { $more ->
        [one] { $more } image
       *[other] { $more } images
    } { $most } gains most ({ $most_gain }) and { $least } least ({ $least_gain }).
evidence-training-size-best =
    With { $images ->
        [one] { $images } image
       *[other] { $images } images
    } { $model } is the most accurate ({ $accuracy }).

## pixel-order

evidence-pixel-order-title = pixel-order
evidence-pixel-order-claim = Convolutions use that neighbouring pixels belong together.
evidence-pixel-order-method =
    The pixels of all images, training and test, in one other order, drawn once; no augmentation.
    Logistic regression and the fully connected network must not change (by more than a point),
    convolutions must fall.

## shift-tolerance

evidence-shift-tolerance-title = shift-tolerance
evidence-shift-tolerance-claim = Weight sharing gives tolerance to shift.
evidence-shift-tolerance-method =
    Test images moved by 0 to 6 pixels, right, down, left and up in turns; models trained without
    augmentation, and with random shifts of up to 4 pixels alone. Judged at 2 pixels: networks with
    convolutions, trained without shifts, must lose less than the fully connected one.
evidence-shift-tolerance-without = Trained without shifts
evidence-shift-tolerance-with = Trained with shifts

## pooling

evidence-pooling-title = pooling
evidence-pooling-claim = Pooling trades position for speed.
evidence-pooling-method =
    After one convolution: a second one, as in task 1; max and mean pooling, as in task 2; a
    convolution of 2×2 with a stride of 2. One Recipe, no augmentation. Networks that pool must lose
    less accuracy than that of task 1 when the test images are moved by 2 pixels.
evidence-pooling-chart = What becomes of each square of 2×2
# $label and $none are names as `evidence-second-max`; $difference is in points.
evidence-pooling-gain =
    With { $label } in place of { $none } a training takes { $seconds } s in place of { $before } s,
    and the accuracy changes by { $difference }.
evidence-pooling-faster = That pooling is faster holds beyond the spread over seeds.

## regularisation
## $way is a name as `evidence-way-l2`.

evidence-regularisation-title = regularisation
evidence-regularisation-claim = Fully connected networks overfit without regularisation.
evidence-regularisation-method =
    The fully connected network by Adam without augmentation, weight decay and label smoothing: with
    nothing, l1, l2, or dropout, on few and on many images. Without regularisation the training
    accuracy must lie above the test accuracy, and by more than with each.
evidence-regularisation-gap =
    Gap with { $images ->
        [one] { $images } image
       *[other] { $images } images
    } and no regularisation
evidence-regularisation-smaller =
    Gap of training and test with { $images ->
        [one] { $images } image
       *[other] { $images } images
    }, no regularisation against { $way }
evidence-regularisation-best =
    With { $images ->
        [one] { $images } image
       *[other] { $images } images
    } the most accurate on test images is: { $way } ({ $accuracy }, without regularisation
    { $without }). A smaller gap alone is no merit.

## schedules

evidence-schedules-title = schedules
evidence-schedules-claim = A decaying learning rate helps.
evidence-schedules-method =
    The network of task 2 by SGD with momentum 0.9 and the same highest rate, 0.05, for as many
    steps: a constant rate against each that decays. Every one must be more accurate than the
    constant one.

## label-noise
## $label is a name as `evidence-wrong-labels`.

evidence-label-noise-title = label-noise
evidence-label-noise-claim =
    A test accuracy above the training accuracy comes from wrong training labels.
evidence-label-noise-method =
    The network of task 2 on training images of which 0, 5, 10 and 20 % get the label of any other
    class; test labels stay as they are. Training accuracy is measured with the labels that were
    trained on. Test minus training must grow with the share.
evidence-label-noise-check = Test minus training accuracy with { $label } against none
evidence-label-noise-above =
    With { $label } the accuracy on clean test images lies { $points } points above that on the
    training images: what the notebook shows and does not explain.
evidence-label-noise-below = Even with { $label } training lies above test here.

## notebook-head

evidence-notebook-head-title = notebook-head
evidence-notebook-head-claim = The notebook's loss caps its probabilities.
evidence-notebook-head-method =
    The network of task 2, with its logits, and with sigmoid outputs that are taken for logits, as
    in the notebook; all else the same. Probabilities and loss must keep to the bounds that follow
    from outputs between 0 and 1, and the calibration error must be larger.
evidence-notebook-head-bounds =
    By arithmetic no probability can pass { $cap } and no loss fall below { $floor }; the highest
    probability on a test image is { $highest }, the lowest training loss { $lowest }.
evidence-notebook-head-calibration = Expected calibration error, sigmoid against logits
# $sentence is `evidence-check` of two accuracies.
evidence-notebook-head-accuracy = Accuracy: { $sentence }

## capacity

evidence-capacity-title = capacity
evidence-capacity-claim = Capacity, not convolution, makes the difference.
evidence-capacity-method =
    LeNet-5 beside a fully connected network of one hidden layer and a network of two convolutions,
    once with as many parameters and once with as many operations a prediction; one Recipe, as many
    steps, no augmentation. By the claim neither network with convolutions must be better than the
    fully connected one (by a point at the most).
