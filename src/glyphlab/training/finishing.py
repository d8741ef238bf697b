"""From a training that is done to a finished Run."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.data.form import ImageForm
from glyphlab.data.formats import save_dataset
from glyphlab.data.unlikeness import FEWEST, Unlikeness
from glyphlab.models.classifier import Classifier, Head
from glyphlab.tracking.track import Tracking
from glyphlab.tracking.tracker import Ending, Tracked
from glyphlab.training.checkpoint import Position
from glyphlab.training.examples import choose_examples, save_logits
from glyphlab.training.feed import Indices
from glyphlab.training.preparation import Training
from glyphlab.training.run import (
    CHECKPOINT,
    EXAMPLE_LOGITS,
    EXAMPLES,
    HISTORY,
    INFO,
    RECIPE,
    WEIGHTS,
    Run,
    RunInfo,
    write_info,
)

TRAIN_ACCURACY_IMAGES = 5_000
MISTAKES_SHOWN = 64
MOST_BYTES = 64_000_000
"""Of the pixels held out that are looked at for more than their accuracy, beyond the first file."""


def finish_run(
    training: Training,
    position: Position,
    tracking: Tracking,
    head: Head = "logits",
    accuracies: tuple[float, float] | None = None,
) -> Run:
    """Write weights, examples and final figures; the checkpoint is not needed any more.

    Parameters
    ----------
    training, position
    tracking : Tracking
        Told what came of it.
    head : {"logits", "sigmoid", "softmax"}
        See `Classifier`.
    accuracies : (float, float), optional
        Training and validation accuracy to note; those of the final weights where none are given.

    Raises
    ------
    InputError
        If the images were changed while they were learned from.
    """
    run, dataset = training.run, training.dataset
    dataset.check_unchanged()
    module = training.best if training.best is not None else training.evaluated
    classifier = Classifier(
        module=module.eval(),
        model=run.info.model,
        arguments=dict(run.info.arguments),
        classes=tuple(dataset.classes),
        image_shape=dataset.image_shape,
        mean=tuple(training.feed.mean.flatten().tolist()),
        std=tuple(training.feed.std.flatten().tolist()),
        head=head,
    )
    classifier.save(run.path / WEIGHTS)
    images, places = training.feed.trained_on()
    examples = choose_examples(images, places, training.recipe.seed)
    if len(examples):
        save_dataset(examples, run.path / EXAMPLES)
    held_out = _held_out(training, classifier)
    train, validation = accuracies or (
        _train_accuracy(training, classifier, images, places),
        held_out.accuracy,
    )
    history = run.history
    info = replace(
        run.info,
        seconds=position.seconds,
        images_per_second=float(np.median([e["images_per_second"] for e in history])),
        train_accuracy=train,
        validation_accuracy=validation,
        form=_form(images.images),
        unlike_above=_unlike_above(training, classifier, examples, held_out),
    )
    write_info(run.path, info)
    (run.path / CHECKPOINT).unlink(missing_ok=True)
    tracking.finish(_ending(run, info, held_out.mistakes[:MISTAKES_SHOWN]))
    return Run(run.path, module)


def tracked(run: Run) -> Tracked:
    """The training of a run, as tools are told of it."""
    info, recipe = run.info, run.recipe
    words = [info.model, str(info.dataset), *(["notebook"] if info.protocol == "notebook" else [])]
    told = ("model", "protocol", "dataset", "fingerprint", "n_train", "n_validation", "parameters")
    about = {key: getattr(info, key) for key in (*told, "threads", "device", "machine")}
    arguments = {f"arguments.{key}": str(value) for key, value in info.arguments.items()}
    # The precision that the Recipe's "auto" came to is the run's.
    chosen = recipe.model_dump(exclude_none=True) | {"precision": info.precision}
    name = "-".join([*words, f"seed{recipe.seed}"])
    return Tracked(name, run.path, about | chosen | arguments)


def _ending(
    run: Run, info: RunInfo, mistakes: UInt8[np.ndarray, "n height width channels"]
) -> Ending:
    keys = ("train_accuracy", "validation_accuracy", "seconds", "images_per_second")
    figures = {key: getattr(info, key) for key in keys if getattr(info, key) is not None}
    files = [run.path / name for name in (INFO, RECIPE, HISTORY, WEIGHTS)]
    return Ending(figures, files, np.asarray(mistakes))


def _form(images: UInt8[np.ndarray, "n height width channels"]) -> dict[str, Any] | None:
    """The form of images that are square; None for others, to which nothing is brought."""
    return ImageForm.of(images).to_json() if images.shape[1] == images.shape[2] else None


def _unlike_above(
    training: Training,
    classifier: Classifier,
    examples: Dataset,
    held_out: "_HeldOut",
) -> dict[str, float | None] | None:
    """The limits that few of the images held out pass; None where that can't be told.

    What the classifier says of the examples is kept with them, for the comparison.
    """
    if not len(examples) or len(held_out.images) < FEWEST:
        return None
    said = classifier.logits(examples.images, precision=training.recipe.precision)
    save_logits(said, training.run.path / EXAMPLE_LOGITS)
    limits = Unlikeness(examples.images, said).limits(held_out.images, held_out.logits)
    return None if limits is None else limits.to_json()


def _train_accuracy(
    training: Training, classifier: Classifier, images: Dataset, places: Indices
) -> float:
    """Accuracy of the final weights on some training images, as they are."""
    drawn = np.random.default_rng(training.recipe.seed).permutation(places)
    index = np.sort(drawn[:TRAIN_ACCURACY_IMAGES])
    logits = classifier.logits(images.images[index], precision=training.recipe.precision)
    return float((logits.argmax(1) == images.labels[index]).mean())


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """The images held out, as many as fit in memory, and what the final weights say of them.

    The accuracy is that on all of them; None where there are none.
    """

    images: UInt8[np.ndarray, "n height width channels"]
    labels: Int64[np.ndarray, " n"]
    logits: Float32[np.ndarray, "n classes"]
    accuracy: float | None

    @property
    def mistakes(self) -> UInt8[np.ndarray, "k height width channels"]:
        """Those that are classified wrongly."""
        wrong: UInt8[np.ndarray, "k height width channels"]
        wrong = self.images[self.logits.argmax(1) != self.labels]
        return wrong


def _held_out(training: Training, classifier: Classifier) -> _HeldOut:
    kept, right, n, size = [], 0, 0, 0
    for dataset, places in training.feed.held_out():
        images, labels = dataset.images[places], dataset.labels[places]
        logits = classifier.logits(images, precision=training.recipe.precision)
        right, n = right + int((logits.argmax(1) == labels).sum()), n + len(labels)
        if size < MOST_BYTES:
            kept.append((images, labels, logits))
            size += images.nbytes
    if not kept:
        shape = (0, *training.dataset.image_shape)
        return _HeldOut(
            np.empty(shape, np.uint8),
            np.empty(0, np.int64),
            np.empty((0, len(training.dataset.classes)), np.float32),
            None,
        )
    images, labels, logits = (np.concatenate(part) for part in zip(*kept, strict=True))
    return _HeldOut(images, labels, logits, right / n)
