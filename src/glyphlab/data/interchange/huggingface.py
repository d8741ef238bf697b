"""Hugging Face's `datasets.Dataset`, of a Dataset and as a source."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glyphlab.data.archives import Bounds
from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.interchange.columns import TableOptions, pick
from glyphlab.data.interchange.encoding import encoded_chunks
from glyphlab.data.interchange.parts import Part, as_datasets, checked_labels, numbered_ids
from glyphlab.data.interchange.rows import Unread, file_content, read_rows
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError
from glyphlab.extras import extra
from glyphlab.progress import Progress

if TYPE_CHECKING:
    import datasets

_ROWS_AT_ONCE = 512


def to_huggingface(dataset: Dataset, progress: Progress) -> "datasets.Dataset":
    """Make a `datasets.Dataset` in memory; see `Dataset.to_huggingface`."""
    with extra("datasets", "Dataset.to_huggingface"):
        import datasets
    import pyarrow as pa

    def as_arrow(start: int, contents: list[bytes]) -> Any:
        content = pa.array(contents, pa.binary())
        return pa.StructArray.from_arrays(
            [content, pa.nulls(len(content), pa.string())], names=["bytes", "path"]
        )

    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    images = pa.chunked_array(encoded_chunks(dataset.images, as_arrow, progress), kind)
    ids = (text.encode("utf-8", "surrogateescape").decode(errors="replace") for text in dataset.ids)
    features = datasets.Features(
        image=datasets.Image(),
        label=datasets.ClassLabel(names=list(dataset.classes)),
        id=datasets.Value("string"),
    )
    columns = {"image": images, "label": pa.array(dataset.labels), "id": pa.array(ids, pa.string())}
    table = pa.table(columns, schema=features.arrow_schema)
    return datasets.Dataset(table, info=datasets.DatasetInfo(features=features))


def read_huggingface(source: Any, wish: Wish, options: TableOptions) -> Dataset | TrainTest:
    """Make Datasets of a `datasets.Dataset` or `DatasetDict`; see `load`.

    The images' bytes are decoded here as all others are, and nothing is downloaded.

    Raises
    ------
    InputError
        If columns or splits are not found, it is streamed or empty, labels are missing, class
        names differ between the parts, or images can't be read.
    """
    import datasets

    if options.split_column is not None:
        raise InputError(
            "split_column is for frames; of Hugging Face give a DatasetDict with train and test."
        )
    if isinstance(source, datasets.Dataset):
        splits, skipped = [source], list[Skipped]()
    elif isinstance(source, datasets.DatasetDict):
        splits, skipped = _splits(source)
    else:
        raise InputError(
            f"A Hugging Face {type(source).__name__} can't be read, since its end is not known; "
            "give a datasets.Dataset or DatasetDict, loaded without streaming."
        )
    name = str(splits[0].info.dataset_name or "huggingface")
    read = [_read(split, name, wish, options) for split in splits]
    parts, classes = [part for part, _ in read], [names for _, names in read]
    if any(names != classes[0] for names in classes):
        raise InputError(f"{name}: train and test have different class names; give both the same.")
    parts[0] = parts[0]._replace(skipped=[*parts[0].skipped, *skipped])
    return as_datasets(parts, name, wish, classes[0])


def _splits(source: "datasets.DatasetDict") -> tuple[list["datasets.Dataset"], list[Skipped]]:
    """The training and test part, or the only one; and what lies beside the two."""
    if len(source) == 1:
        return list(source.values()), []
    if {"train", "test"} <= source.keys():
        others = [key for key in source if key not in ("train", "test")]
        skipped = [Skipped(key, "a split beside train and test") for key in others]
        return [source["train"], source["test"]], skipped
    raise InputError(
        f"The DatasetDict has the splits {', '.join(map(repr, source)) or 'none'}, but not train "
        "and test; give one split, or name them so."
    )


def _read(
    split: "datasets.Dataset", name: str, wish: Wish, options: TableOptions
) -> tuple[Part, list[str] | None]:
    """The images of one part, and their class names if the labels are indices into such."""
    import datasets

    if not len(split):
        raise InputError(f"{name} is empty; give images and labels.")
    image, label = _columns(split, name, options)
    kind = split.features[label]
    id_kind = split.features.get("id")
    has_ids = isinstance(id_kind, datasets.Value) and id_kind.dtype == "string" and label != "id"
    facts = split.select_columns([label, "id"] if has_ids else [label]).with_format("arrow")[:]
    ids = facts.column("id").to_pylist() if has_ids else numbered_ids("image", len(split))
    ids = [text or f"row/{row}" for row, text in enumerate(ids)]
    labels = checked_labels(facts.column(label).to_pylist(), ids, name)
    contents = _contents(split, image, wish.bounds, None if has_ids else ids)
    part = read_rows(contents, labels, ids, name, wish)
    return part, list(kind.names) if isinstance(kind, datasets.ClassLabel) else None


def _columns(split: "datasets.Dataset", name: str, options: TableOptions) -> tuple[str, str]:
    """Which columns hold images and labels, by the types of their features."""
    import datasets

    features, columns = split.features, split.column_names
    images = [key for key, kind in features.items() if isinstance(kind, datasets.Image)]
    image = pick("image", options.image_column, [images], columns, name)
    if image not in images:
        raise InputError(f"{name}: the column {image!r} is no Image; cast it to datasets.Image().")
    named = [key for key, kind in features.items() if isinstance(kind, datasets.ClassLabel)]
    plain = [key for key, kind in features.items() if _may_be_labels(key, kind)]
    return image, pick("label", options.label_column, [named, plain], columns, name)


def _may_be_labels(name: str, kind: Any) -> bool:
    dtype = str(getattr(kind, "dtype", ""))
    return dtype.startswith(("string", "large_string", "int", "uint")) and name.lower() != "id"


def _contents(
    split: "datasets.Dataset", column: str, bounds: Bounds, ids: list[str] | None
) -> Iterator[bytes | Unread]:
    """The images' files; where they have paths, these become the ids."""
    batches = split.select_columns([column]).with_format("arrow").iter(_ROWS_AT_ONCE)
    row = 0
    for batch in batches:
        for image in batch.column(column).to_pylist():
            path = (image or {}).get("path")
            if path and ids is not None:
                ids[row] = path
            yield _content(image, bounds)
            row += 1


def _content(image: dict[str, Any] | None, bounds: Bounds) -> bytes | Unread:
    if image is None:
        return Unread("no image")
    content, path = image.get("bytes"), image.get("path")
    if content is not None:
        return bytes(content) if len(content) <= bounds.file_bytes else Unread("too large")
    if path is None:
        return Unread("no image")
    if "://" in path:
        return Unread("not on this machine, and nothing is downloaded")
    return file_content(Path(path), bounds)
