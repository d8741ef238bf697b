"""`glyphlab evaluate`: what a run says on a Dataset."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import give_json, results
from glyphlab.cli.options import AllowUnreadable, JsonFile, Mode, RunFolder, Size
from glyphlab.cli.sources import read_test

if TYPE_CHECKING:
    from glyphlab.training.run import Run

OwnModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="PACKAGE.MODULE:FACTORY",
        help="The factory of a model of your own, which a run may name but not import.",
    ),
]
OwnArguments = Annotated[
    list[str] | None,
    typer.Option("--arg", metavar="KEY=VALUE", help="What that model was built with."),
]


def evaluate(
    run: RunFolder,
    data: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH",
            help="Images to test on; the test part, if it has one.",
            autocompletion=completion.sources,
        ),
    ],
    json_file: JsonFile = None,
    model: OwnModel = None,
    arg: OwnArguments = None,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Test a trained model: accuracy with its interval, and accuracy per class."""
    from glyphlab.evaluation.evaluating import evaluate as evaluate_run

    test = read_test(data, size, mode, allow_unreadable)
    evaluation = evaluate_run(open_run(run, model, arg), test)
    low, high = evaluation.accuracy_ci95
    results.print(
        f"{evaluation.model} on {evaluation.dataset}: accuracy {evaluation.accuracy:.4f} "
        f"(95 % interval {low:.4f} to {high:.4f}, n = {evaluation.n:,}), "
        f"{evaluation.images_per_second:,.0f} images/s"
    )
    counts = evaluation.confusion.sum(axis=1)
    shares = zip(evaluation.classes, counts, evaluation.class_accuracy, strict=True)
    results.table(
        ("class", "images", "accuracy"),
        [(name, int(n), f"{accuracy:.4f}") for name, n, accuracy in shares],
    )
    by_class = {
        "classes": list(evaluation.classes),
        "confusion": evaluation.confusion.tolist(),
    }
    give_json(json_file, evaluation.to_json() | by_class)


def open_run(path: Path, model: str | None, arguments: list[str] | None) -> "Run":
    """A run, with the network of the user's own that it was trained with, if it was one."""
    from glyphlab.models import build
    from glyphlab.models.weights import read_header
    from glyphlab.training.recipe import parse_settings
    from glyphlab.training.run import WEIGHTS, Run

    if model is None:
        return Run(path)
    header = read_header(path / WEIGHTS)
    settings = parse_settings(arguments or [])
    return Run(path, build(model, header.image_shape, len(header.classes), **settings))
