"""One fold: a model learns from all others, and judges the images of this one."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64

from glyphlab.data.batches import batch_bounds
from glyphlab.data.dataset import Dataset
from glyphlab.errors import Diverged
from glyphlab.models.classifier import Classifier
from glyphlab.places.place import Shared
from glyphlab.places.telling import Seldom
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe
from glyphlab.training.status import Status

MODEL = "glyphnet-small"
Tell = Callable[[int, int], None]
"""Told the number of a fold, and how many images are learned from and judged."""

_PREDICTED_AT_ONCE = 4_096


class Fold(NamedTuple):
    """A part of the images, and what its model learns from.

    Parameters
    ----------
    number : int
        From 0.
    learned, held : int64 [k]
        Indices of the images to learn from, and of those to judge.
    recipe : Recipe
    """

    number: int
    learned: Int64[np.ndarray, " k"]
    held: Int64[np.ndarray, " m"]
    recipe: Recipe


class Judged(NamedTuple):
    """Class probabilities of the images of a fold, and of a second Dataset where there is one."""

    own: Float32[np.ndarray, "k classes"]
    test: Float32[np.ndarray, "m classes"] | None


def judge_fold(
    fold: Fold,
    shared: Shared[Dataset],
    shared_test: Shared[Dataset | None],
    tell: Tell,
    seconds: float,
    *,
    folder: Path,
) -> Judged:
    """Train a model in a folder, or go on with it there, and let it judge; a task's function.

    Parameters
    ----------
    fold : Fold
    shared, shared_test : Shared Dataset
        The images of all folds, and those of the second Dataset.
    tell : callable
        See `Tell`.
    seconds : float
        Between two calls of it.
    folder : Path

    Raises
    ------
    Diverged
        If its loss stops being finite.
    """
    dataset, test = shared.get(), shared_test.get()
    done = images_seen(fold.recipe, len(fold.learned))
    seldom = Seldom(tell, seconds)
    classifier = _train(dataset, fold, folder, seldom)
    tell(fold.number, done)

    def note(judged: int) -> None:
        seldom(fold.number, done + judged)

    own = _predict(classifier, dataset, fold.held, note)
    done += len(fold.held)
    if test is None:
        tell(fold.number, done)
        return Judged(own, None)
    other = _predict(classifier, test, np.arange(len(test)), note)
    tell(fold.number, done + len(test))
    return Judged(own, other)


def images_seen(recipe: Recipe, n: int) -> int:
    """How many images a training on `n` sees, those that it sees again counted again."""
    return recipe.total_steps(len(batch_bounds(n, recipe.batch_size))) * recipe.batch_size


def _train(dataset: Dataset, fold: Fold, out: Path, tell: Tell) -> Classifier:
    def report(status: Status) -> None:
        tell(fold.number, status.step * fold.recipe.batch_size)

    part = dataset.subset(fold.learned)
    try:
        run = fit(MODEL, part, fold.recipe, out=out, resume=True, report=report)
    except Diverged as error:
        raise Diverged(
            f"The models that judge {dataset.name} can't be trained: their loss is not finite; "
            "audit without judging labels, or give a recipe with a lower learning_rate."
        ) from error
    return run.classifier


def _predict(
    classifier: Classifier,
    dataset: Dataset,
    index: Int64[np.ndarray, " k"],
    note: Callable[[int], None],
) -> Float32[np.ndarray, "k classes"]:
    """Class probabilities of the images at `index`."""
    made = np.empty((len(index), len(dataset.classes)), np.float32)
    for start in range(0, len(index), _PREDICTED_AT_ONCE):
        part = index[start : start + _PREDICTED_AT_ONCE]
        images = dataset.images[part]
        made[start : start + len(part)] = classifier.probabilities(images, precision="auto")
        note(start + len(part))
    return made
