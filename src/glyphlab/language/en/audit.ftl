# The audit: what is wrong with images. Its page, and what the command prints.
# $dataset is the name of a set of images; $names of one, or of the training and the test images.
# $label, $name, $suggested, $worst, $smallest, $largest are names of classes; $id names an image.
# Shares such as $accuracy and $rate are numbers that are written already.

## Kinds of findings, as heads of rows

audit-kind-unreadable = unreadable files
audit-kind-duplicates = exact duplicates
audit-kind-near-duplicates = near duplicates
audit-kind-conflicts = same pixels, other label
audit-kind-leaks = copies of images of the other part
audit-kind-label-errors = likely label errors
audit-kind-outliers = outliers
audit-printed-found = found
audit-printed-images = images

## The headline: clauses with semicolons between them, of which the first gets a capital letter

audit-headline-nothing = nothing wrong was found in { $names }
audit-headline-not-judged = whether labels are right was not judged
audit-headline-labels =
    { $errors } of the { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } likely { $errors ->
        [one] bears
       *[other] bear
    } a wrong label, and an estimated { $rate } bear that of another class
    (95 % interval { $low } – { $high })
audit-headline-leaks =
    { $leaks } of the { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } { $leaks ->
        [one] repeats
       *[other] repeat
    } a training image
audit-headline-leaks-effect =
    { audit-headline-leaks } (accuracy { $accuracy } with and { $without } without them)
audit-headline-duplicates =
    { $exact } of the { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } { $exact ->
        [one] repeats
       *[other] repeat
    } an earlier one
audit-headline-duplicates-and-near =
    { audit-headline-duplicates }, and { $near } nearly { $near ->
        [one] does
       *[other] do
    }
audit-headline-near-duplicates =
    { $near } of the { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } nearly { $near ->
        [one] repeats
       *[other] repeat
    } an earlier one
audit-headline-conflicts =
    { $conflicts ->
        [one] { $conflicts } image of { $dataset } shares its
       *[other] { $conflicts } images of { $dataset } share their
    } pixels with one of another label
audit-headline-outliers =
    { $outliers } { $outliers ->
        [one] image
       *[other] images
    } of { $dataset } may belong to no class
audit-headline-unreadable =
    { $files } { $files ->
        [one] file
       *[other] files
    } of { $dataset } could not be read

## Balance: whether classes are equally frequent, and what their inequality costs

balance-equal = The classes are balanced: each has { $each } images.
balance-empty = The classes are not balanced: { $smallest } has no images.
# $verdict: chance (they differ by no more than it), near (by more, but by little), no.
balance-unequal =
    { $verdict ->
        [chance] The classes are balanced, as far as chance goes:
        [near] The classes are nearly balanced, though they differ by more than chance:
       *[no] The classes are not balanced:
    } { $largest } has { $most } images and { $smallest } { $least }, { $ratio } times as many
    (chi-square test of equal frequencies: p { $p }).
# Before a sentence on one of two sets of images.
audit-of-dataset = { $dataset }: { $sentence }
audit-balance-cost =
    Models that had not seen an image agree with its label for { $accuracy } of all images, and for
    { $balanced } in the mean over classes; least of all for { $worst } ({ $recall }).
audit-balance-caption = Images of each class of { $dataset }
audit-balance-test = Pearson’s chi-square test of equal frequencies: p { $p }.
audit-balance-recall =
    Recall: of the images with this label, the share that models recognise which have not seen them.

## Words in heads of tables

audit-class = Class
audit-images = Images
audit-share = Share
audit-recall = Recall
audit-as-a-bar = as a bar

## The top of the page

audit-title = Audit of { $names }
audit-skip = Skip to the summary
audit-kicker = Audit of the images
audit-training-images = Training images
audit-test-images = Test images
audit-classes = Classes
audit-parts = Parts of the audit
audit-section-summary = Summary
audit-section-unreadable = Unreadable files
audit-section-balance = Balance
audit-section-duplicates = Exact duplicates
audit-section-near-duplicates = Near duplicates
audit-section-conflicts = Label conflicts
audit-section-leaks = Leaks
audit-section-label-errors = Label errors
audit-section-outliers = Outliers
audit-section-groups = Groups
# What stands for a folder’s name in a command.
audit-folder = FOLDER
# $review and $clean are commands, $file a file.
audit-as-file =
    This page is for reading. To decide about single images, run { $review } on the folder that it
    lies in: that serves the page on your machine and saves what you decide to { $file }, which
    { $clean } follows.
audit-as-served =
    Each image below has a list to decide what becomes of it. “As proposed” leaves that to the
    options of { $clean }; your decisions go before these, and are saved at once.
# $keep, $drop, $relabel, $proposed are keys.
audit-keys =
    With the keyboard: arrow keys go from image to image, { $keep } keeps, { $drop } drops,
    { $relabel } gives the suggested label, { $proposed } is as proposed.
audit-footer =
    Made by glyphlab. This page is one file: it loads nothing from elsewhere and can be sent as it is.
audit-summary-caption = How many of each finding
audit-found = Found
audit-not-looked-for = not looked for

## Beside the name of a set of images

audit-part-train = training images
audit-part-test = test images

## Unreadable files

audit-unreadable =
    { $files } { $files ->
        [one] file
       *[other] files
    } of { $dataset } could not be read and { $files ->
        [one] is
       *[other] are
    } not among its images.
audit-unreadable-none = Every file of { $dataset } could be read.

## Exact and near duplicates, label conflicts

