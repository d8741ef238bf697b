"""`glyphlab import`: a run of weights from elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, give_json, results
from glyphlab.cli.options import JsonFile
from glyphlab.errors import InputError


def import_(
    file: Annotated[
        Path,
        typer.Argument(help="A state dict in safetensors.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the run.", show_default=False)],
    model: Annotated[
        str | None,
        typer.Option(
            help="A name that `glyphlab models` lists.",
            autocompletion=completion.models,
            show_default="what the file says",
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…",
            help="Names in the order of the logits.",
            show_default="what the file says",
        ),
    ] = None,
    image_shape: Annotated[
        str | None,
        typer.Option(
            metavar="HEIGHT,WIDTH,CHANNELS", show_default="what the file says, or 28,28,1"
        ),
    ] = None,
    mean: Annotated[
        str | None,
        typer.Option(
            metavar="M,…",
            help="Of each channel, of pixels as shares of 255.",
            show_default="what the file says, or 0",
        ),
    ] = None,
    std: Annotated[
        str | None,
        typer.Option(
            metavar="S,…",
            help="The network sees (x/255 - mean)/std.",
            show_default="what the file says, or 1",
        ),
    ] = None,
    arg: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="What the model is built with, as hidden=[300]."),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Make a run of weights from elsewhere, or of what `export --format safetensors` wrote."""
    from glyphlab.exporting.importing import import_weights
    from glyphlab.training.recipe import parse_settings

    run = import_weights(
        file,
        out,
        model=model,
        classes=[name.strip() for name in classes.split(",")] if classes is not None else None,
        image_shape=_shape(image_shape),
        mean=_numbers("--mean", mean),
        std=_numbers("--std", std),
        arguments=parse_settings(arg) if arg else None,
    )
    classifier = run.classifier
    results.print(repr(classifier))
    results.print(
        f"Pixels are normalised as (x/255 - mean)/std, mean {_listed(classifier.mean)}, std "
        f"{_listed(classifier.std)}."
    )
    console.print(f"The run is in {run.path}; glyphlab evaluate {run.path} --data … tests it.")
    figures = {
        "model": run.info.model,
        "parameters": run.info.parameters,
        "classes": list(classifier.classes),
        "image_shape": list(classifier.image_shape),
        "mean": list(classifier.mean),
        "std": list(classifier.std),
        "run": str(run.path),
    }
    give_json(json_file, figures)


def _shape(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    sides = _numbers("--image-shape", text) or []
    if len(sides) != 3 or any(side != int(side) for side in sides):
        raise InputError(f"--image-shape {text!r} is no shape; write three, as in 28,28,1.")
    height, width, channels = map(int, sides)
    return height, width, channels


def _numbers(option: str, text: str | None) -> list[float] | None:
    try:
        return None if text is None else [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"{option} {text!r} is no list of numbers; write 0.5 or 1,2,3.") from error


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:.4g}" for number in numbers)
