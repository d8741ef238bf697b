"""What `glyphlab data` prints of Datasets, and the same facts for JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glyphlab.cli.console import amount, results
from glyphlab.cli.sharded_view import count_of_shards, sharded_parts
from glyphlab.errors import InputError

if TYPE_CHECKING:
    from glyphlab.data.assemble import TrainTest
    from glyphlab.data.dataset import Dataset, Skipped
    from glyphlab.data.shards import ShardIndex
    from glyphlab.data.sheet import Description

SKIPPED_SHOWN = 10


def named_parts(loaded: "Dataset | TrainTest") -> "dict[str, Dataset]":
    """The parts by name; each of two parts is called NAME:train or NAME:test."""
    if not isinstance(loaded, tuple):
        return {"data": loaded}
    return {
        part: dataset.renamed(f"{dataset.name.removesuffix(f':{part}')}:{part}")
        for part, dataset in (("train", loaded.train), ("test", loaded.test))
    }


def announce(name: str) -> dict[str, Any]:
    """Print what is kept under a name and what was skipped; give the facts of it."""
    from glyphlab.data import catalog

    places = catalog.stored(name)
    for part, kept in _kept(name).items():
        results.print(f"{_in_words(kept)}, in {places[part]}")
        _print_skipped(kept.skipped, f"`glyphlab data show {name} --json FILE`")
    return stored_facts(name)


def stored_facts(name: str) -> dict[str, Any]:
    """What is kept under a name, for JSON; `damage` says why it can't be opened, if it can't."""
    from glyphlab.data import catalog

    stored, damage = catalog.Stored(name, catalog.stored(name)), None
    parts: dict[str, Dataset | ShardIndex] = {}
    try:
        parts = _kept(name)
    except InputError as error:
        damage = str(error)
    return {
        "name": name,
        "bytes": stored.bytes_on_disk if stored.parts else None,
        "files": {part: str(path) for part, path in stored.parts.items()},
        "damage": damage,
        "parts": {
            part: {
                "dataset": kept.name,
                "n": len(kept),
                **_shape_facts(kept.image_shape),
                "classes": list(kept.classes),
                "skipped": [entry._asdict() for entry in kept.skipped],
                "shards": _shards(kept),
            }
            for part, kept in parts.items()
        },
    }


def row(facts: dict[str, Any]) -> tuple[object, ...]:
    """The line of a name in the table of all: name, parts, images, classes, shape, room."""
    room = "built in" if facts["bytes"] is None else amount(facts["bytes"], "bytes")
    parts = facts["parts"]
    if facts["damage"]:
        return facts["name"], ", ".join(facts["files"]), None, None, "damaged", room
    first = next(iter(parts.values()))
    images = sum(part["n"] for part in parts.values())
    shape = _shape(first["height"], first["width"], first["channels"])
    return facts["name"], ", ".join(parts), images, len(first["classes"]), shape, room


def print_description(description: "Description", all_in: Path | None) -> None:
    """Print counts, balance and the first files skipped.

    Parameters
    ----------
    description : Description
    all_in : Path, optional
        Where all files skipped are listed, if they are.
    """
    results.print(
        f"{description.name}: {description.n:,} images of {_shape(*description.image_shape)}, "
        f"{len(description.counts)} classes"
    )
    results.table(
        ("class", "images", "share"),
        [
            (name, count, f"{count / description.n:.1%}")
            for name, count in description.counts.items()
        ],
    )
    results.print(
        f"Values run from {description.minimum} to {description.maximum}, "
        f"mean {description.mean:.1f}."
    )
    results.print(description.balance.sentence)
    if description.skipped:
        where = "--json FILE" if all_in is None else str(all_in)
        _print_skipped(description.skipped, where)
    else:
        results.print("No file was skipped.")


def description_facts(description: "Description") -> dict[str, object]:
    """The same for JSON, with every file skipped."""
    balance = description.balance
    return {
        "dataset": description.name,
        "n": description.n,
        **_shape_facts(description.image_shape),
        "counts": description.counts,
        "minimum": description.minimum,
        "maximum": description.maximum,
        "mean": description.mean,
        "balance": {
            **balance._asdict(),
            "ratio": balance.ratio if balance.ratio < float("inf") else None,
        },
        "skipped": [entry._asdict() for entry in description.skipped],
    }


def sheet_path(sheet: Path | None, dataset: "Dataset", part: str) -> Path:
    """Where the thumbnails of a part go: each of two parts has a file of its own."""
    if sheet is None:
        name = dataset.name.replace(":", "-").replace("/", "-")
        return Path(f"{name}-sheet.png")
    return sheet if part == "data" else sheet.with_stem(f"{sheet.stem}-{part}")


def write_sheet(dataset: "Dataset", path: Path) -> None:
    """Draw thumbnails to a file, and say so."""
    from glyphlab.data.sheet import thumbnail_sheet
    from glyphlab.files import atomic_path

    with atomic_path(path) as part:
        thumbnail_sheet(dataset).save(part, "PNG")
    results.print(f"Thumbnails of {dataset.name}: {path}")


def _kept(name: str) -> "dict[str, Dataset | ShardIndex]":
    """The parts under a name; of sharded ones the index alone is read."""
    from glyphlab.data.ingest import load

    sharded = sharded_parts(name)
    return {part: each.index for part, each in sharded.items()} or {**named_parts(load(name))}


def _in_words(kept: "Dataset | ShardIndex") -> str:
    """What a Dataset says of itself, and how many shards it has."""
    from glyphlab.data.shards import ShardIndex
    from glyphlab.language import say

    if not isinstance(kept, ShardIndex):
        return repr(kept)
    height, width, channels = kept.image_shape
    words = say(
        "notebook-dataset",
        dataset=repr(kept.name),
        n=len(kept),
        mode="grey" if channels == 1 else "rgb",
        size=f"{height}×{width}",
        classes=len(kept.classes),
        names=", ".join(kept.classes),
    )
    return f"{words}, {count_of_shards(kept)}"


def _shards(kept: "Dataset | ShardIndex") -> int | None:
    """How many shards there are; None for a Dataset file."""
    shards = getattr(kept, "shards", None)
    return None if shards is None else len(shards)


def _shape_facts(shape: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("height", "width", "channels"), shape, strict=True))


def _shape(height: int, width: int, channels: int) -> str:
    return f"{height}×{width} {'grey' if channels == 1 else 'RGB'}"


def _print_skipped(skipped: "Sequence[Skipped]", where: str) -> None:
    if not skipped:
        return
    files = "1 file was" if len(skipped) == 1 else f"{len(skipped):,} files were"
    results.print(f"{files} skipped:")
    for entry in skipped[:SKIPPED_SHOWN]:
        results.print(f"  {entry.path}: {entry.reason}")
    if len(skipped) > SKIPPED_SHOWN:
        results.print(f"  … and {len(skipped) - SKIPPED_SHOWN:,} more: {where} lists all")
