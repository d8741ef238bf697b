"""What in the ids suggests a group, such as a font or a writer, that a split would tear apart."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from glyphlab.data.splits import FILE_STEM

PATTERNS = {
    "the file name": FILE_STEM,
    "the file name up to its last number": r"([^/]*?)[-_. ]*\d+(?:\.[^./]*)?$",
    "the folder": r"([^/]+)/[^/]*$",
    "the folder above": r"([^/]+)/[^/]+/[^/]*$",
}
"""Where a group's name is looked for, in this order: what it is called, and its expression."""

LEAST_SHARE = 0.5
"""A group is believed in if at least this share of the images have another one of their group."""


class Grouping(NamedTuple):
    """Groups that the ids suggest.

    Parameters
    ----------
    where : str
        In which part of an id the name of a group was found.
    pattern : str
        The regular expression that finds it, for `glyphlab.split(groups=...)`.
    groups : list of n str
        The group of each image.
    """

    where: str
    pattern: str
    groups: list[str]


def find_groups(ids: Sequence[str], labels: Sequence[int]) -> Grouping | None:
    """Look for a part of the ids that names groups: each with several images, of several classes.

    A font has a letter of each class, a writer a digit of each; a name that holds to one class
    tells no more than the label, and one that is a mere number, such as `0017`, tells nothing.

    Parameters
    ----------
    ids : sequence of n str
        Paths of the images inside their source.
    labels : sequence of n int

    Returns
    -------
    Grouping or None
        The first of `PATTERNS` by which at least half of the images share a group of several
        classes.
    """
    for where, pattern in PATTERNS.items():
        groups = _names(ids, pattern)
        if groups is not None and _is_believable(groups, labels):
            return Grouping(where, pattern, groups)
    return None


def shared_groups(first: Sequence[str], second: Sequence[str]) -> int:
    """How many images of the second set are of a group that the first one has, too."""
    known = set(first)
    return sum(group in known for group in second)


def _names(ids: Sequence[str], pattern: str) -> list[str] | None:
    """The group in each id; None if some id has none, or all are numbers."""
    expression = re.compile(pattern)
    names = []
    for identifier in ids:
        match = expression.search(identifier)
        if match is None:
            return None
        names.append(match[1])
    return None if all(not name.strip("-_. 0123456789") for name in names) else names


def _is_believable(groups: Sequence[str], labels: Sequence[int]) -> bool:
    classes: dict[str, set[int]] = {}
    for group, label in zip(groups, labels, strict=True):
        classes.setdefault(group, set()).add(label)
    if len(classes) < 2 or all(len(held) == 1 for held in classes.values()):
        return False
    return sum(len(classes[group]) > 1 for group in groups) >= LEAST_SHARE * len(groups)
