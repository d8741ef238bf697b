# The report of a lab: page, Markdown, and sentences of its summary.

images =
    { $n ->
        [one] 1 image
       *[other] { $n } images
    }
image-number = image { $number }

## The page: heading, parts, facts

lab-title = The lab on { $dataset }
lab-kicker = Laboratory report
lab-headline =
    The most accurate{ $of ->
        [one] {""}
       *[other] {" "}of { $of }
    } is { $model }: it recognises { $accuracy } of the { $n } test images (95 % interval { $low } to { $high }{ $trainings ->
        [one] {""}
       *[other] , mean of { $trainings } trainings
    }).
lab-trained-on = Trained on
lab-tested-on = Tested on
lab-classes = Classes
lab-trainings-of-each = Trainings of each model
lab-seeds =
    { $n ->
        [one] seed { $seeds }
       *[other] seeds { $seeds }
    }
lab-parts = Parts of the report
lab-summary = Summary
lab-answers = The tasks answered
lab-evidence = Evidence
lab-evidence-means =
    One experiment for each claimed cause of the differences. What must come out for a claim to be
    supported was stated before any training. These trainings are short, to compare like with like;
    the accuracies above are those to expect.
lab-data = The images
# $train and $test are names of datasets, with where they were read from in brackets.
lab-data-means =
    The models learned from { $n } images of { $train } and were tested once, on { $tested } images of
    { $test }. Some of the training images:
lab-strip =
    { $n ->
        [one] 1 training image of { $name }
       *[other] { $n } training images of { $name }
    }
lab-models = Model by model
lab-models-list = Models
lab-again-means =
    This command makes the report again. The same images, seeds, versions and kind of machine give the
    same figures, times aside.
lab-machine = Machine
lab-versions = Versions
lab-seeds-heading = Seeds
lab-intervals = Intervals
lab-intervals-means = Test accuracy: Wilson’s score interval at 95 %, for the draw of the test images.
lab-warning-same = The test set is the training set: no accuracy here says anything.
lab-warning-few =
    { $n } test images can't tell { $models } models apart, whatever they answer; test on some hundreds.
lab-warning-wide = The test set has { $n } images only: intervals are wide.
lab-warning-skipped = { $n } files could not be used; glyphlab data show lists them.

## The table of results

column-model = Model
column-protocol = Protocol
column-trainings = Trainings
column-parameters = Parameters
column-train-accuracy = Training accuracy
column-validation-accuracy = Validation accuracy
column-test-accuracy = Test accuracy
column-interval = 95 % interval
column-test-accuracy-interval = Test accuracy, 95 % interval
column-train-time = Training time
column-pace = Images/s in training
lab-means-uneven = Means over each model’s trainings.
lab-means-over =
    { $n ->
        [one] One training of each model.
       *[other] Means over { $n } trainings of each model.
    }
lab-accuracy-is = Accuracy is the share of images recognised.
lab-results = Results of all models
lab-best-means =
    ★ marks the best of its column: the highest validation and test accuracy, the fewest parameters and
    seconds, the most images per second. Training accuracy has no best: it is no merit to know the images
    one has learned.
lab-chance-where = Whether a difference between two models is more than chance is said under the tasks.
lab-forest-alt = Test accuracy of each model with its 95 % interval; the numbers stand in the table above.
lab-forest-caption = Test accuracy (share of { $n } images) with its 95 % interval.
lab-forest-protocols = Filled: corrected protocol; open: the notebook’s.

## A model

lab-model-figures = { $n } parameters · test accuracy { $accuracy } ({ $interval }) · trained in { $time }
lab-by-seed = by seed { $accuracies }
lab-of-seed = (seed { $seed })
lab-confusion = Confusion matrix
lab-confusion-of = Confusion matrix of { $model }
lab-confusion-means =
    Choose a cell to see its images: of mistakes the surest, of hits the least sure. Counts of test
    images: rows are the true class, columns what the model said.
lab-true-class = true class
# A cell of the matrix: $count of the $total images of the class $true.
lab-cell-right = { $true } recognised: { $count } of { $total }
lab-cell-wrong = { $true } taken for { $said }: { $count } of { $total }
lab-all-recognised = All { $n } images are recognised.
# $pairs are made of lab-taken-for.
lab-most-confused = Most frequent mistakes: { $pairs }; { $all } in all.
lab-taken-for = { $true } taken for { $said } ({ $count })
# $size is height × width of a filter.
lab-filters =
    First layer: { $n ->
        [one] { $n } filter of { $size }
       *[other] { $n } filters of { $size }
    }
lab-filters-some = First layer: { $shown } of { $n } filters of { $size }
lab-filters-alt =
    The weights of { $n ->
        [one] { $n } filter
       *[other] { $n } filters
    } of the first layer of { $model }, as grey values
lab-filters-means = Mid grey is a weight of 0, white the filter’s largest weight, black its negative.
lab-mistakes = The most confident mistakes
lab-mistake = { $true }, said { $said }
lab-mistake-alt = Test image of { $true } that { $model } takes for { $said }
lab-probability = probability { $probability }
lab-saliency-alt = The same, with the pixels on which that hangs in orange
lab-saliency-means =
    Beside each image, orange: the pixels that move the balance between what was said and what is true
    most (the absolute gradient of the difference of both logits).
lab-layers = One image through its layers
lab-layers-mean =
    The test image on which the models disagree most. Of each layer at most 16 maps; mid grey is 0, white
    a map’s largest value, black its negative.
lab-layer-size =
    { $n ->
        [one] 1 map of { $size }
       *[other] { $n } maps of { $size }
    }
lab-layer-alt = What the layer { $layer } of { $model } makes of it
lab-chosen-alt = The test image { $id }, of { $true }
lab-recipe = The recipe it was trained by

## Figures

figure-loss = Loss
figure-accuracy = Accuracy
figure-training = training
figure-validation = validation
figure-epoch = epoch
figure-loss-axis = cross-entropy loss (nats)
figure-accuracy-axis = accuracy (share)
figure-test-accuracy = test accuracy (share)
figure-accuracy-interval = test accuracy (share), with 95 % interval
figure-confidence = confidence (probability)
figure-predicted = predicted
figure-true = true
# For those who can't see a curve; $parts are made of the two below.
figure-curve-alt =
    { $what ->
        [loss] Loss
       *[accuracy] Accuracy
    } of { $model } against epoch: { $parts }.
figure-alt-training = training from { $first } to { $last } in epoch { $epoch }
figure-alt-validation = validation from { $first } to { $last } in epoch { $epoch }

## Markdown

markdown-note = Note:
markdown-accuracy-is = Accuracy is the share of images recognised, a mean over the trainings.
markdown-accuracy-alt = Test accuracy of each model with its 95 % interval
markdown-data-training = training: { $dataset }, { $n } images
markdown-data-training-from = training: { $dataset }, { $n } images from { $source }
markdown-data-test = test: { $dataset }, { $n } images
markdown-data-test-from = test: { $dataset }, { $n } images from { $source }
markdown-classes = classes: { $classes }
markdown-evidence-size = { $trainings } trainings, { $seeds } seeds, { $n } test images.
markdown-mistakes-of = The most confident mistakes of { $model }
markdown-filters-of = First-layer filters of { $model }
markdown-from-left = From left to right:
markdown-column-true = True
markdown-column-said = Said
markdown-column-probability = Probability
markdown-column-image = Image
markdown-machine = machine: { $machine }
markdown-versions = versions: { $versions }
markdown-seeds = seeds: { $seeds }
markdown-intervals =
    intervals of test accuracy: Wilson’s score interval at 95 %, for the draw of the test images
