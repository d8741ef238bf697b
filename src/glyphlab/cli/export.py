"""`glyphlab export`: a trained model for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, give_json, results
from glyphlab.cli.evaluate import OwnArguments, OwnModel, open_run
from glyphlab.cli.options import AllowUnreadable, JsonFile, RunFolder
from glyphlab.cli.sources import read_test

if TYPE_CHECKING:
    from glyphlab.data.dataset import Dataset
    from glyphlab.exporting.export import Export
    from glyphlab.models.shapes import ImageShape


def export(
    run: RunFolder,
    format: Annotated[  # noqa: A002
        Literal["onnx"],
        typer.Option(help="For which programs, see docs/export.md.", show_default=False),
    ],
    out: Annotated[
        Path | None, typer.Option(help="The new folder.", show_default="RUN-FORMAT")
    ] = None,
    check: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            help="Images to compare the exported model with glyphlab on, and to state the accuracy "
            "of; the test part, if it has one.",
            autocompletion=completion.sources,
            show_default="noise, and no accuracy",
        ),
    ] = None,
    json_file: JsonFile = None,
    model: OwnModel = None,
    arg: OwnArguments = None,
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Write a trained model for other programs: ONNX."""
    from glyphlab.exporting.export import default_folder
    from glyphlab.exporting.export import export as export_run
    from glyphlab.files import refuse_taken

    refuse_taken(out if out is not None else default_folder(run, format))
    opened = open_run(run, model, arg)
    shape = opened.classifier.image_shape
    images = None if check is None else _read(check, shape, allow_unreadable)
    exported = export_run(opened, format, out, check=images)
    _print(exported)
    give_json(json_file, exported.to_json())


def _read(source: str, image_shape: "ImageShape", allow_unreadable: bool) -> "Dataset":
    """Images as the model takes them."""
    height, _, channels = image_shape
    return read_test(source, height, "grey" if channels == 1 else "rgb", allow_unreadable)


def _print(exported: "Export") -> None:
    results.print(f"{exported.folder}: {', '.join(exported.files)}")
    found = exported.agreement
    if found is not None:
        results.print(
            f"Its probabilities differ from glyphlab's by at most {found.largest_difference:.2g} "
            f"on {found.n:,} images ({found.images})."
        )
    tested = exported.evaluation
    if tested is not None:
        low, high = tested.accuracy_ci95
        results.print(
            f"Accuracy on {tested.dataset}: {tested.accuracy:.4f} (95 % interval {low:.4f} to "
            f"{high:.4f}, n = {tested.n:,})"
        )
    else:
        console.print("Its accuracy is not stated: --check DATA tests it.")
