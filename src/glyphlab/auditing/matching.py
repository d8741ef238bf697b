"""The images of one block that repeat another image: candidates, sieved and then verified."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int64
from torch import Tensor

from glyphlab.auditing.candidates import Blocks, pairs_within, runs_in_reach
from glyphlab.auditing.descriptors import Descriptors, DescriptorSpace, Tangents, tangents
from glyphlab.auditing.pictures import Pictures, contrast
from glyphlab.auditing.registration import unexplained
from glyphlab.auditing.spectra import Spectra, Transform

RADIUS = 0.2
"""How far apart the descriptors of near duplicates may lie; unrelated ones are some 1 apart."""

SEARCHED = 24
"""The numbers of a descriptor by which candidates are found."""

_MANY = 1 << 18
_VERIFIED = 128

Index = Int64[np.ndarray, " pairs"]


@dataclass(frozen=True)
class Match:
    """An image that repeats another one.

    Attributes
    ----------
    index : int
        The image.
    of : int
        The image that it repeats.
    distance : float
        See `glyphlab.auditing.near_duplicates`.
    """

    index: int
    of: int
    distance: float


class Search(NamedTuple):
    """Two sets of images, and how they are compared.

    Parameters
    ----------
    images, others : Pictures
    own, theirs : Blocks
        Of the descriptors of the images, and of the others.
    space : DescriptorSpace
        That of both.
    transform : Transform
        To the coefficients that are compared in the end.
    threshold : float
        The largest distance of a match.
    only_earlier : bool
        Whether both sets are the same, and an image is compared with those before it.
    """

    images: Pictures
    others: Pictures
    own: Blocks
    theirs: Blocks
    space: DescriptorSpace
    transform: Transform
    threshold: float
    only_earlier: bool


def matches(search: Search, block: slice) -> list[Match]:
    """Find which images of one block repeat one of the others.

    An image is done with its first match, so that many copies of one image take no longer than
    many images. The nearest others come first, and so does the nearest descriptor among them.
    """
    members, descriptors = search.own.order[block], search.own.points[block]
    pictures = search.images.take(members)
    moves = tangents(pictures, search.space)
    images = Block(members, pictures, search.transform.spectra(pictures))
    is_open = np.ones(len(members), np.bool_)
    found: list[Match] = []
    for rows, places in _portions(search, members, descriptors, is_open):
        sieved = _sieved(search, descriptors, moves, rows, places)
        for row, match in _first_matches(search, images, *sieved):
            is_open[row] = False
            found.append(match)
    return found


class Block(NamedTuple):
    """The images of a block: their indices, pixels and coefficients."""

    members: Int64[np.ndarray, " k"]
    pictures: Float[Tensor, "k c h w"]
    spectra: Spectra


def _portions(
    search: Search,
    members: Index,
    descriptors: Descriptors,
    is_open: Bool[np.ndarray, " k"],
) -> Iterator[tuple[Index, Index]]:
    """Candidates, many at a time: rows of the block that are still open, and places of others."""
    points = np.ascontiguousarray(descriptors[:, :SEARCHED])
    held: list[tuple[Index, Index]] = []
    many = 1
    for run in runs_in_reach(points, search.theirs, RADIUS):
        still = np.flatnonzero(is_open)
        if not len(still):
            return
        rows, places = pairs_within(points[still], search.theirs, run, RADIUS)
        rows = still[rows]
        if search.only_earlier:
            is_earlier = search.theirs.order[places] < members[rows]
            rows, places = rows[is_earlier], places[is_earlier]
        held.append((rows, places))
        if sum(len(rows) for rows, _ in held) >= many:
            yield _joined(held)
            held, many = [], _MANY
    if held:
        yield _joined(held)


def _joined(pairs: list[tuple[Index, Index]]) -> tuple[Index, Index]:
    rows, places = (np.concatenate(side) for side in zip(*pairs, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], places[order]


def _sieved(
    search: Search, descriptors: Descriptors, moves: Tangents, rows: Index, places: Index
) -> tuple[Index, Index]:
    """Keep the pairs whose descriptors differ by what small changes explain; nearest first."""
    kept_rows, kept_places = [rows[:0]], [places[:0]]
    for row, candidates in _by_row(rows, places):
        steps = torch.from_numpy(search.theirs.points[candidates] - descriptors[row])
        squares = (steps**2).sum(1)
        left = squares - ((steps @ moves.directions[row].T) ** 2).sum(1)
        largest = search.threshold / moves.share[row]
        kept = (left <= largest**2).nonzero()[:, 0]
        kept = kept[squares[kept].argsort(stable=True)]
        kept_rows.append(np.full(len(kept), row))
        kept_places.append(candidates[kept.numpy()])
    return np.concatenate(kept_rows), np.concatenate(kept_places)


def _by_row(rows: Index, places: Index) -> Iterator[tuple[int, Index]]:
    distinct, starts = np.unique(rows, return_index=True)
    yield from zip(distinct.tolist(), np.split(places, starts[1:]), strict=False)


def _first_matches(
    search: Search, images: Block, rows: Index, places: Index
) -> Iterator[tuple[int, Match]]:
    """Verify pairs in rounds, each twice as deep, until a row has a match or no pair is left."""
    depth = np.arange(len(rows)) - np.searchsorted(rows, rows)
    columns, last = search.theirs.order[places], 1
    while len(rows):
        turn = depth < last
        distances = _distances(search, images, rows[turn], columns[turn])
        matched = _nearest(rows[turn], distances, search.threshold)
        for row, column, distance in zip(
            rows[turn][matched], columns[turn][matched], distances[matched], strict=True
        ):
            yield int(row), Match(int(images.members[row]), int(column), float(distance))
        left = ~turn & ~np.isin(rows, rows[turn][matched])
        rows, columns, depth = rows[left], columns[left], depth[left]
        last = 2 * last + 1


def _nearest(
    rows: Index, distances: Float32[np.ndarray, " pairs"], threshold: float
) -> Int64[np.ndarray, " matches"]:
    """Where the nearest pair of each row is, if it is near enough."""
    order = np.lexsort((distances, rows))
    _, first = np.unique(rows[order], return_index=True)
    nearest = order[first]
    return nearest[distances[nearest] <= threshold]


def _distances(
    search: Search, images: Block, rows: Index, columns: Index
) -> Float32[np.ndarray, " pairs"]:
    made = np.empty(len(rows), np.float32)
    contrasts = contrast(images.pictures)
    for start in range(0, len(rows), _VERIFIED):
        part = slice(start, start + _VERIFIED)
        own = Spectra(*(values[rows[part]] for values in images.spectra))
        others = search.others.take(columns[part])
        left = unexplained(own, search.transform.spectra(others), search.transform.frequencies)
        made[part] = (left / torch.minimum(contrasts[rows[part]], contrast(others))).numpy()
    return made
