"""`glyphlab data export`: images as PNG files in class folders."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, give_json, progress_bar, results
from glyphlab.cli.data_view import named_parts
from glyphlab.cli.options import AllowUnreadable, JsonFile, Mode, Size
from glyphlab.cli.sources import read

if TYPE_CHECKING:
    from glyphlab.data.dataset import Dataset


def export_data(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="An added name (NAME:train, NAME:test for one part), or a path to images.",
            autocompletion=completion.sources,
            show_default=False,
        ),
    ],
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="A new folder; of images in two parts it holds train and test.",
            show_default=False,
        ),
    ],
    *,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
    json_file: JsonFile = None,
) -> None:
    """Write images as PNG files, one folder for each class, which every command reads again."""
    from glyphlab.data.assemble import TrainTest
    from glyphlab.data.interchange.image_folder import not_kept, write_folder, write_parts

    train, test = read(data, size, mode, allow_unreadable)
    parts = named_parts(train if test is None else TrainTest(train, test))
    if test is None:
        with progress_bar(f"Writing {train.name}", "images") as progress:
            write_folder(train, folder, progress)
    else:
        write_parts(TrainTest(**parts), folder, progress_bar)
    places = {part: folder if part == "data" else folder / part for part in parts}
    for part, dataset in parts.items():
        results.print(f"{dataset!r}, in {places[part]}")
    remark = not_kept(train)
    if remark is not None:
        console.print(remark)
    told = {part: _facts(dataset, places[part]) for part, dataset in parts.items()}
    give_json(json_file, {"folder": str(folder), "parts": told, "remark": remark})


def _facts(dataset: "Dataset", place: Path) -> dict[str, Any]:
    counts = dict(zip(dataset.classes, dataset.class_counts.tolist(), strict=True))
    return {
        "dataset": dataset.name,
        "folder": str(place),
        "n": len(dataset),
        "counts": counts,
    }
