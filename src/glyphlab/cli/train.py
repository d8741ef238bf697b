"""`glyphlab train`: one model, one Dataset, one Recipe."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

import typer

from glyphlab.cli.console import console, give_json, results
from glyphlab.cli.manner import manner
from glyphlab.cli.options import (
    AllowUnreadable,
    Arguments,
    Data,
    JsonFile,
    Mode,
    Settings,
    Size,
    TrainedModel,
)
from glyphlab.cli.sources import read_train
from glyphlab.cli.training_view import Log, watch_training
from glyphlab.errors import InputError, Interrupted
from glyphlab.processes import is_one_of_several

if TYPE_CHECKING:
    from glyphlab.training.recipe import Recipe
    from glyphlab.training.run import Run
    from glyphlab.training.status import Report


class _Places(TypedDict):
    """What both protocols are told of where to write and whom to tell."""

    out: Path | None
    resume: bool
    report: "Report"
    log: Sequence[str]


def train(
    model: TrainedModel,
    data: Data,
    recipe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A Recipe in TOML, for the model's own.")
    ] = None,
    settings: Settings = None,
    arg: Arguments = None,
    protocol: Annotated[
        Literal["corrected", "notebook"],
        typer.Option(help="Train properly, or with the notebook's procedure and its defects."),
    ] = "corrected",
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run.", show_default="a new one in runs/")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --out where it was stopped.")
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            help="Processes that train together, each on its part of every batch; for several "
            "machines see torchrun in the documents.",
        ),
    ] = 1,
    log: Log = None,
    json_file: JsonFile = None,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Train a model. Stop with Ctrl-C; the same command with --resume goes on."""
    from glyphlab.lab.notebook_protocol import fit_notebook
    from glyphlab.training.fit import fit
    from glyphlab.training.launching import train_together
    from glyphlab.training.recipe import parse_settings

    if resume and out is None:
        raise InputError("--resume needs --out with the folder of the run to go on with.")
    if workers > 1 and not is_one_of_several():
        raise typer.Exit(train_together(workers, manner.words))
    chosen = _recipe(model, recipe, settings or [])
    arguments = parse_settings(arg or [])
    dataset, _ = read_train(data, size, mode, allow_unreadable)
    try:
        with watch_training(model) as report:
            places = _Places(out=out, resume=resume, report=report, log=log or ())
            if protocol == "notebook":
                run = fit_notebook(model, dataset, chosen.seed, **places)
            else:
                run = fit(model, dataset, chosen, arguments=arguments, **places)
    except Interrupted as stopped:
        raise Interrupted(
            f"{stopped} To go on, repeat the command with --resume --out {stopped.path}",
            stopped.path,
        ) from None
    figures = run_figures(run)
    results.table(("figure", "value"), [(key, _shown(value)) for key, value in figures.items()])
    console.print(f"The run is in {run.path}; glyphlab evaluate {run.path} --data … tests it.")
    give_json(json_file, figures)


def run_figures(run: "Run") -> dict[str, Any]:
    """What a finished run says of itself, under the keys of all JSON results."""
    info = run.info
    return {
        "model": info.model,
        "dataset": info.dataset,
        "protocol": info.protocol,
        "seed": run.recipe.seed,
        "parameters": info.parameters,
        "n": info.n_train,
        "n_validation": info.n_validation,
        "train_accuracy": info.train_accuracy,
        "validation_accuracy": info.validation_accuracy,
        "seconds": info.seconds,
        "images_per_second": info.images_per_second,
        "run": str(run.path),
    }


def _recipe(model: str, file: Path | None, settings: list[str]) -> "Recipe":
    from glyphlab.training.recipe import default_recipe, load_recipe, parse_settings

    recipe = load_recipe(file) if file else default_recipe(model)
    return recipe.replace(**parse_settings(settings))


def _shown(value: object) -> object:
    return f"{value:,.4f}" if isinstance(value, float) else value
