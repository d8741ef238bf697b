"""A pandas frame of paths and labels, of a Dataset and as a source."""

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.decode import has_image_name
from glyphlab.data.interchange.columns import SPLITS, TableOptions, pick
from glyphlab.data.interchange.parts import Part, as_datasets, checked_labels
from glyphlab.data.interchange.rows import Unread, file_content, read_rows
from glyphlab.data.layout import PARTS
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_NAME = "frame"
_LOOKED_AT = 100
_SHOWN = 5


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
    split = _split_column(frame, image, options)
    others = [column for column in columns if column not in (image, split)]
    label = pick("label", options.label_column, [others], columns, _NAME)
    parts, skipped = ([frame], []) if split is None else _by_part(frame, split, image)
    read = [_read(part, image, label, options.root, wish) for part in parts]
    read[0] = read[0]._replace(skipped=[*read[0].skipped, *skipped])
    return as_datasets(read, _NAME, wish, _categories(frame[label]))


def _read(frame: Any, image: Any, label: Any, given_root: str | Path | None, wish: Wish) -> Part:
    paths = [value if isinstance(value, str | PurePath) else None for value in frame[image]]
    ids = [str(path or f"row/{row}") for row, path in enumerate(paths)]
    series = frame[label]
    given = series.astype(object).where(series.notna(), None)
    labels = checked_labels(given.tolist(), ids, _NAME)
    root = Path(given_root or "")
    contents = (
        Unread("no path") if path is None else file_content(root / path, wish.bounds)
        for path in paths
    )
    return read_rows(contents, labels, ids, _NAME, wish)


def _split_column(frame: Any, image: Any, options: TableOptions) -> Any:
    """The column that tells training from test rows, if there is one."""
    if (wanted := options.split_column) is not None:
        return pick("split", wanted, [], list(frame.columns), _NAME)
    taken = (image, options.label_column)
    usual = [c for c in frame.columns if str(c).lower() in SPLITS and c not in taken]
    for column in usual if len(usual) == 1 else ():
        if frame[column].nunique() > 1 and _part_names(frame[column]) & set(PARTS):
            return column
    return None


def _by_part(frame: Any, split: Any, image: Any) -> tuple[list[Any], list[Skipped]]:
    """The rows for training and those for testing, and what is neither."""
    names = frame[split].astype(str).str.lower()
    if not set(PARTS) <= _part_names(frame[split]):
        found = ", ".join(sorted(map(repr, set(names)))[:_SHOWN])
        raise InputError(
            f"{_NAME}: the column {split!r} has {found}, but not both of 'train' and 'test'; name "
            "them so, or give the rows that you want without this column."
        )
    rest = frame[~names.isin(PARTS)]
    pairs = zip(rest[image], rest[split], strict=True)
    skipped = [Skipped(str(path), f"of {part!r}, not train or test") for path, part in pairs]
    return [frame[names == part] for part in PARTS], skipped


def _part_names(series: Any) -> set[str]:
    return {value.lower() for value in series.unique() if isinstance(value, str)}


def _categories(series: Any) -> list[str] | None:
    """The names that a categorical column gives, in its order."""
    names = list(series.cat.categories) if hasattr(series, "cat") else []
    return names if names and all(isinstance(name, str) for name in names) else None


def _holds_paths(series: Any) -> bool:
    return any(isinstance(value, str | PurePath) for value in series.head(_LOOKED_AT))


def _are_images(series: Any) -> bool:
    return any(has_image_name(str(value)) for value in series.head(_LOOKED_AT))
