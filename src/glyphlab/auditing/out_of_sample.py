"""What models say of images that they have not seen: of each fold, by training on the others."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Int64

from glyphlab.data.batches import batch_bounds
from glyphlab.data.dataset import Dataset
from glyphlab.errors import Diverged, InputError, Interrupted
from glyphlab.models.classifier import Classifier
from glyphlab.progress import Bar, Progress, no_bar
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.training.status import Status

MODEL = "glyphnet-small"
LEAST_LEARNED = 5
"""An image is judged only by a model that has learned from so many images of its class."""

_PREDICTED_AT_ONCE = 4_096


class Opinion(NamedTuple):
    """Class probabilities of images by models that have not seen them.

    Parameters
    ----------
    probabilities : float32 [n, classes]
    judged : bool [n]
        False where a model had too few images of the class of the label to learn it from, so that
        nothing follows from its probabilities.
    """

    probabilities: Float32[np.ndarray, "n classes"]
    judged: Bool[np.ndarray, " n"]


class OutOfSample(NamedTuple):
    """Opinions of one Dataset, and of a second one.

    Parameters
    ----------
    own : Opinion
        Of each image, by the model trained on the images outside its fold.
    test : Opinion or None
        Of each image of the second Dataset, the mean over the models.
    """

    own: Opinion
    test: Opinion | None


def out_of_sample(
    dataset: Dataset,
    test: Dataset | None = None,
    *,
    groups: Int64[np.ndarray, " n"] | None = None,
    folds: int = 5,
    seed: int = 0,
    recipe: Recipe | None = None,
    folder: Path | None = None,
    bar: Bar = no_bar,
) -> OutOfSample:
    """Train a model for each fold on the images outside it, and let it judge the fold.

    Parameters
    ----------
    dataset : Dataset
        Its n images are divided into folds, class by class.
    test : Dataset, optional
        m images of the same classes and shape, which every model judges.
    groups : int64 [n], optional
        Images of one group, as copies of each other, lie in the same fold.
    folds : int
        How many models are trained; no more than there are groups.
    seed : int
        Decides folds and trainings.
    recipe : Recipe, optional
        That of `glyphnet-small` where none is given; its seed and validation don't count.
    folder : Path, optional
        Holds the models while they are trained, so that the same call goes on after an
        interruption; it is removed at the end.
    bar : callable
        Makes a progress bar. It counts images as they are learned from and as they are judged.

    Returns
    -------
    OutOfSample

    Raises
    ------
    InputError
        If there are fewer than two folds, or groups.
    Diverged
        If a loss stops being finite.
    Interrupted
        On Ctrl-C, where there is a folder to go on from.

    Notes
    -----
    A training takes the steps of its Recipe, however many images there are; of more than it can
    see in them it is given a random part. Wrong labels are learned little in so few steps, with
    smoothed labels and slightly distorted images.
    """
    fold_of = assign_folds(dataset.labels, folds, seed, groups)
    recipe = (recipe or default_recipe(MODEL)).replace(validation=0.0)
    n, m, classes = len(dataset), len(test) if test is not None else 0, len(dataset.classes)
    said, judged = np.zeros((n, classes), np.float32), np.zeros(n, np.bool_)
    test_said, test_judged = np.zeros((m, classes), np.float32), np.ones(m, np.bool_)
    models = int(fold_of.max()) + 1
    with (
        bar(f"Judging {dataset.name} by {models} models", "images") as progress,
        _place(folder) as place,
    ):
        tally = _Tally(progress, _work(dataset, m, recipe, fold_of))
        for fold in range(models):
            learned, held = _divide(fold_of, fold, recipe, seed)
            own = recipe.replace(seed=seed + fold)
            classifier = _train(dataset.subset(learned), own, place, tally)
            known = np.bincount(dataset.labels[learned], minlength=classes) >= LEAST_LEARNED
            said[held] = _predict(classifier, dataset, held, tally)
            judged[held] = known[dataset.labels[held]]
            if test is not None:
                test_said += _predict(classifier, test, np.arange(m), tally) / models
                test_judged &= known[test.labels]
    of_test = Opinion(test_said, test_judged) if test is not None else None
    return OutOfSample(Opinion(said, judged), of_test)


def assign_folds(
    labels: Int64[np.ndarray, " n"],
    folds: int,
    seed: int = 0,
    groups: Int64[np.ndarray, " n"] | None = None,
) -> Int64[np.ndarray, " n"]:
    """Deal images to folds at random, so that each fold has about the same share of each class.

    Parameters
    ----------
    labels : int64 [n]
    folds : int
        No more are made than there are groups.
    seed : int
    groups : int64 [n], optional
        Images of one group come into one fold, and count as of the class of the first of them.

    Returns
    -------
    int64 [n]
        The fold of each image, from 0.

    Raises
    ------
    InputError
        If there are fewer than two folds, or groups.
    """
    numbers = np.arange(len(labels)) if groups is None else groups
    _, first, which = np.unique(numbers, return_index=True, return_inverse=True)
    if folds < 2 or len(first) < 2:
        raise InputError(
            f"{len(first)} different images can't be divided into {folds} folds; "
            "give at least 2 of both."
        )
    order = np.lexsort((np.random.default_rng(seed).random(len(first)), labels[first]))
    fold_of_group = np.empty(len(first), np.int64)
    fold_of_group[order] = np.arange(len(first)) % folds
    return fold_of_group[which]


class _Tally:
    """How many images are learned from and judged so far."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def add(self, images: int) -> None:
        """Note images that are done, and tell it."""
        self.reach(self.done + images)

    def reach(self, done: int) -> None:
        """Note how many are done by now, and tell it if that is more than before."""
        if done > self.done:
            self.done = done
            self.progress(done, self.total)


