"""What the audit page shows: findings joined with their images, in lists that have an end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from glyphlab.auditing.decisions import Part
from glyphlab.auditing.findings import Audit, Copy, Findings, UnreadableFile
from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.report.audit_tables import Bar, NoiseRow, bars, noise_rows
from glyphlab.report.images import data_uri, png

ERRORS_SHOWN = 300
OTHERS_SHOWN = 100
COPIES_SHOWN = 8
"""Of images with the same pixels."""
LARGEST_SIDE = 96
"""Pixels; larger images are shown smaller."""

Found = tuple[int, str, str]
"""Index, id and class of an image."""

T = TypeVar("T")


@dataclass(frozen=True)
class Shown(Generic[T]):
    """The beginning of a list, and how long the whole is."""

    items: list[T]
    total: int

    @classmethod
    def first(cls, most: int, made: Iterable[T], total: int) -> "Shown[T]":
        """The first `most` of a list whose items are made one by one."""
        return cls(list(islice(made, most)), total)


@dataclass(frozen=True)
class Tile:
    """An image with its place, id and class, and what more is said of it."""

    part: Part
    index: int
    id: str
    label: str
    image: str
    score: float = 0.0
    suggested: str | None = None


@dataclass(frozen=True)
class Pair:
    """Two images that are alike."""

    first: Tile
    second: Tile
    same_pixels: bool
    distance: float


@dataclass(frozen=True)
class Group:
    """Images with the same pixels: the first of them, and how many there are in all."""

    tiles: list[Tile]
    total: int


@dataclass(frozen=True)
class PartView:
    """All that is shown of one Dataset."""

    part: Part
    findings: Findings
    unreadable: Shown[UnreadableFile]
    bars: list[Bar]
    noise: list[NoiseRow]
    duplicates: Shown[Group]
    near_duplicates: Shown[Pair]
    label_conflicts: Shown[Group]
    label_errors: Shown[Tile]
    outliers: Shown[Tile]


@dataclass(frozen=True)
class Album:
    """Where the images of an audit are."""

    train: Dataset
    test: Dataset | None

    def dataset(self, part: Part) -> Dataset:
        """The training or the test images."""
        return self.test if part == "test" and self.test is not None else self.train

    def tile(
        self, part: Part, found: Found, score: float = 0.0, suggested: str | None = None
    ) -> Tile:
        """An image as the page shows it."""
        index, name, label = found
        image = data_uri(png(thumbnail(self.dataset(part).images[index])))
        return Tile(part, index, name, label, image, score, suggested)

    def pair(self, first: tuple[Part, Found], second: tuple[Part, Found], distance: float) -> Pair:
        """Two images beside each other."""
        one, other = (self.dataset(part).images[index] for part, (index, *_) in (first, second))
        same = np.array_equal(one, other)
        return Pair(self.tile(*first), self.tile(*second), same, distance)


def part_view(part: Part, findings: Findings, album: Album) -> PartView:
    """Join the findings of one Dataset with their images."""
    near, errors, outliers = findings.near_duplicates, findings.label_errors, findings.outliers
    pairs = (album.pair((part, _original(c)), (part, _copy(c)), c.distance) for c in near)
    return PartView(
        part=part,
        findings=findings,
        unreadable=Shown.first(OTHERS_SHOWN, findings.unreadable, len(findings.unreadable)),
        bars=bars(findings),
        noise=noise_rows(findings),
        duplicates=_groups(part, findings.duplicates, album),
        near_duplicates=Shown.first(OTHERS_SHOWN, pairs, len(near)),
        label_conflicts=_groups(part, findings.label_conflicts, album),
        label_errors=Shown.first(
            ERRORS_SHOWN,
            (album.tile(part, (e.index, e.id, e.label), e.score, e.suggested) for e in errors),
            len(errors),
        ),
        outliers=Shown.first(
            OTHERS_SHOWN,
            (album.tile(part, (o.index, o.id, o.label), o.score) for o in outliers),
            len(outliers),
        ),
    )


def leak_pairs(audit: Audit, album: Album) -> Shown[Pair]:
    """Each test image beside each training image that is its copy, the nearest first."""
    found = {
        **{(leak.index, leak.of): leak for leak in audit.leaks},
        **{(source.of, source.index): _turned(source) for source in audit.leak_sources},
    }
    ordered = sorted(found.values(), key=lambda leak: leak.distance)
    pairs = (
        album.pair(("test", _copy(leak)), ("train", _original(leak)), leak.distance)
        for leak in ordered
    )
    return Shown.first(OTHERS_SHOWN, pairs, len(ordered))


def thumbnail(
    image: UInt8[np.ndarray, "height width channels"],
) -> UInt8[np.ndarray, "smaller_height smaller_width channels"]:
    """The image, reduced by a whole factor if a side is longer than `LARGEST_SIDE` pixels."""
    factor = -(-max(image.shape[:2]) // LARGEST_SIDE)
    if factor == 1:
        return image
    picture = Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
    return np.asarray(picture.reduce(factor)).reshape(
        -(-image.shape[0] // factor), -(-image.shape[1] // factor), image.shape[2]
    )


def check_same(findings: Findings, dataset: Dataset | None) -> None:
    """Refuse findings of another Dataset.

    Raises
    ------
    InputError
        Naming the one that was audited.
    """
    if dataset is None or dataset.fingerprint != findings.fingerprint:
        raise InputError(
            f"The audit of {findings.dataset} can't be shown with other images; give the Dataset "
            "that was audited."
        )


def _copy(copy: Copy) -> Found:
    return copy.index, copy.id, copy.label


def _original(copy: Copy) -> Found:
    return copy.of, copy.of_id, copy.of_label


def _turned(copy: Copy) -> Copy:
    """The same pair, seen from the other image."""
    return Copy(
        index=copy.of,
        id=copy.of_id,
        label=copy.of_label,
        of=copy.index,
        of_id=copy.id,
        of_label=copy.label,
        distance=copy.distance,
    )


def _groups(part: Part, copies: Sequence[Copy], album: Album) -> Shown[Group]:
    """Images with the same pixels; the one that others repeat comes first."""
    images = album.dataset(part).images
    found: dict[bytes, dict[int, Found]] = {}
    for copy in copies:
        group = found.setdefault(images[copy.index].tobytes(), {})
        group |= {copy.of: _original(copy), copy.index: _copy(copy)}
    made = (
        Group([album.tile(part, image) for image in [*group.values()][:COPIES_SHOWN]], len(group))
        for group in found.values()
    )
    return Shown.first(OTHERS_SHOWN, made, len(found))
