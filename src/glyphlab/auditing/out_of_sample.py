"""What models say of images that they have not seen: of each fold, by training on the others."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Int64

from glyphlab.auditing.fold import MODEL, Fold, Judged, images_seen, judge_fold
from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError, Interrupted
from glyphlab.places.local import HERE
from glyphlab.places.place import Place, Task
from glyphlab.places.telling import SECONDS_BETWEEN_CALLS
from glyphlab.progress import Bar, Progress, no_bar
from glyphlab.training.recipe import Recipe, default_recipe

LEAST_LEARNED = 5
"""An image is judged only by a model that has learned from so many images of its class."""


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
    place: Place = HERE,
    cores: int = 1,
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
    place : Place
        Where the models are trained and judge.
    cores : int
        Of each model, elsewhere than here.

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
    models = int(fold_of.max()) + 1
    parts = [_divide(fold_of, fold, recipe, seed) for fold in range(models)]
    with (
        bar(f"Judging {dataset.name} by {models} models", "images") as progress,
        _folder_of_models(folder) as kept,
    ):
        m = len(test) if test is not None else 0
        tally = _Tally(progress, models, _work(dataset, m, recipe, fold_of))
        shared, shared_test = place.put(dataset), place.put(test)
        tell = place.calling(tally.reach)
        tasks = [
            Task(
                str(fold),
                judge_fold,
                (
                    Fold(fold, learned, held, recipe.replace(seed=seed + fold)),
                    shared,
                    shared_test,
                    tell,
                    0.0 if place.is_here else SECONDS_BETWEEN_CALLS,
                ),
                cores=cores,
                folder=_folder_of_model(kept, dataset, learned, seed + fold),
            )
            for fold, (learned, held) in enumerate(parts)
        ]
        said = {int(task.label): found for task, found in place.run(tasks)}
    return _joined(dataset, test, parts, [said[fold] for fold in range(models)])


def _joined(
    dataset: Dataset,
    test: Dataset | None,
    parts: Sequence[tuple[Int64[np.ndarray, " k"], Int64[np.ndarray, " m"]]],
    said: Sequence[Judged],
) -> OutOfSample:
    """What all models say, in the order of the folds, whichever ended first."""
    n, classes = len(dataset), len(dataset.classes)
    own, test_said = Opinion(np.zeros((n, classes), np.float32), np.zeros(n, np.bool_)), None
    if test is not None:
        m = len(test)
        test_said = Opinion(np.zeros((m, classes), np.float32), np.ones(m, np.bool_))
    for (learned, held), found in zip(parts, said, strict=True):
        known = np.bincount(dataset.labels[learned], minlength=classes) >= LEAST_LEARNED
        own.probabilities[held] = found.own
        own.judged[held] = known[dataset.labels[held]]
        if test is not None and test_said is not None and found.test is not None:
            test_said.probabilities[:] += found.test / len(said)
            test_said.judged[:] &= known[test.labels]
    return OutOfSample(own, test_said)


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
    """How many images are learned from and judged so far, by all models."""

    def __init__(self, progress: Progress, models: int, total: int) -> None:
        self.progress, self.total, self.done = progress, total, [0] * models

    def reach(self, model: int, done: int) -> None:
        """Note how many one model has done by now, and tell it if that is more than before."""
        if done > self.done[model]:
            self.done[model] = done
            self.progress(sum(self.done), self.total)


def _work(dataset: Dataset, m: int, recipe: Recipe, fold_of: Int64[np.ndarray, " n"]) -> int:
    """How many images are learned from and judged in all, `m` of a second Dataset."""
    sizes = np.bincount(fold_of).tolist()
    learned = sum(images_seen(recipe, len(dataset) - size) for size in sizes)
    return learned + len(dataset) + len(sizes) * m


def _divide(
    fold_of: Int64[np.ndarray, " n"], fold: int, recipe: Recipe, seed: int
) -> tuple[Int64[np.ndarray, " k"], Int64[np.ndarray, " m"]]:
    """Indices of the images to learn from, no more than the training sees, and of the fold's."""
    rest = np.flatnonzero(fold_of != fold)
    seen = images_seen(recipe, len(rest))
    if seen < len(rest):
        rest = np.sort(np.random.default_rng([seed, fold]).permutation(rest)[:seen])
    return rest, np.flatnonzero(fold_of == fold)


@contextmanager
def _folder_of_models(folder: Path | None) -> Iterator[Path]:
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


def _folder_of_model(
    folder: Path, dataset: Dataset, learned: Int64[np.ndarray, " k"], seed: int
) -> Path:
    """Named by the images and the seed, so that no other model is taken for it."""
    digest = sha256(dataset.fingerprint.encode() + learned.tobytes()).hexdigest()
    return folder / f"{digest[:16]}-seed{seed}"
