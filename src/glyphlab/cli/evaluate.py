"""`glyphlab evaluate`: what a run says on a Dataset."""

from pathlib import Path
from typing import Annotated

import typer

from glyphlab.cli.console import results
from glyphlab.cli.sources import AllowUnreadable, Mode, Size, read


def evaluate(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)],
    data: Annotated[
        str,
        typer.Option(metavar="NAME|PATH", help="Images to test on; the test part, if it has one."),
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the results here, too.")
    ] = None,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Test a trained model: accuracy with its interval, and accuracy per class."""
    from glyphlab.files import write_json
    from glyphlab.lab.evaluating import evaluate as evaluate_run
    from glyphlab.training.run import Run

    trained = Run(run)
    whole, test = read(data, size, mode, allow_unreadable)
    evaluation = evaluate_run(trained, test if test is not None else whole)
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
    if json_file is not None:
        write_json(json_file, evaluation.to_json() | {"confusion": evaluation.confusion.tolist()})
