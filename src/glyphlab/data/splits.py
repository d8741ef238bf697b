"""Two parts of a Dataset: stratified, seeded, and with groups held together."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float64, Int64

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError

FILE_STEM = r"([^/]*?)(?:\.[^./]*)?$"
"""The file name without folder and ending: in notMNIST, the font."""


def split(
    dataset: Dataset, share: float, seed: int = 0, groups: Sequence[str] | None = None
) -> tuple[Dataset, Dataset]:
    """Hold a share of a Dataset out, class by class.

    Parameters
    ----------
    dataset : Dataset
        The n images to divide.
    share : float
        Share of each class to hold out, between 0 and 1, both excluded.
    seed : int
        Another seed holds other images out.
    groups : sequence of n str, optional
        The group of each image (a font, a writer); no group comes on both sides.

    Returns
    -------
    tuple of Dataset
        The rest, and what is held out; both in the order of `dataset`, with its classes.

    Raises
    ------
    InputError
        As `split_indices`.
    """
    try:
        rest, held_out = split_indices(dataset.labels, share, seed, groups)
    except InputError as error:
        raise InputError(f"{dataset.name}: {error}") from error
    return (
        dataset.subset(rest, f"{dataset.name} (rest)"),
        dataset.subset(held_out, f"{dataset.name} (held out)"),
    )


def split_indices(
    labels: Int64[np.ndarray, " n"],
    share: float,
    seed: int,
    groups: Sequence[str] | None = None,
) -> tuple[Int64[np.ndarray, " rest"], Int64[np.ndarray, " held_out"]]:
    """Choose which images to hold out; a pure function of its inputs.

    Without groups, each class gives `share` of its images, rounded; at least one if it has two,
    and never its last. With groups, the groups come in random order and each is held out if that
    brings the counts per class nearer to `share` (sum over classes of squared difference over the
    wanted count); a class that still has none then gives the group that harms this least. So the
    counts are only near to `share`, and a class that lies in a single group gives none.

    Parameters
    ----------
    labels : int64 [n]
        The class of each image.
    share : float
        Share to hold out, between 0 and 1, both excluded.
    seed : int
        Another seed holds other images out.
    groups : sequence of n str, optional
        The group of each image; no group comes on both sides.

    Returns
    -------
    tuple of int64 arrays
        Indices of the rest and of the held-out images, each in rising order.

    Raises
    ------
    InputError
        If `share` is out of range, or too few images, or groups, are there to divide.
    """
    if not 0 < share < 1:
        raise InputError(
            f"The share to hold out must lie between 0 and 1, not {share}; give for instance 0.1."
        )
    if groups is None:
        chosen = _draw_images(labels, share, seed)
    else:
        chosen = _draw_groups(labels, share, seed, groups)
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def groups_from_ids(dataset: Dataset, pattern: str = FILE_STEM) -> list[str]:
    r"""Derive the group of each image from its id.

    Parameters
    ----------
    dataset : Dataset
        Its ids are the paths of its images inside their source.
    pattern : str
        A regular expression, searched in each id; its first group, or all of it where it has
        none, names the group. The default takes the file name without its ending.

    Returns
    -------
    list of n str
        One group for each image.

    Raises
    ------
    InputError
        If the pattern is no regular expression, or an id doesn't match it.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise InputError(
            f"The pattern {pattern!r} is no regular expression ({error}); correct it."
        ) from error
    which = 1 if expression.groups else 0
    groups = []
    for name in dataset.ids:
        match = expression.search(name)
        if match is None or match[which] is None:
            raise InputError(
                f"{dataset.name}: the id {name!r} doesn't match the pattern {pattern!r}; "
                "give a pattern that each id matches."
            )
        groups.append(match[which])
    return groups