audit-duplicates =
    { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } { $n ->
        [one] has
       *[other] have
    } the pixels of an earlier one; { $pictures ->
        [one] { $pictures } picture occurs
       *[other] { $pictures } pictures occur
    } more than once. It is proposed to keep the one that is listed first.
audit-duplicates-none = No two images of { $dataset } have the same pixels.
audit-near-duplicates =
    { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } { $n ->
        [one] is
       *[other] are
    } an earlier one but for a small change. It is proposed to keep the earlier one, on the left.
audit-near-duplicates-none =
    No image of { $dataset } was found to be another one but for a small change.
audit-conflicts =
    { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } { $n ->
        [one] has
       *[other] have
    } the pixels of another one with another label; both labels can’t be right.
audit-conflicts-none =
    No two images of { $dataset } have the same pixels and different labels.

## Leaks

audit-leaks =
    { $leaks ->
        [one] { $leaks } test image
       *[other] { $leaks } test images
    } of { $n } { $leaks ->
        [one] repeats
       *[other] repeat
    } a training image, exactly or but for a small change.
audit-leaks-proposal =
    It is proposed to leave the training images out, on the right of each pair.
audit-leaks-none = No image of { $test } was found to repeat one of { $train }.
audit-leaks-effect =
    Models trained on all training images recognise { $accuracy } of the test images, but
    { $without } of those that are no copies: leaks move the accuracy by { $moved } percentage points.
audit-leaks-no-effect =
    Models trained on all training images recognise { $accuracy } of the test images, and as many of
    those that are no copies.
audit-leaks-caption = Accuracy with and without leaks
audit-accuracy-on = Accuracy on
audit-accuracy = Accuracy
audit-interval = 95 % interval
audit-on-all = all test images
audit-on-no-copies = those that are no copies
audit-on-copies = the copies

## Label errors

audit-noise =
    By confident learning an estimated { $rate } of the { $n } images bear the label of another class
    (95 % interval { $low } – { $high }); images of no class, whose label is as wrong, are not
    counted there. { $errors } { $errors ->
        [one] image is
       *[other] images are
    } named below, the surest first.
audit-noise-rates = How often each label is wrong
audit-noise-rates-caption = Noise of each label of { $dataset }
audit-label = Label
audit-wrong = Wrong
audit-mostly-in-truth = Mostly in truth
audit-noise-matrix = Which label is mistaken for which
audit-noise-matrix-caption = Labels and true classes of { $dataset }
audit-noise-matrix-corner = label
audit-noise-matrix-note =
    Estimated images: rows are the label that they bear, columns the class that they belong to.
audit-cell-right = labelled { $label }, rightly: about { $n }
audit-cell-wrong = labelled { $label }, in truth { $true }: about { $n }
audit-label-errors-note =
    Under each image its label, the more likely one, and how surely its label is right (0 to 1), by
    models that have not seen it.
audit-label-errors-none = No single label of { $dataset } is likely wrong.
audit-label-errors-not-judged =
    Whether the labels of { $dataset } are right was not judged.

## Outliers

audit-outliers =
    { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } { $n ->
        [one] is
       *[other] are
    } unlike those of every class, the strangest first, each with its score.
audit-outliers-none = No image of { $dataset } is unlike those of every class.
audit-outliers-not-looked-for = Outliers of { $dataset } were not looked for.

## Groups

# $where: in which part of an image’s id the name of its group was found.
audit-groups =
    { $where ->
        [the-file-name] The file name
        [the-file-name-up-to-its-last-number] The file name up to its last number
        [the-folder] The folder
       *[the-folder-above] The folder above
    } names { $groups } { $groups ->
        [one] group
       *[other] groups
    } of images of several classes, such as a font or a writer. A random split of { $dataset } puts
    images of one group on both sides; glyphlab.split(..., groups=...) holds them together.
audit-groups-shared =
    { $shared } of the { $n } { $n ->
        [one] image
       *[other] images
    } of { $dataset } are of a group that the training images have, too.
audit-groups-none = The ids of { $dataset } suggest no groups.

## Images and lists of them

audit-alt-any = Image labelled { $label }
audit-alt-earlier = Earlier image labelled { $label }
audit-alt-near-copy = Near copy labelled { $label }
audit-alt-test = Test image labelled { $label }
audit-alt-train = Training image labelled { $label }
# $image is one of these.
audit-tile = { $image }, { $id }
audit-tile-suggested = { $image }, more likely { $suggested }, { $id }
audit-more-likely = more likely
audit-same-pixels = the same pixels
audit-distance = distance { $distance }
audit-other-label = other label
audit-repeated = Image that occurs { $n } times
audit-and-more = and { $n } more
audit-cut = The first { $shown } of { $total }; audit.json has all.

## Decisions on the page that is served

audit-as-proposed = As proposed
audit-keep = Keep
audit-drop = Drop
audit-relabel-to = Relabel to
audit-relabel = Label { $name }
audit-decision-on = Decision on { $id }
audit-no-decisions = No decisions yet.
# The page puts the number in place of $count. $plural is its plural form.
audit-saving =
    { $count } { $plural ->
        [one] decision
       *[other] decisions
    }, saving …
audit-saved =
    Saved { $count } { $plural ->
        [one] decision
       *[other] decisions
    }.
audit-not-saved = Not saved. { $reason }
audit-no-answer = The review server does not answer.
audit-changed-elsewhere =
    The decisions were changed elsewhere, in another tab or by hand; load them again.
audit-try-again = Try again
audit-load-again = Load again
