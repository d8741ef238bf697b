"""From a training that is done to a finished Run."""

from dataclasses import replace

import numpy as np
from jaxtyping import Int64

from glyphlab.models.classifier import Classifier, Head
from glyphlab.training.checkpoint import Position
from glyphlab.training.preparation import Training
from glyphlab.training.run import CHECKPOINT, WEIGHTS, Run, write_info

TRAIN_ACCURACY_IMAGES = 5_000


def finish_run(
    training: Training,
    position: Position,
    head: Head = "logits",
    accuracies: tuple[float, float] | None = None,
) -> Run:
    """Write weights and final figures; the checkpoint is not needed any more.

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
    train, validation = accuracies or _accuracies(training, classifier)
    history = run.history
    write_info(
        run.path,
        replace(
            run.info,
            seconds=position.seconds,
            images_per_second=float(np.median([e["images_per_second"] for e in history])),
            train_accuracy=train,
            validation_accuracy=validation,
        ),
    )
    (run.path / CHECKPOINT).unlink(missing_ok=True)
    return Run(run.path, module)


def _accuracies(training: Training, classifier: Classifier) -> tuple[float, float | None]:
    """Accuracy of the final weights on some training images, and on those held out."""
    dataset, held_out = training.dataset, training.validation_index
    drawn = np.random.default_rng(training.recipe.seed).permutation(training.train_index)

    def accuracy(index: Int64[np.ndarray, " k"]) -> float:
        logits = classifier.logits(dataset.images[index], precision=training.recipe.precision)
        return float((logits.argmax(1) == dataset.labels[index]).mean())

    train = accuracy(np.sort(drawn[:TRAIN_ACCURACY_IMAGES]))
    return train, accuracy(held_out) if len(held_out) else None