def _draw_images(
    labels: Int64[np.ndarray, " n"], share: float, seed: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    wanted = held_out_counts(np.bincount(labels), share)
    return draw_images(labels, wanted, np.random.default_rng(seed))


def held_out_counts(
    counts: Int64[np.ndarray, " classes"], share: float
) -> Int64[np.ndarray, " classes"]:
    """How many images of each class are held out of so many.

    Parameters
    ----------
    counts : int64 [classes]
    share : float

    Returns
    -------
    int64 [classes]
        The share, rounded; at least one of a class of two or more, and never its last.

    Raises
    ------
    InputError
        If no class has two images.
    """
    if not (counts >= 2).any():
        raise InputError(
            f"{counts.sum()} images with at most one for each class can't be split; "
            "give at least two of a class."
        )
    wanted = np.minimum(np.maximum(np.rint(counts * share), 1), counts - 1)
    held_out: Int64[np.ndarray, " classes"] = np.maximum(wanted, 0).astype(np.int64)
    return held_out


def draw_images(
    labels: Int64[np.ndarray, " n"],
    wanted: Int64[np.ndarray, " classes"],
    generator: np.random.Generator,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Draw so many images of each class; tell of each image whether it is drawn."""
    counts = np.bincount(labels)
    order = np.lexsort((generator.random(len(labels)), labels))
    rank_in_class = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    chosen = np.zeros(len(labels), np.bool_)
    chosen[order[rank_in_class < wanted[labels[order]]]] = True
    return chosen


def _draw_groups(
    labels: Int64[np.ndarray, " n"], share: float, seed: int, groups: Sequence[str]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if len(groups) != len(labels):
        raise InputError(
            f"There are {len(labels):,} images but {len(groups):,} groups; "
            "give one group for each image."
        )
    names, codes = np.unique(list(groups), return_inverse=True)
    draw = _GroupDraw(labels, codes, len(names), share)
    draw.offer_all(np.random.default_rng(seed).permutation(len(names)))
    draw.fill_empty_classes()
    if not draw.chosen.any():
        raise InputError(
            f"{len(labels)} images in {len(names)} groups can't be split without a class losing "
            "all its images; give more groups for each class."
        )
    return draw.chosen[codes]


class _GroupDraw:
    """Groups held out so far, and how many images of each class that makes."""

    def __init__(
        self,
        labels: Int64[np.ndarray, " n"],
        codes: Int64[np.ndarray, " n"],
        groups: int,
        share: float,
    ) -> None:
        counts = np.bincount(labels)
        self.counts: list[int] = counts.tolist()
        self.wanted: Float64[np.ndarray, " classes"] = counts * share
        self.held = [0] * len(counts)
        self.chosen = np.zeros(groups, np.bool_)
        pairs, sizes = np.unique(codes * len(counts) + labels, return_counts=True)
        pair_group, pair_class = np.divmod(pairs, max(len(counts), 1))
        bounds = np.searchsorted(pair_group, np.arange(groups + 1)).tolist()
        members = list(zip(pair_class.tolist(), sizes.tolist(), strict=True))
        self.content = [members[start:end] for start, end in pairwise(bounds)]

    def offer_all(self, order: Int64[np.ndarray, " groups"]) -> None:
        """Hold each group out that brings the counts nearer to what is wanted.

        One pass is enough: what is held out only grows, so a group that did not fit never will.
        """
        wanted = self.wanted.tolist()
        for group in order.tolist():
            if self._change(group, wanted) < 0 and self._leaves_rest(group):
                self._take(group)

    def fill_empty_classes(self) -> None:
        """Give each class that has no held-out image the group that harms the balance least."""
        wanted = self.wanted.tolist()
        for label, count in enumerate(self.counts):
            if count < 2 or self.held[label]:
                continue
            fitting = [
                (self._change(group, wanted), group)
                for group, content in enumerate(self.content)
                if any(label == other for other, _ in content) and self._leaves_rest(group)
            ]
            if fitting:
                self._take(min(fitting)[1])

    def _change(self, group: int, wanted: list[float]) -> float:
        change = 0.0
        for label, size in self.content[group]:
            change += size * (2 * (self.held[label] - wanted[label]) + size) / wanted[label]
        return change

    def _leaves_rest(self, group: int) -> bool:
        return all(self.held[c] + size < self.counts[c] for c, size in self.content[group])

    def _take(self, group: int) -> None:
        self.chosen[group] = True
        for label, size in self.content[group]:
            self.held[label] += size
