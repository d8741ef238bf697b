"""A pandas frame of paths and labels, of a Dataset and as a source."""

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.data.decode import has_image_name
from glyphlab.data.interchange.columns import TableOptions, pick
from glyphlab.data.interchange.parts import as_datasets, checked_labels
from glyphlab.data.interchange.rows import Unread, file_content, read_rows
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_NAME = "frame"
_LOOKED_AT = 100


def to_pandas(dataset: Dataset) -> "pd.DataFrame":
    """Make a frame of ids and class names; see `Dataset.to_pandas`."""
    import pandas as pd

    labels = pd.Categorical.from_codes(dataset.labels, list(dataset.classes))
    return pd.DataFrame({"path": list(dataset.ids), "label": labels})


def read_frame(frame: Any, wish: Wish, options: TableOptions) -> Dataset | TrainTest:
    """Make a Dataset of a frame of paths and labels; see `load`.

    Raises
    ------
    InputError
        If columns are not found, it is empty, labels are missing, or files can't be read.
    """
    if not len(frame):
        raise InputError(f"{_NAME} is empty; give paths and labels.")
    columns = list(frame.columns)
    text = [column for column in columns if _holds_paths(frame[column])]
    named = [column for column in text if _are_images(frame[column])]
    image = pick("image", options.image_column, [named, text], columns, _NAME)
    others = [column for column in columns if column != image]
    label = pick("label", options.label_column, [others], columns, _NAME)
    paths = [value if isinstance(value, str | PurePath) else None for value in frame[image]]
    ids = [str(path or f"row/{row}") for row, path in enumerate(paths)]
    series = frame[label]
    given = series.astype(object).where(series.notna(), None)
    labels = checked_labels(given.tolist(), ids, _NAME)
    root = Path(options.root or "")
    contents = (
        Unread("no path") if path is None else file_content(root / path, wish.bounds)
        for path in paths
    )
    part = read_rows(contents, labels, ids, _NAME, wish)
    return as_datasets([part], _NAME, wish, None)


def _holds_paths(series: Any) -> bool:
    return any(isinstance(value, str | PurePath) for value in series.head(_LOOKED_AT))


def _are_images(series: Any) -> bool:
    return any(has_image_name(str(value)) for value in series.head(_LOOKED_AT))
