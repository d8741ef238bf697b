"""Which column of a table holds the images, and which the labels."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from glyphlab.errors import InputError

IMAGES = frozenset(
    (
        *("image", "images", "img", "picture", "pixels"),
        *("path", "file", "filename", "file_name", "filepath", "file_path", "image_path"),
    )
)
LABELS = frozenset(("label", "labels", "class", "class_name", "target", "category", "y"))
SPLITS = frozenset(("split", "part", "subset"))

Column = TypeVar("Column", bound=Hashable)


class TableOptions(NamedTuple):
    """What the user says of a table: names of columns, and where relative paths begin."""

    image_column: str | None = None
    label_column: str | None = None
    split_column: str | None = None
    root: str | Path | None = None


def pick(
    role: str,
    wanted: Column | None,
    groups: Sequence[Sequence[Column]],
    columns: Sequence[Column],
    source: str,
) -> Column:
    """Choose a column: the one that was asked for, or the only fitting one.

    Parameters
    ----------
    role : {"image", "label", "split"}
        What it should hold.
    wanted : str, optional
        The name that the user gave.
    groups : sequence of sequence of str
        Columns of fitting types, the most fitting first.
    columns : sequence of str
        All there are.
    source : str
        What errors call the table.

    Raises
    ------
    InputError
        Listing the columns, if there is no such one, or several fit and the usual names do not
        tell them apart.
    """
    listed = ", ".join(repr(column) for column in columns) or "none"
    if wanted is not None:
        if wanted in columns:
            return wanted
        raise InputError(f"{source} has no column {wanted!r}; give one of these: {listed}.")
    usual = IMAGES if role == "image" else LABELS
    for group in groups:
        named = [column for column in group if str(column).lower() in usual]
        if len(named) == 1 or len(group) == 1:
            return (named or group)[0]
        if group:
            break
    raise InputError(
        f"{source}: it can't be told which column holds the {role}s, of {listed}; name it with "
        f"{role}_column=…."
    )
