# Answers to the lab's tasks. Model names come as they are written everywhere: conv2, conv-pool, …

answer-copies =
    .task = Lab 1
    .title = Copies left out
    .question = Do training images repeat each other, or test images, and what would that change?
answer-task-1 =
    .task = Task 1
    .title = Two convolutions
    .question = How accurate is a network of two convolutions and one dense layer?
answer-task-2 =
    .task = Task 2
    .title = Pooling in place of a convolution
    .question = What does pooling in place of one convolution do to the accuracy?
answer-task-3 =
    .task = Task 3
    .title = LeNet-5
    .question = How accurate is LeNet-5?
answer-task-4 =
    .task = Task 4
    .title = All models compared
    .question = Which model is best, and how can the differences be explained?
answer-notebook =
    .task = The notebook
    .title = What its numbers hide
    .question = What does the original procedure give, and what is wrong with it?

lab-recognises =
    { $model } recognises { $accuracy } of { $n } test images (95 % interval { $interval }).
lab-recognises-over-seeds =
    { $model } recognises { $accuracy } of { $n } test images (95 % interval { $interval }) with the first
    seed; over { $seeds } seeds the mean is { $mean }, from { $low } to { $high }.
# $parts are made of the three below.
lab-accuracies = Its accuracy is { $parts }.
lab-accuracy-on-training = { $accuracy } on training images
lab-accuracy-on-validation = { $accuracy } on validation images
lab-accuracy-on-test = { $accuracy } on test images

# $times, $seconds_… and $pace_… are numbers that are written already.
answer-pooling-time =
    { $pool } took { $times } times { $pace ->
        [less] less
       *[more] more
    } time to train: { $seconds_pool } s against { $seconds_conv } s, each by its own recipe; a second of
    training passed { $pace_pool } images through { $pool } and { $pace_conv } through { $conv }.
answer-pooling-parameters = { $pool } has { $n_pool } parameters, { $conv } { $n_conv }.
answer-ranking =
    From the highest test accuracy to the lowest: { $models }; { $several ->
        [yes] all { $pairs } pairs are tested, and corrected for that number (Holm)
       *[no] their difference is tested
    }.
answer-hidden-layers =
    From { $simple } to { $dense }, with hidden layers, the accuracy changes by { $gain }: { $simple } can
    only weigh each pixel by itself.
answer-convolutions =
    From { $dense } to { $best }, the best of the lab's convolutional networks, it changes by { $gain },
    with { $n_best } parameters instead of { $n_dense }; that the convolutions are the cause is likely, but
    one comparison does not prove it.
answer-test-above-training =
    The test accuracy of { $models } is above the accuracy on the training images: the training images are
    harder, or more of their labels are wrong.
answer-notebook-accuracy =
    By the notebook's procedure { $model } reaches { $accuracy } on the test images. The notebook would
    print { $train } as “average train error” and { $validation } as “average validation error”: these are
    accuracies, not errors, and each is measured on the batch that was just trained ten times, not on all
    images.
answer-notebook-bounds =
    Its outputs lie between 0 and 1 but are taken for logits, so that no probability can pass { $cap } and
    no loss fall below { $floor }; the highest probability on a test image is { $highest }, the last
    training loss { $loss }.

copies-none = No training image repeats another one or a test image.
copies-left-out =
    Of the { $n } training images { $removed } are left out: { $leaked } that repeat a test image, and
    { $duplicates } that have the pixels of another training image.
# $part is a share in percent, written already.
copies-leaked = { $leaked } of the { $n } test images ({ $part }%) had leaked so.
copies-effect =
    With the copies left in, as in the notebook, { $model } would have shown { $with } in place of
    { $without } (seed { $seed }).
copies-effect-on-leaked =
    With the copies left in, as in the notebook, { $model } would have shown { $with } in place of
    { $without } (seed { $seed }); on the leaked test images alone, { $leaked_with } in place of
    { $leaked_without }.
