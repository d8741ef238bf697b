"""Rows of a table whose images are files, or the bytes of such."""

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from glyphlab.data.archives import Bounds, Member
from glyphlab.data.assemble import check_unreadable
from glyphlab.data.collect import collect
from glyphlab.data.dataset import Skipped
from glyphlab.data.interchange.parts import Labels, Part
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError

_ENDING = ".png"


class Unread(NamedTuple):
    """An image whose bytes can't be had, and why."""

    reason: str


def read_rows(
    contents: Iterable[bytes | Unread],
    labels: Labels,
    ids: Sequence[str],
    source: str,
    wish: Wish,
) -> Part:
    """Decode the images of a table as those of a folder are.

    Parameters
    ----------
    contents : iterable of n bytes or Unread
        Image files.
    labels, ids : sequence of n
        Read once all contents are, so that these may fill them.

    Raises
    ------
    InputError
        If over 5 % are unreadable, or all of one class.
    """
    members = (_member(row, content) for row, content in enumerate(contents))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = collect(members, wish.size, wish.mode, wish.progress, len(labels))
    rows = [_row(path) for path in found.paths]
    unreadable = sorted(Skipped(ids[_row(path)], reason) for path, reason in found.unreadable)
    check_unreadable(len(rows), unreadable, source, wish.allow_unreadable, "allow_unreadable=True")
    read = [labels[row] for row in rows]
    for lost in sorted(set(labels) - set(read), key=str):
        raise InputError(
            f"{source}: no image of class {str(lost)!r} is readable; add some, or leave the class "
            "out."
        )
    images = found.images.taken(np.arange(len(rows)))
    # Every one is of one kind, but only one of the two, which mypy can't see.
    return Part(images, read, [ids[row] for row in rows], unreadable)  # type: ignore[arg-type]


def file_content(path: Path, bounds: Bounds) -> bytes | Unread:
    """Read an image file."""
    try:
        if not path.is_file():
            return Unread("there is no such file")
        with path.open("rb", buffering=0) as file:
            content = file.read(bounds.file_bytes + 1)
    except OSError as error:
        return Unread(f"can't be read: {error.strerror}")
    if len(content) > bounds.file_bytes:
        return Unread(f"larger than {bounds.file_bytes:,} bytes")
    return content


def _member(row: int, content: bytes | Unread) -> Member:
    """A file named for its row, so that what becomes of it can be told whatever its own name."""
    if isinstance(content, Unread):
        return Member(f"{row}{_ENDING}", None, content.reason)
    return Member(f"{row}{_ENDING}", content)


def _row(path: str) -> int:
    return int(path.removesuffix(_ENDING))
