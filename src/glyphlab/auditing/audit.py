"""The audit of a Dataset, or of two: every search in order."""

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from glyphlab.auditing.copies import (
    Pixels,
    duplicates,
    families,
    label_conflicts,
    leaks_between,
    near_copies,
)
from glyphlab.auditing.findings import Audit, Copy, Findings, Groups, UnreadableFile
from glyphlab.auditing.groups import Grouping, find_groups, shared_groups
from glyphlab.auditing.judging import judged_findings, leak_effect
from glyphlab.auditing.out_of_sample import Opinion, out_of_sample
from glyphlab.data.dataset import Dataset, check_compatible
from glyphlab.errors import InputError
from glyphlab.places.local import HERE
from glyphlab.places.place import Place
from glyphlab.progress import Bar, no_bar
from glyphlab.training.recipe import Recipe

_UNFINISHED = "unfinished-audit"
"""A folder of this name is the audit's own: it is removed at the end."""


def audit(
    train: Dataset,
    test: Dataset | None = None,
    *,
    judge_labels: bool = True,
    folds: int = 5,
    seed: int = 0,
    recipe: Recipe | None = None,
    folder: str | Path | None = None,
    bar: Bar = no_bar,
    place: Place = HERE,
    cores: int = 1,
) -> Audit:
    """Find what is wrong with labelled images, and what two sets of them share.

    Parameters
    ----------
    train : Dataset
        Images to learn from.
    test : Dataset, optional
        Images to test on, of the same classes and image shape.
    judge_labels : bool
        Train models to find label errors and outliers; without, only pixels, counts and ids are
        looked at, which takes seconds.
    folds : int
        Each image is judged by models trained on the images outside its fold.
    seed : int
        Decides folds and trainings.
    recipe : Recipe, optional
        By which the judging models are trained.
    folder : path, optional
        `unfinished-audit` in it holds these models until all have judged, so that the same call
        goes on with their training after an interruption.
    bar : callable
        Makes a progress bar for each stage.
    place : Place
        Where the judging models are trained.
    cores : int
        Of each of them, elsewhere than here.

    Returns
    -------
    Audit

    Raises
    ------
    InputError
        If the Datasets don't fit together, or one of them has a single image or class, or equal
        images only.
    Diverged
        If the loss of a judging model stops being finite.
    Interrupted
        On Ctrl-C while models are trained, where there is a folder.
    """
    started = time.perf_counter()
    _check_auditable(train)
    if test is not None:
        _check_auditable(test)
        check_compatible(train, test)
    own = _Searched.of(train, bar)
    other = _Searched.of(test, bar) if test is not None else None
    leaks, sources = leaks_between(own.pixels, other.pixels, bar) if other else ([], [])
    own_opinion = test_opinion = None
    if judge_labels:
        own_opinion, test_opinion = out_of_sample(
            train,
            test,
            groups=own.families,
            folds=folds,
            seed=seed,
            recipe=recipe,
            folder=Path(folder) / _UNFINISHED if folder is not None else None,
            bar=bar,
            place=place,
            cores=cores,
        )
    second = _findings(other, test_opinion, seed, bar, first=own) if other else None
    effect = None
    if test is not None and test_opinion is not None:
        effect = leak_effect(test, test_opinion, [leak.index for leak in leaks])
    return Audit(
        **dict(_findings(own, own_opinion, seed, bar)),
        leaks=leaks,
        leak_sources=sources,
        leak_effect=effect,
        test=second,
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True, eq=False)
class _Searched:
    """A Dataset and what its pixels and ids say."""

    pixels: Pixels
    duplicates: list[Copy]
    near: list[Copy]
    grouping: Grouping | None

    @classmethod
    def of(cls, dataset: Dataset, bar: Bar) -> "_Searched":
        pixels = Pixels.of(dataset, bar)
        grouping = find_groups(dataset.ids, dataset.labels.tolist())
        return cls(pixels, duplicates(pixels), near_copies(pixels, bar), grouping)

    @property
    def dataset(self) -> Dataset:
        return self.pixels.dataset

    @cached_property
    def families(self) -> Int64[np.ndarray, " n"]:
        """Images that are copies of each other have one number."""
        return families(len(self.dataset), [*self.duplicates, *self.near])


def _check_auditable(dataset: Dataset) -> None:
    """Refuse what leaves nothing to compare."""
    if len(dataset) < 2:
        held = "a single image" if len(dataset) else "no image"
        raise InputError(f"{dataset.name} has {held}; an audit compares at least two.")
    if (dataset.class_counts > 0).sum() < 2:
        raise InputError(
            f"All images of {dataset.name} are of one class; an audit compares at least two."
        )
    if (dataset.images == dataset.images[0]).all():
        raise InputError(
            f"All images of {dataset.name} are the same; give a Dataset with different ones."
        )


def _findings(
    searched: _Searched,
    opinion: Opinion | None,
    seed: int,
    bar: Bar,
    first: _Searched | None = None,
) -> Findings:
    """What is wrong with one Dataset; `first` is the one whose groups it may share."""
    dataset = searched.dataset
    return Findings(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        n=len(dataset),
        classes=list(dataset.classes),
        unreadable=[UnreadableFile(id=s.path, reason=s.reason) for s in dataset.skipped],
        duplicates=searched.duplicates,
        near_duplicates=searched.near,
        label_conflicts=label_conflicts(searched.pixels),
        groups=_groups(searched.grouping, first.grouping if first else None),
        **judged_findings(dataset, opinion, seed, bar),
    )


def _groups(grouping: Grouping | None, first: Grouping | None) -> Groups | None:
    if grouping is None:
        return None
    return Groups(
        where=grouping.where,
        pattern=grouping.pattern,
        groups=len(set(grouping.groups)),
        shared=shared_groups(first.groups, grouping.groups) if first else None,
    )
