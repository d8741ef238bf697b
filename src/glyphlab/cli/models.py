"""`glyphlab models` and `glyphlab summary`: what there is to train."""

from pathlib import Path
from typing import Annotated, Any

import typer


def models(
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the list here, too.")
    ] = None,
) -> None:
    """List the models by name, from the simplest to the most accurate."""
    from glyphlab.cli.console import results
    from glyphlab.files import write_json

    entries = _entries()
    results.table(
        ["Model", "Lab", "Parameters", "What it is, and what it takes"],
        [[e["model"], e["task"], e["parameters"], _described(e)] for e in entries],
    )
    results.print("Parameters are for grey images of 28×28 in 10 classes.")
    results.print("A model of your own is package.module:factory.")
    results.print("One of timm's is timm:NAME, as timm:resnet18 (extra timm).")
    if json_file is not None:
        write_json(json_file, entries)


def summary(
    model: Annotated[
        str, typer.Argument(help="A model's name, timm:NAME, or package.module:factory.")
    ],
    image_size: Annotated[
        int, typer.Option(min=1, max=4096, help="Height and width in pixels.")
    ] = 28,
    channels: Annotated[int, typer.Option(min=1, max=64, help="1 for grey, 3 for RGB.")] = 1,
    classes: Annotated[int, typer.Option(min=1, max=65_536, help="How many classes.")] = 10,
    arg: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="What else the model takes; may be repeated."),
    ] = None,
) -> None:
    """Print a model's layers with their output shapes and numbers of parameters."""
    from glyphlab.cli.console import results
    from glyphlab.models.summary import summary as summary_of
    from glyphlab.training.recipe import parse_settings

    arguments = parse_settings(arg or [])
    results.print(summary_of(model, (image_size, image_size, channels), classes, **arguments))


def _entries() -> list[dict[str, Any]]:
    from glyphlab.models import MODELS, build, takes

    return [
        {
            "model": entry.name,
            "task": entry.task,
            "description": entry.description,
            "parameters": sum(p.numel() for p in build(entry.name, (28, 28, 1), 10).parameters()),
            "arguments": takes(entry.name),
        }
        for entry in MODELS.values()
    ]


def _described(entry: dict[str, Any]) -> str:
    arguments = ", ".join(f"{key}={value!r}" for key, value in entry["arguments"].items())
    return f"{entry['description']} ({arguments})" if arguments else str(entry["description"])
