"""Headers of plain files in a tar, found in bulk.

An image set is a tar of half a million small files; reading the header of each in Python takes
as long as unpacking it.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64, UInt8

BLOCK = 512

_NOT_PLAIN = -1
_FILE_KINDS = np.frombuffer(b"0\x007", np.uint8)
_SPACE_OR_NUL = np.frombuffer(b" \0", np.uint8)
_NAME, _SIZE, _CHECKSUM, _KIND, _PREFIX = slice(0, 100), slice(124, 135), slice(148, 154), 156, 345


class PlainFiles(NamedTuple):
    """Files next to each other in a window.

    Parameters
    ----------
    names : list of bytes
        As the headers have them.
    starts : list of int
        Where the content of each begins.
    sizes : list of int
        How many bytes it has.
    end : int
        Where the next header is.
    """

    names: list[bytes]
    starts: list[int]
    sizes: list[int]
    end: int


class HeaderIndex:
    """What each block of a window on a tar says if it is the header of a plain file.

    Such a header has a right checksum, a name of up to 100 bytes that does not end in a slash, no
    prefix, and a size in octal digits.

    Parameters
    ----------
    window : bytes
        A part of the tar; what is left over after its last whole block does not count.
    largest : int
        Files of more bytes are not plain.
    """

    def __init__(self, window: bytes, largest: int) -> None:
        self._count = len(window) // BLOCK
        whole = np.frombuffer(window, np.uint8, self._count * BLOCK)
        self._blocks = whole.reshape(self._count, BLOCK)
        self._sizes, plain = _sizes(self._blocks, largest)
        following = np.arange(1, self._count + 1) + -(-self._sizes // BLOCK)
        self._following = np.where(plain, following, _NOT_PLAIN).tolist()

    def files(self, start: int) -> PlainFiles:
        """The plain files, one after the other from `start` on, that lie whole in the window."""
        found: list[int] = []
        block = start // BLOCK
        while block < self._count and block < (following := self._following[block]) <= self._count:
            found.append(block)
            block = following
        if not found:
            return PlainFiles([], [], [], start)
        names = np.ascontiguousarray(self._blocks[found, _NAME]).view("S100").ravel().tolist()
        starts = [(block + 1) * BLOCK for block in found]
        return PlainFiles(names, starts, self._sizes[found].tolist(), block * BLOCK)

    def cut_off(self, start: int) -> bool:
        """Whether the window ends before the plain file at `start` does."""
        block = start // BLOCK
        return block >= self._count or self._following[block] > self._count


def _sizes(
    blocks: UInt8[np.ndarray, "blocks 512"], largest: int
) -> tuple[Int64[np.ndarray, " blocks"], Bool[np.ndarray, " blocks"]]:
    """The size that each block gives, and whether it is the header of a plain file."""
    size, size_is_octal = _octal(blocks[:, _SIZE])
    checksum, checksum_is_octal = _octal(blocks[:, _CHECKSUM])
    plain = (
        size_is_octal
        & checksum_is_octal
        & (size <= largest)
        & (blocks[:, 0] != 0)
        & (blocks[:, _PREFIX] == 0)
        & np.isin(blocks[:, _KIND], _FILE_KINDS)
        & np.isin(blocks[:, _SIZE.stop], _SPACE_OR_NUL)
        & np.isin(blocks[:, _CHECKSUM.stop], _SPACE_OR_NUL)
    )
    rows = np.flatnonzero(plain)
    total = blocks[rows].sum(axis=1, dtype=np.uint32)
    own = blocks[rows, _CHECKSUM.start : _CHECKSUM.start + 8].sum(axis=1, dtype=np.uint32)
    plain[rows] = (total - own + np.uint32(8 * ord(" ")) == checksum[rows]) & _names_a_file(
        blocks[rows, _NAME]
    )
    return size, plain


def _names_a_file(names: UInt8[np.ndarray, "rows 100"]) -> Bool[np.ndarray, " rows"]:
    """Whether nothing follows the end of a name, and it has no slash at its end."""
    lengths = np.count_nonzero(names, axis=1)
    ends = np.where(lengths < names.shape[1], (names == 0).argmax(axis=1), lengths)
    last = names[np.arange(len(names)), lengths - 1]
    return np.asarray((ends == lengths) & (last != ord("/")))


def _octal(
    digits: UInt8[np.ndarray, "blocks digits"],
) -> tuple[Int64[np.ndarray, " blocks"], Bool[np.ndarray, " blocks"]]:
    """The numbers that rows of octal digits make, and whether they are such digits."""
    values = digits - np.uint8(ord("0"))
    places = 8 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64)
    return values @ places, np.asarray((values < 8).all(axis=1))
