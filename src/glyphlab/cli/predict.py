"""`glyphlab predict`: what a trained model says of images that nobody has labelled."""

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glyphlab.cli.console import console, give_json, give_text, progress_bar, results
from glyphlab.cli.evaluate import OwnArguments, OwnModel
from glyphlab.cli.options import CsvFile, JsonFile, RunFolder

if TYPE_CHECKING:
    from glyphlab.data.dataset import Skipped
    from glyphlab.training.run import Run

STANDARD_INPUT = "-"
"""Its name among the paths."""
PRINTED = 30
TOLD = 5


def predict(
    run: RunFolder,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH…",
            help="Images, or folders and archives with images, or addresses of such files; - is an "
            "image on standard input.",
            show_default=False,
        ),
    ],
    raw: Annotated[
        bool,
        typer.Option(
            "--raw", help="Only scale images; do not bring photographs and scans to the form."
        ),
    ] = False,
    csv_file: CsvFile = None,
    json_file: JsonFile = None,
    model: OwnModel = None,
    arg: OwnArguments = None,
) -> None:
    """Name the class of images: files, photographs and scans of letters, folders, archives."""
    from glyphlab.cli.evaluate import open_run
    from glyphlab.data.archives import Member
    from glyphlab.prediction.predictor import predict_chunks

    opened = open_run(run, model, arg)
    sources = [
        Member("standard input", sys.stdin.buffer.read()) if path == STANDARD_INPUT else path
        for path in paths
    ]
    rows: list[dict[str, Any]] = []
    problems: list[Skipped] = []
    with progress_bar(f"Predicting by {opened.info.model}", "images") as progress:
        for chunk in predict_chunks(opened, sources, raw=raw, progress=progress):
            rows += chunk.rows()
            problems += chunk.problems
    for problem in problems[:TOLD]:
        console.print(f"{problem.path} can't be read: {problem.reason}.")
    if len(problems) > TOLD:
        console.print(f"{len(problems) - TOLD:,} more can't be read; --json has all.")
    for remark in _remarks(opened, raw=raw, judged=rows[0]["unlike"] is not None):
        console.print(remark)
    if csv_file is not None:
        give_text(csv_file, _csv(rows))
    give_json(json_file, _json(opened, rows, problems))
    _print(rows)


def _remarks(run: "Run", *, raw: bool, judged: bool) -> Iterator[str]:
    """What was not done with the images, why, and what helps."""
    if not raw and run.info.form is None:
        yield (
            f"The weights of {run.path} were imported without the form of their training images, "
            "so images are only scaled; give such as it was trained on."
            if run.info.imported
            else f"{run.path} keeps no form of its training images: it is old, or these were not "
            "square; so images are only scaled."
        )
    if not judged:
        yield (
            f"{run.path} can't tell images that are unlike all that it was trained on: "
            + (
                "its weights were imported, without examples of their training images."
                if run.info.imported
                else "it keeps no examples, or held out fewer than 100 images; train again with "
                "--set validation=0.1."
            )
        )


def _json(
    run: "Run", rows: Sequence[dict[str, Any]], problems: "Sequence[Skipped]"
) -> dict[str, Any]:
    return {
        "model": run.info.model,
        "dataset": run.info.dataset,
        "n": len(rows),
        "predictions": rows,
        "unreadable": [{"image": p.path, "reason": p.reason} for p in problems],
    }


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    from glyphlab.prediction.predictions import COLUMNS

    buffer = io.StringIO()
    lines = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    lines.writeheader()
    for row in rows:
        shown = {key: f"{value:.6f}" for key, value in row.items() if isinstance(value, float)}
        lines.writerow(row | shown)
    return buffer.getvalue()


def _print(rows: Sequence[dict[str, Any]]) -> None:
    """A line for each image; of many, how many there are of each class."""
    from glyphlab.language.numerals import certainty

    if len(rows) <= PRINTED:
        results.table(
            ("image", "class", "probability", "runner-up", ""),
            [
                (
                    row["image"],
                    row["class"],
                    certainty(row["probability"]),
                    f"{row['second']} ({certainty(row['second_probability'])})",
                    "unlike all that it was trained on" if row["unlike"] else "",
                )
                for row in rows
            ],
        )
        return
    counts = Counter(row["class"] for row in rows)
    unlike = sum(bool(row["unlike"]) for row in rows)
    results.table(("class", "images"), sorted(counts.items()))
    judged = (
        ""
        if rows[0]["unlike"] is None
        else (f", of which {unlike:,} are unlike all that it was trained on")
    )
    results.print(f"{len(rows):,} images{judged}; --csv FILE has a line for each.")
