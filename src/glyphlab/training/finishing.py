"""From a training that is done to a finished Run."""

from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.data.form import ImageForm
from glyphlab.data.formats import save_dataset
from glyphlab.data.unlikeness import Unlikeness
from glyphlab.models.classifier import Classifier, Head
from glyphlab.training.checkpoint import Position
from glyphlab.training.examples import choose_examples
from glyphlab.training.preparation import Training
from glyphlab.training.run import CHECKPOINT, EXAMPLES, WEIGHTS, Run, write_info

TRAIN_ACCURACY_IMAGES = 5_000


def finish_run(
    training: Training,
    position: Position,
    head: Head = "logits",
    accuracies: tuple[float, float] | None = None,
) -> Run:
    """Write weights, examples and final figures; the checkpoint is not needed any more.

    Parameters
    ----------
    training, position
    head : {"logits", "sigmoid", "softmax"}
        See `Classifier`.
    accuracies : (float, float), optional
        Training and validation accuracy to note; those of the final weights where none are given.
    """
    run, dataset = training.run, training.dataset
    module = training.best if training.best is not None else training.evaluated
    classifier = Classifier(
        module=module.eval(),
        model=run.info.model,
        arguments=dict(run.info.arguments),
        classes=tuple(dataset.classes),
        image_shape=dataset.image_shape,
        mean=tuple(training.store.mean.flatten().tolist()),
        std=tuple(training.store.std.flatten().tolist()),
        head=head,
    )
    classifier.save(run.path / WEIGHTS)
    examples = choose_examples(dataset, training.train_index, training.recipe.seed)
    if len(examples):
        save_dataset(examples, run.path / EXAMPLES)
    unseen, labels = _held_out(training, classifier)
    train, validation = accuracies or (
        _train_accuracy(training, classifier),
        float((unseen.argmax(1) == labels).mean()) if len(labels) else None,
    )
    history = run.history
    write_info(
        run.path,
        replace(
            run.info,
            seconds=position.seconds,
            images_per_second=float(np.median([e["images_per_second"] for e in history])),
            train_accuracy=train,
            validation_accuracy=validation,
            form=_form(dataset.images),
            unlike_above=_unlike_above(examples, dataset.images[training.validation_index]),
        ),
    )
    (run.path / CHECKPOINT).unlink(missing_ok=True)
    return Run(run.path, module)


def _form(images: UInt8[np.ndarray, "n height width channels"]) -> dict[str, Any] | None:
    """The form of images that are square; None for others, to which nothing is brought."""
    return ImageForm.of(images).to_json() if images.shape[1] == images.shape[2] else None


def _unlike_above(
    examples: Dataset, held_out: UInt8[np.ndarray, "n height width channels"]
) -> dict[str, float] | None:
    """The limits that few of the images held out pass; None where that can't be told."""
    limits = Unlikeness(examples.images).limits(held_out) if len(examples) else None
    return None if limits is None else limits.to_json()


def _train_accuracy(training: Training, classifier: Classifier) -> float:
    """Accuracy of the final weights on some training images, as they are."""
    drawn = np.random.default_rng(training.recipe.seed).permutation(training.train_index)
    index = np.sort(drawn[:TRAIN_ACCURACY_IMAGES])
    logits = _logits(training, classifier, index)
    return float((logits.argmax(1) == training.dataset.labels[index]).mean())


def _held_out(
    training: Training, classifier: Classifier
) -> tuple[Float32[np.ndarray, "n classes"], Int64[np.ndarray, " n"]]:
    """What the final weights say of the images held out, and their labels."""
    index = training.validation_index
    return _logits(training, classifier, index), training.dataset.labels[index]


def _logits(
    training: Training, classifier: Classifier, index: Int64[np.ndarray, " n"]
) -> Float32[np.ndarray, "n classes"]:
    images = training.dataset.images[index]
    return classifier.logits(images, precision=training.recipe.precision)
