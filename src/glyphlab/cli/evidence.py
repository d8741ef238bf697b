"""`glyphlab evidence`: experiments, one for each claimed cause of differences between models."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, duration, give_json, progress_bar, results
from glyphlab.cli.options import (
    AllowUnreadable,
    Data,
    JsonFile,
    Lang,
    Mode,
    On,
    Size,
    TestImages,
)
from glyphlab.cli.sources import DEFAULT_DATA, given, read_train_and_test
from glyphlab.errors import Interrupted

if TYPE_CHECKING:
    from glyphlab.lab.evidence.experiment import Experiment
    from glyphlab.report.evidence import Evidence


def evidence(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME…]",
            help="Experiments; all where none are named.",
            autocompletion=completion.experiments,
        ),
    ] = None,
    *,
    data: Data = DEFAULT_DATA,
    test: TestImages = None,
    seeds: Annotated[int, typer.Option(min=2, help="Trainings of each network.")] = 3,
    scale: Annotated[
        float,
        typer.Option(help="How many times as long trainings are, on as many times more images."),
    ] = 1.0,
    listed: Annotated[
        bool, typer.Option("--list", help="List the experiments and what each claims.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of outcomes and page; an experiment ended half-way goes on where it was.",
            show_default="runs/evidence-DATA",
        ),
    ] = None,
    json_file: JsonFile = None,
    on: On = "local",
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
    lang: Lang = "en",
) -> None:
    """Test what is claimed about the models, by one experiment for each claim."""
    from glyphlab.files import safe_name, write_text
    from glyphlab.lab.evidence.experiments import EXPERIMENTS
    from glyphlab.lab.evidence.experiments import evidence as find_evidence
    from glyphlab.language import say, speaking
    from glyphlab.places.opening import check_place, open_place
    from glyphlab.report.evidence_page import PAGE_FILE, evidence_html

    with speaking(lang):
        if listed:
            claims = [(name, experiment.claim) for name, experiment in EXPERIMENTS.items()]
            results.table(("experiment", "claim"), claims)
            give_json(json_file, [{"experiment": name, "claim": claim} for name, claim in claims])
            return
        check_place(on)
        train_set, test_set = read_train_and_test(data, test, size, mode, allow_unreadable)
        folder = out or Path("runs") / f"evidence-{safe_name(train_set.name)}"
        try:
            with open_place(on) as place:
                found = find_evidence(
                    train_set,
                    test_set,
                    names,
                    seeds=seeds,
                    scale=scale,
                    out=folder,
                    bar=progress_bar,
                    announce=announce,
                    place=place,
                )
        except Interrupted as stopped:
            raise Interrupted(f"{stopped} To go on, repeat the command.", stopped.path) from None
        for each in found:
            print_evidence(each)
        title = say("evidence-page-title", name=train_set.name)
        options = {
            "--data": (data, None),
            "--test": (test, None),
            "--seeds": (seeds, None),
            "--scale": (f"{scale:g}", None),
            "--lang": (lang, "en"),
            "--size": (size, 28),
            "--mode": (mode, "grey"),
            "--allow-unreadable": (allow_unreadable, False),
        }
        command = shlex.join(["glyphlab", "evidence", *(names or []), *given(options)])
        write_text(folder / PAGE_FILE, evidence_html(found, title, command))
    give_json(json_file, {"evidence": [each.to_json() for each in found]})
    console.print(f"Open {folder / PAGE_FILE}.")


def announce(experiment: "Experiment", trainings: int, seconds: float) -> None:
    """Say what an experiment costs, before it begins."""
    about = f", about {duration(seconds)}" if seconds else ", all done before"
    console.print(f"{experiment.name}: {trainings} trainings{about}. {experiment.claim}")


def print_evidence(found: "Evidence") -> None:
    """Print claim, verdict, sentences and figures."""
    from glyphlab.report.evidence_page import verdict_in_words

    results.print(f"\n{found.claim} {verdict_in_words(found.verdict)}")
    for sentence in found.sentences:
        results.print(f"  {sentence}")
    results.table(found.columns, found.rows)
