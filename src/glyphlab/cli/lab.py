"""`glyphlab lab`: the main job."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, duration, give_json, progress_bar, results
from glyphlab.cli.evidence import announce, print_evidence
from glyphlab.cli.options import (
    AllowUnreadable,
    Cores,
    Data,
    JsonFile,
    Lang,
    Mode,
    On,
    Settings,
    Size,
    TestImages,
)
from glyphlab.cli.sources import (
    DEFAULT_DATA,
    HELD_OUT,
    given,
    loading_code,
    read_train_and_test,
)
from glyphlab.cli.training_view import Log
from glyphlab.cli.trials_view import watch_trials
from glyphlab.errors import Interrupted

FORMATS = "html,md"

if TYPE_CHECKING:
    from glyphlab.report.content import LabContent


def lab(
    data: Data = DEFAULT_DATA,
    test: TestImages = None,
    protocol: Annotated[
        Literal["corrected", "notebook", "both"],
        typer.Option(help="Train properly, as the notebook does, or both side by side."),
    ] = "corrected",
    models: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Models, separated by commas.",
            autocompletion=completion.several_models,
            show_default="all seven",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each model.")] = 1,
    settings: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of runs and report; a lab ended half-way goes on where it was.",
            show_default="runs/lab-DATA",
        ),
    ] = None,
    log: Log = None,
    json_file: JsonFile = None,
    audit: Annotated[
        bool,
        typer.Option(
            "--audit/--no-audit",
            help="Leave copies of test images and of other training images out of the training.",
        ),
    ] = True,
    evidence: Annotated[
        bool,
        typer.Option(
            "--evidence",
            help="Test every claimed cause by an experiment, too (one alone: glyphlab evidence).",
        ),
    ] = False,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMATS",
            autocompletion=completion.several_formats,
            help="Of the report, separated by commas: html, md, ipynb (executed), pdf (printed "
            "by a browser).",
        ),
    ] = FORMATS,
    on: On = "local",
    cores: Cores = 1,
    lang: Lang = "en",
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Do the whole lab: train the ladder of models, test once, compare, and write a report."""
    import time

    from glyphlab.files import safe_name
    from glyphlab.lab.tasks import Plan, run_lab
    from glyphlab.language import speaking
    from glyphlab.models import ladder
    from glyphlab.places.opening import check_place, open_place
    from glyphlab.report.summary import lab_json
    from glyphlab.report.write import check_formats, write_report
    from glyphlab.training.recipe import parse_settings

    started = time.perf_counter()
    options = given(
        {
            "--data": (data, None),
            "--test": (test, None),
            "--protocol": (protocol, "corrected"),
            "--models": (models, None),
            "--seeds": (seeds, 1),
            "--set": (settings or [], []),
            "--no-audit": (not audit, False),
            "--evidence": (evidence, False),
            "--format": (formats, FORMATS),
            "--lang": (lang, "en"),
            "--size": (size, 28),
            "--mode": (mode, "grey"),
            "--allow-unreadable": (allow_unreadable, False),
        }
    )
    check_place(on)
    wanted = [name.strip() for name in formats.split(",")]
    check_formats(wanted)
    train_set, test_set = read_train_and_test(data, test, size, mode, allow_unreadable)
    folder = out or Path("runs") / f"lab-{safe_name(train_set.name)}"
    plan = Plan(
        train=train_set,
        test=test_set,
        out=folder,
        models=[name.strip() for name in models.split(",")] if models else ladder(),
        protocols=("corrected", "notebook") if protocol == "both" else (protocol,),
        seeds=seeds,
        settings=parse_settings(settings or []),
        audit=audit,
        evidence=evidence,
        log=log or (),
        cores=cores,
        command=["glyphlab", "lab", *options],
        loading=loading_code(
            data, test, size, mode, held_out=test_set.name.endswith(HELD_OUT), folder=folder
        ),
    )
    console.print(
        f"Training on {len(train_set):,} images of {train_set.name}, testing on "
        f"{len(test_set):,} of {test_set.name}."
    )
    with speaking(lang):
        try:
            with open_place(on) as place:
                content = run_lab(plan, watch_trials, progress_bar, announce, place)
        except Interrupted as stopped:
            raise Interrupted(f"{stopped} To go on, repeat the command.", stopped.path) from None
        page, *_ = write_report(content, folder, wanted)
        give_json(json_file, lab_json(content))
        _print(content)
    console.print(f"Done in {duration(time.perf_counter() - started)}. Open {page}.")


def _print(content: "LabContent") -> None:
    """Print the table and the answers."""
    from glyphlab.report.comparison_words import choice_sentences
    from glyphlab.report.summary import table

    results.table(
        (
            "model",
            "parameters",
            "training",
            "validation",
            "test accuracy",
            "95 % interval",
            "seconds",
            "images/s",
        ),
        [
            (
                row.result.name,
                row.parameters,
                _share(row.train_accuracy),
                _share(row.validation_accuracy),
                _share(row.accuracy),
                f"{row.ci95.low:.4f} – {row.ci95.high:.4f}",
                f"{row.train_seconds:.1f}",
                round(row.train_images_per_second),
            )
            for row in table(content)
        ],
        title=f"Tested on {content.test.n:,} images of {content.test.name}",
    )
    for sentence in choice_sentences(content.comparison):
        results.print(sentence)
    for answer in content.answers:
        results.print(f"\n{answer.task}: {answer.title}")
        for sentence in answer.sentences:
            results.print(f"  {sentence}")
    for each in content.evidence:
        print_evidence(each)
    for warning in content.warnings:
        console.print(warning)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
