"""`glyphlab data`: add, get, list, show and audit images, and render letters from fonts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphlab.cli.audit import audit
from glyphlab.cli.clean import clean
from glyphlab.cli.console import amount, console, progress_bar, results
from glyphlab.cli.render import render
from glyphlab.cli.review import review
from glyphlab.cli.sources import AllowUnreadable, Mode, Size
from glyphlab.errors import InputError

if TYPE_CHECKING:
    from glyphlab.data.assemble import TrainTest
    from glyphlab.data.catalog import Stored
    from glyphlab.data.dataset import Dataset, Skipped
    from glyphlab.data.sheet import Description

data_app = typer.Typer(no_args_is_help=True, help="Add, get, list, show and audit images.")

SKIPPED_SHOWN = 10

Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@data_app.command()
def add(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Folders with one folder per class, the same as .tar, .tar.gz or .zip, IDX "
            "files, .npz, or Dataset files.",
            show_default=False,
        ),
    ],
    *,
    name: Annotated[
        str | None, typer.Option(help="What to call it; by default after the file.")
    ] = None,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
    force: Force = False,
) -> None:
    """Read images and keep them under a name."""
    from glyphlab.data import catalog

    if name is not None and len(paths) > 1:
        raise InputError(
            f"One --name can't stand for {len(paths)} paths; add them one by one, or leave --name "
            "out."
        )
    for path in paths:
        with progress_bar(f"Reading {path.name or path}", "files") as progress:
            stored = catalog.add(
                path,
                name,
                size=size,
                mode=mode,
                allow_unreadable=allow_unreadable,
                force=force,
                progress=progress,
            )
        _announce(stored)


@data_app.command()
def get(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="notmnist-small, notmnist-large, mnist, fashion-mnist or kmnist."
        ),
    ],
    force: Force = False,
) -> None:
    """Download a public data set and keep it under its name."""
    from glyphlab.data import catalog, download

    if not force and catalog.stored(name):
        console.print(f"{name} is already there; use --force to download it anew.")
        return
    _announce(download.get(name, force=force, bar=progress_bar))


@data_app.command("list")
def list_names() -> None:
    """List what is there."""
    from glyphlab.data import catalog

    rows = [_row(name) for name in (catalog.BUILT_IN, *catalog.names())]
    results.table(("name", "parts", "images", "classes", "shape", "on disk"), rows)


@data_app.command()
def show(
    source: Annotated[
        str, typer.Argument(metavar="NAME_OR_PATH", help="An added name, or a path to images.")
    ],
    *,
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png", help="Where to draw thumbnails; by default NAME-sheet.png, here."
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write all figures and skipped files here."),
    ] = None,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Count images per class, judge the balance, list skipped files, and draw thumbnails."""
    from glyphlab.data.ingest import load
    from glyphlab.data.sheet import describe
    from glyphlab.files import write_json

    if sheet is not None and sheet.suffix.lower() != ".png":
        raise InputError(f"{sheet} doesn't end in .png, and thumbnails are PNG; rename it.")
    with progress_bar(f"Reading {Path(source).name or source}", "files") as progress:
        loaded = load(
            source, size=size, mode=mode, allow_unreadable=allow_unreadable, progress=progress
        )
    parts = _parts(loaded)
    descriptions = {part: describe(dataset) for part, dataset in parts.items()}
    for description in descriptions.values():
        _print_description(description, all_in=json_file)
    if json_file is not None:
        write_json(json_file, {"parts": {part: _facts(d) for part, d in descriptions.items()}})
    for part, dataset in parts.items():
        _write_sheet(dataset, _sheet_path(sheet, dataset, part))


def _announce(stored: "Stored") -> None:
    from glyphlab.data import catalog

    opened = catalog.open_stored(stored.name)
    for part, dataset in _parts(opened).items() if opened is not None else ():
        results.print(f"{dataset!r}, in {stored.parts[part]}")
        _print_skipped(dataset.skipped, f"`glyphlab data show {stored.name} --json FILE`")


def _parts(loaded: "Dataset | TrainTest") -> "dict[str, Dataset]":
    """The parts by name; each of two parts is called NAME:train or NAME:test."""
    if not isinstance(loaded, tuple):
        return {"data": loaded}
    return {
        part: dataset.renamed(f"{dataset.name.removesuffix(f':{part}')}:{part}")
        for part, dataset in (("train", loaded.train), ("test", loaded.test))
    }


def _row(name: str) -> tuple[object, ...]:
    from glyphlab.data import catalog
    from glyphlab.data.ingest import load

    stored = catalog.Stored(name, catalog.stored(name))
    room = amount(stored.bytes_on_disk, "bytes") if stored.parts else "built in"
    try:
        parts = _parts(load(name))
    except InputError as error:
        console.print(str(error))
        return name, ", ".join(stored.parts), None, None, "damaged", room
    first = next(iter(parts.values()))
    images = sum(len(part) for part in parts.values())
    return name, ", ".join(parts), images, len(first.classes), _shape(first.image_shape), room


def _shape(shape: tuple[int, int, int]) -> str:
    height, width, channels = shape
    return f"{height}×{width} {'grey' if channels == 1 else 'RGB'}"


def _print_description(description: "Description", all_in: Path | None) -> None:
    results.print(
        f"{description.name}: {description.n:,} images of {_shape(description.image_shape)}, "
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


def _print_skipped(skipped: "Sequence[Skipped]", where: str) -> None:
    if not skipped:
        return
    files = "1 file was" if len(skipped) == 1 else f"{len(skipped):,} files were"
    results.print(f"{files} skipped:")
    for entry in skipped[:SKIPPED_SHOWN]:
        results.print(f"  {entry.path}: {entry.reason}")
    if len(skipped) > SKIPPED_SHOWN:
        results.print(f"  … and {len(skipped) - SKIPPED_SHOWN:,} more: {where} lists all")


def _facts(description: "Description") -> dict[str, object]:
    height, width, channels = description.image_shape
    balance = description.balance
    return {
        "dataset": description.name,
        "n": description.n,
        "height": height,
        "width": width,
        "channels": channels,
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


def _sheet_path(sheet: Path | None, dataset: "Dataset", part: str) -> Path:
    if sheet is None:
        name = dataset.name.replace(":", "-").replace("/", "-")
        return Path(f"{name}-sheet.png")
    return sheet if part == "data" else sheet.with_stem(f"{sheet.stem}-{part}")


def _write_sheet(dataset: "Dataset", path: Path) -> None:
    from glyphlab.data.sheet import thumbnail_sheet
    from glyphlab.files import atomic_path

    with atomic_path(path) as part:
        thumbnail_sheet(dataset).save(part, "PNG")
    results.print(f"Thumbnails of {dataset.name}: {path}")


for command in (render, audit, review, clean):
    data_app.command()(command)
