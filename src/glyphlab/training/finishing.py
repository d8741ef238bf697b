"""From a training that is done to a finished Run."""

from dataclasses import replace
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
    info = replace(
        run.info,
        seconds=position.seconds,
        images_per_second=float(np.median([e["images_per_second"] for e in history])),
        train_accuracy=train,
        validation_accuracy=validation,
        form=_form(dataset.images),
        unlike_above=_unlike_above(training, classifier, examples, unseen),
    )
    write_info(run.path, info)
    (run.path / CHECKPOINT).unlink(missing_ok=True)
    wrong = training.validation_index[unseen.argmax(1) != labels][:MISTAKES_SHOWN]
    tracking.finish(_ending(run, info, dataset.images[wrong]))
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
    unseen: Float32[np.ndarray, "n classes"],
) -> dict[str, float | None] | None:
    """The limits that few of the images held out pass; None where that can't be told.

    What the classifier says of the examples is kept with them, for the comparison.
    """
    if not len(examples) or len(unseen) < FEWEST:
        return None
    said = classifier.logits(examples.images, precision=training.recipe.precision)
    save_logits(said, training.run.path / EXAMPLE_LOGITS)
    held_out = training.dataset.images[training.validation_index]
    limits = Unlikeness(examples.images, said).limits(held_out, unseen)
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
