# How objects show themselves in Jupyter, and the notebook of a lab.

notebook-dataset =
    Dataset { $dataset }: { $n } { $mode ->
        [grey] grey
       *[rgb] RGB
    } images of { $size }, { $classes } classes ({ $names })
notebook-column-class = class
notebook-column-images = images
notebook-sheet-alt = Images of each class
notebook-run =
    Run { $path }: { $model } on { $dataset }, { $state ->
        [finished] finished
       *[unfinished] not finished
    }
notebook-run-imported = Run { $path }: { $model }, weights imported
notebook-run-parameters = parameters
notebook-run-images = images
notebook-run-epochs = epochs
notebook-run-seconds = seconds
notebook-run-train-accuracy = training accuracy
notebook-run-validation-accuracy = validation accuracy
notebook-learned = { $n } to learn, { $validated } to validate
notebook-evaluation =
    Evaluation of { $model } (seed { $seed }) on { $dataset }: accuracy { $accuracy } (95 % interval
    { $interval }), { $n } images
notebook-true-said = true \ said
notebook-accuracy = accuracy
notebook-comparison = Comparison on { $n } images of { $dataset }: { $models }
notebook-models-on = { $models } models on { $n } images of { $dataset }
notebook-column-model = model
notebook-column-trainings = trainings
notebook-column-accuracy = accuracy
notebook-column-interval = 95 % interval
notebook-column-calibration = calibration error
notebook-column-parameters = parameters
notebook-column-best = against the best
notebook-the-best = the best
notebook-against-best =
    { $told ->
        [worse] worse
       *[same] no difference can be told
    } ({ $interval })
# A dot with its interval, and a curve from its lowest to its highest value; the names follow.
notebook-interval-alt = { $middle }, from { $low } to { $high }
notebook-curve = { $title }, { $low } to { $high }:
notebook-models = The models
notebook-models-mean = Each was trained before; { $fit } trains another.
notebook-predictions =
    Predictions of { $model } for { $n ->
        [one] 1 image
       *[other] { $n } images
    }
notebook-prediction-image = image
notebook-prediction-class = class
notebook-prediction-probability = probability
notebook-prediction-second = runner-up
notebook-prediction-unlike = remark
notebook-unlike = unlike all that it was trained on