def _seen(recipe: Recipe, n: int) -> int:
    """How many images a training on `n` sees, those that it sees again counted again."""
    return recipe.total_steps(len(batch_bounds(n, recipe.batch_size))) * recipe.batch_size


def _work(dataset: Dataset, m: int, recipe: Recipe, fold_of: Int64[np.ndarray, " n"]) -> int:
    """How many images are learned from and judged in all, `m` of a second Dataset."""
    sizes = np.bincount(fold_of).tolist()
    learned = sum(_seen(recipe, len(dataset) - size) for size in sizes)
    return learned + len(dataset) + len(sizes) * m


def _divide(
    fold_of: Int64[np.ndarray, " n"], fold: int, recipe: Recipe, seed: int
) -> tuple[Int64[np.ndarray, " k"], Int64[np.ndarray, " m"]]:
    """Indices of the images to learn from, no more than the training sees, and of the fold's."""
    rest = np.flatnonzero(fold_of != fold)
    seen = _seen(recipe, len(rest))
    if seen < len(rest):
        rest = np.sort(np.random.default_rng([seed, fold]).permutation(rest)[:seen])
    return rest, np.flatnonzero(fold_of == fold)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """The folder of the trainings, which is gone when all are done.

    Raises
    ------
    Interrupted
        On Ctrl-C, where the folder stays; KeyboardInterrupt where it doesn't.
    """
    if folder is None:
        with TemporaryDirectory(prefix="glyphlab-") as temporary:
            try:
                yield Path(temporary)
            except Interrupted as stopped:
                raise KeyboardInterrupt from stopped
        return
    try:
        yield folder
    except Interrupted as stopped:
        raise Interrupted(
            f"Stopped while models learned to judge; what they have learned is in {folder}, and "
            "the same command goes on from there.",
            folder,
        ) from stopped
    shutil.rmtree(folder)


def _train(dataset: Dataset, recipe: Recipe, place: Path, tally: _Tally) -> Classifier:
    """Train a model in a folder named by its images and seed, or go on with it there.

    Raises
    ------
    Diverged
        If its loss stops being finite.
    """
    out = place / f"{dataset.fingerprint[:16]}-seed{recipe.seed}"
    before = tally.done

    def report(status: Status) -> None:
        tally.reach(before + status.step * recipe.batch_size)

    try:
        run = fit(MODEL, dataset, recipe, out=out, resume=True, report=report)
    except Diverged as error:
        raise Diverged(
            f"The models that judge {dataset.name} can't be trained: their loss is not finite; "
            "audit without judging labels, or give a recipe with a lower learning_rate."
        ) from error
    tally.reach(before + _seen(recipe, len(dataset)))
    return run.classifier


def _predict(
    classifier: Classifier, dataset: Dataset, index: Int64[np.ndarray, " k"], tally: _Tally
) -> Float32[np.ndarray, "k classes"]:
    """Class probabilities of the images at `index`."""
    made = np.empty((len(index), len(dataset.classes)), np.float32)
    for start in range(0, len(index), _PREDICTED_AT_ONCE):
        part = index[start : start + _PREDICTED_AT_ONCE]
        images = dataset.images[part]
        made[start : start + len(part)] = classifier.probabilities(images, precision="auto")
        tally.add(len(part))
    return made
