# What a comparison of models says, and the page that shows it.

## Which to take, in plain words

choice-heading = Which model to take, and why
choice-best =
    Take { $model }: it is more accurate than { $others ->
        [one] the other model
       *[other] each of the { $others } other models
    }, by { $gain } points or more. That is beyond chance: they were compared on the same { $n } images.
choice-rivals =
    Take { $model }, which has the highest accuracy; but whether it is better than { $rivals } can’t be told
    from these { $n } images, so that another reason may decide.
# $times is a number of times, $loss a difference of accuracy with its sign.
choice-cheap =
    Where a prediction must cost little, take { $model }: it needs { $times } times fewer operations, and
    recognises { $accuracy } of the images ({ $loss }).

## Sentences

# $figures is comparison-pair-figures.
comparison-better = { $first } is better than { $second } ({ $figures }).
comparison-worse = { $first } is worse than { $second } ({ $figures }).
comparison-seeds-differ =
    Trainings of { $first } and of { $second } differ on these { $n } images, but too much from seed to
    seed to say which model is better ({ $figures }).
comparison-no-difference =
    No difference between { $first } and { $second } can be told from these { $n } images ({ $figures });
    one of { $detectable } points would have been found four times out of five.
comparison-pair-figures =
    difference { $difference }, 95 % interval { $interval }, exact McNemar { $p } after Holm’s correction,
    n = { $n }{ $trainings ->
        [one] {""}
       *[other] , { $trainings } trainings of each
    }
comparison-best =
    { $model } has the highest accuracy: { $accuracy } of { $n } images (95 % interval { $interval }{ $trainings ->
        [one] {""}
       *[other] , mean of { $trainings } trainings
    }).
comparison-rivals = On these images it can’t be told from { $rivals } (to { $rival }: { $figures }).
comparison-better-than-all = It is better than every other one; the nearest: { $pair }
comparison-cheapest =
    Of these { $model } takes the fewest { $cost ->
        [operations] operations a prediction
       *[train_seconds] seconds of training
    }: { $price } in place of { $best }.
comparison-each-step = More operations bring more accuracy at each step: { $models }.
comparison-cheapest-and-best =
    { $model } is the most accurate here and takes the fewest operations a prediction.
comparison-frontier =
    By operations a prediction { $models } stand on the frontier; for { $beaten } there is one that is as
    accurate on these images and cheaper.
comparison-draw =
    With another draw of as many test images the accuracy of { $model } would vary by { $draw } points
    (standard deviation). How far another seed would move it is unknown: each model was trained once.
comparison-spread =
    Over seeds the accuracy varies by { $low } to { $high } points (standard deviation, by model); with
    another draw of as many test images that of { $model } would vary by { $draw } points.
comparison-hardest =
    Hardest for all models together is { $hardest } ({ $low } in the mean), easiest { $easiest }
    ({ $high }); { $model } is worst on { $worst } ({ $accuracy }, 95 % interval { $interval }).
comparison-confidence-too-much = More confident than right: { $models }.
comparison-confidence-too-little = More often right than confident: { $models }.
comparison-confidence-fits = As confident as right, as far as these images can tell: { $models }.
comparison-confidence-brackets = (In brackets: expected calibration error.)
comparison-agreement =
    All models are right on { $right } of the { $n } images and all are wrong on { $wrong }; on { $split }
    some are right and some wrong (first trainings).

## The page

comparison-title =
    { $n ->
        [one] 1 model on { $dataset }
       *[other] { $n } models on { $dataset }
    }
comparison-kicker = Comparison
comparison-parts = Parts of the comparison
comparison-heading = The models compared
comparison-pairs = Every pair
comparison-cost = Accuracy and cost
comparison-confidence = Confidence
comparison-classes = Class by class
comparison-disagree = Where they disagree
comparison-pairs-mean =
    How many points of accuracy the model of the row has more than that of the column. Bold: a difference
    that can be told, by the exact McNemar test, image by image, after Holm’s correction for { $pairs } { $pairs ->
        [one] pair
       *[other] pairs
    }, and by the 95 % interval. Grey: one that can’t be told from none by these { $n } images{ $several ->
        [yes] {" "}and these trainings
       *[no] {""}
    }.
comparison-differences = Differences of all pairs
comparison-differences-points = Differences of all pairs, in points
comparison-tests = All pairs with intervals and tests
comparison-column-pair = Pair
comparison-column-difference = Difference, 95 % interval (points)
comparison-column-difference-interval = Difference, 95 % interval
comparison-column-only-first = Only the first right
comparison-column-only-second = Only the second right
comparison-column-p = McNemar p
comparison-column-holm = after Holm
comparison-column-detectable = Could be told from
comparison-costs = Costs of all models
comparison-column-accuracy = Accuracy, 95 % interval
comparison-column-over-seeds = SD over seeds (points)
comparison-column-by-draw = SD by the draw of images (points)
comparison-column-parameters = Parameters
comparison-column-operations = Operations a prediction
comparison-column-training = Training
comparison-column-prediction = A prediction
comparison-frontier-means =
    Filled circles stand on the frontier: no model is more accurate at the same or a lower cost. Open
    diamonds are beaten. Bars are Wilson’s 95 % intervals. Operations are those of products and
    convolutions, as the network is described.
comparison-frontier-title =
    Accuracy against { $cost ->
        [operations] operations a prediction
       *[train_seconds] seconds of training
    }
comparison-frontier-alt =
    Accuracy of each model against { $cost ->
        [operations] operations a prediction
       *[train_seconds] seconds of training
    }; on the frontier: { $kept }.
comparison-axis-parameters = parameters
comparison-axis-operations = floating-point operations of a prediction
comparison-axis-train_seconds = training time (s)
comparison-axis-seconds_per_image = time of a prediction (s an image)
comparison-confidence-means =
    Predictions in { $bins } bins by the probability of the predicted class: how often they are right.
    Below the dotted line a model says too much, above it too little. The expected calibration error is
    the mean distance from the line; a perfect model would show the one “by chance”.
comparison-calibration = Error { $error }, by chance { $chance }; confidence minus accuracy { $over }
comparison-reliability-alt =
    Accuracy of { $model } against its confidence in { $bins } bins; expected calibration error { $error }.
comparison-by-class = Accuracy by class
comparison-classes-mean =
    Share of each class’s images that are recognised, with Wilson’s 95 % interval; the hardest class first.
comparison-classes-left =
    { $n ->
        [one] 1 easier class is left out.
       *[other] { $n } easier classes are left out.
    }
comparison-column-class = Class
comparison-column-images = Images
comparison-disagree-means = Images of which nearest to half of the models are right (first trainings).
comparison-disagreement-alt = Test image of { $true } on which models disagree
comparison-said = said { $said }: { $models }
