"""An array of rows that grows, and is sorted, without a copy of all of them."""

from math import prod

import numpy as np
from jaxtyping import Int64, UInt8

from glyphlab.data.resize import check_bytes

_STEP_BYTES = 1 << 26
_SORT_BYTES = 1 << 23

_Rows = UInt8[np.ndarray, "n *row"]


class Growing:
    """Images whose number nobody knows yet, in one piece of memory.

    Parameters
    ----------
    row_shape : tuple of int
        Height, width and channels of one.
    """

    def __init__(self, row_shape: tuple[int, int, int]) -> None:
        self.row_shape = row_shape
        self.row_bytes = prod(row_shape)
        self._rows = np.empty((0, *row_shape), np.uint8)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, images: UInt8[np.ndarray, "k height width channels"]) -> None:
        """Add images at the end.

        Raises
        ------
        InputError
            If all of them are more than is held at once.
        """
        end = self._count + len(images)
        check_bytes(end, self.row_bytes)
        if end > len(self._rows):
            # Fresh memory is cleared, which for few images would take longest of all.
            more = min(len(self._rows), _STEP_BYTES // self.row_bytes)
            self._resize(max(end, len(self._rows) + more))
        self._rows[self._count : end] = images
        self._count = end

    def taken(self, order: Int64[np.ndarray, " k"]) -> UInt8[np.ndarray, "k height width channels"]:
        """Give the images at these different places, in this order, and be empty."""
        reorder(self._rows[: self._count], order)
        self._resize(len(order))
        images, self._rows, self._count = self._rows, np.empty((0, *self.row_shape), np.uint8), 0
        return images

    def _resize(self, rows: int) -> None:
        """Where the system can, by moving pages, not bytes; no other view of the rows is alive."""
        self._rows.resize((rows, *self.row_shape), refcheck=False)


def reorder(rows: _Rows, order: Int64[np.ndarray, " k"]) -> None:
    """Make `rows[:k]` what `rows[order]` was, for k different places, piece by piece.

    What has to leave a piece takes the places of what came in; the rows after k are undefined.
    """
    source = order.copy()
    wanted_by = np.full(len(rows), -1)
    wanted_by[order] = np.arange(len(order))
    step = max(1, _SORT_BYTES // max(1, rows[:1].nbytes))
    for start in range(0, len(order), step):
        incoming = source[start : start + step]
        end = start + len(incoming)
        free = incoming[incoming >= end]
        leaving = np.setdiff1d(np.arange(start, end), incoming)
        came = rows[incoming]
        rows[free] = rows[leaving]
        rows[start:end] = came
        wanted_by[free] = wanted_by[leaving]
        moved = free[wanted_by[free] >= 0]
        source[wanted_by[moved]] = moved
