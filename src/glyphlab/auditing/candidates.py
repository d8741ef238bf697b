"""All pairs of points within a radius: blocks of near points, and products of those in reach."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int64

BLOCK = 256
_LONGEST_RUN = 2_048

Points = Float32[np.ndarray, "n dimensions"]
Index = Int64[np.ndarray, " k"]


class Blocks(NamedTuple):
    """Points in an order in which near ones lie together, and boxes around blocks of them.

    Parameters
    ----------
    order : int64 [n]
        Which point comes where.
    points : float32 [n, dimensions]
        In that order.
    bounds : int64 [blocks + 1]
        Where each block starts, and where the last one ends.
    low, high : float32 [blocks, dimensions]
        The corners of each block's box.
    """

    order: Index
    points: Points
    bounds: Index
    low: Float32[np.ndarray, "blocks dimensions"]
    high: Float32[np.ndarray, "blocks dimensions"]

    @property
    def slices(self) -> list[slice]:
        """Where in the order each block lies."""
        return [slice(start, end) for start, end in pairwise(self.bounds.tolist())]


def blocks(points: Points) -> Blocks:
    """Halve the points along the axis of their greatest extent, and so on down to small blocks."""
    parts = list(_halve(points, np.arange(len(points))))
    order, bounds = np.concatenate(parts), np.cumsum([0, *(len(part) for part in parts)])
    ordered = points[order]
    low = np.minimum.reduceat(ordered, bounds[:-1])
    high = np.maximum.reduceat(ordered, bounds[:-1])
    return Blocks(order, ordered, bounds, low, high)


def runs_in_reach(points: Points, others: Blocks, radius: float) -> list[slice]:
    """Parts of the order that hold all others within a radius of the box around some points.

    The nearest block comes first and alone; of the rest, adjacent ones are joined.
    """
    low, high = points.min(0), points.max(0)
    axes = points.shape[1]
    gaps = _square_gaps(others.low[:, :axes], others.high[:, :axes], low, high)
    reached = gaps <= radius**2
    if not reached.any():
        return []
    apart = (others.low + others.high)[:, :axes] - (low + high)
    nearest = int(np.where(reached, (apart**2).sum(1), np.inf).argmin())
    reached[nearest] = False
    rest = np.flatnonzero(reached)
    groups = np.split(rest, np.flatnonzero(np.diff(rest) != 1) + 1)
    runs: list[slice] = []
    for group in [np.array([nearest]), *(group for group in groups if len(group))]:
        start, end = int(others.bounds[group[0]]), int(others.bounds[group[-1] + 1])
        steps = [*range(start, end, _LONGEST_RUN), end]
        runs += [slice(first, last) for first, last in pairwise(steps)]
    return runs


def pairs_within(points: Points, others: Blocks, run: slice, radius: float) -> tuple[Index, Index]:
    """Find all pairs of a point and one of a run of the others that lie within a radius.

    Parameters
    ----------
    points : float32 [n, dimensions]
        Of the others, as many dimensions are looked at.
    others : Blocks
    run : slice
        A part of the order.
    radius : float

    Returns
    -------
    tuple of int64 arrays
        Indices into `points`, and places in the order of `others`.
    """
    near = others.points[run, : points.shape[1]]
    in_reach = np.flatnonzero(_square_gaps(near, near, points.min(0), points.max(0)) <= radius**2)
    near = near[in_reach]
    product = torch.addmm(
        torch.from_numpy(-_half_squares(near)), torch.from_numpy(points), torch.from_numpy(near).T
    )
    limits = _half_squares(points)[:, np.newaxis] - np.float32(radius**2 / 2)
    which = np.flatnonzero(product.numpy() >= limits)
    rows, columns = np.divmod(which, max(len(near), 1))
    return rows, run.start + in_reach[columns]


def _square_gaps(
    lows: Points, highs: Points, low: Points, high: Points
) -> Float32[np.ndarray, " n"]:
    """Squared distance of each of some boxes from one box."""
    gaps = np.maximum(np.maximum(lows - high, low - highs), 0)
    return np.asarray(np.einsum("ij,ij->i", gaps, gaps), np.float32)


def _half_squares(points: Points) -> Float32[np.ndarray, " n"]:
    return np.asarray(np.einsum("ij,ij->i", points, points) / 2, np.float32)


def _halve(points: Points, which: Index) -> Iterator[Index]:
    if len(which) <= BLOCK:
        yield which
        return
    own = points[which]
    along = own[:, np.ptp(own, axis=0).argmax()]
    middle = len(which) // 2
    order = np.argpartition(along, middle)
    yield from _halve(points, which[order[:middle]])
    yield from _halve(points, which[order[middle:]])
