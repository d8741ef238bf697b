"""`glyphlab compare`: which of several runs is better, by how much, and how sure that is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, give_json, progress_bar, results
from glyphlab.cli.options import AllowUnreadable, Cores, JsonFile, Lang, Mode, On, Size
from glyphlab.cli.sources import given, read_test

if TYPE_CHECKING:
    from glyphlab.evaluation.comparison import Comparison


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN…",
            help="Folders of finished runs, or folders with such folders, as runs/lab-glyphs/runs. "
            "Runs that differ in their seed only are trainings of one model.",
            autocompletion=completion.runs,
            show_default=False,
        ),
    ],
    test: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH",
            help="Images to test all on; the test part, if it has one.",
            autocompletion=completion.sources,
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the page.", show_default="runs/compare-TEST")
    ] = None,
    json_file: JsonFile = None,
    on: On = "local",
    cores: Cores = 1,
    lang: Lang = "en",
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Compare trained models on the same images: accuracy, every pair tested, cost, and a page."""
    import shlex

    from glyphlab.files import safe_name, write_text
    from glyphlab.lab.comparing import compare_runs, find_runs
    from glyphlab.language import speaking
    from glyphlab.places.opening import check_place, open_place
    from glyphlab.report.comparison_page import PAGE_FILE, comparison_html
    from glyphlab.report.comparison_words import choice_sentences, comparison_sentences

    check_place(on)
    found = find_runs(runs)
    test_set = read_test(test, size, mode, allow_unreadable)
    folder = out or Path("runs") / f"compare-{safe_name(test_set.name)}"
    words = ["glyphlab", "compare", *map(str, runs), "--test", test]
    words += given(
        {
            "--lang": (lang, "en"),
            "--size": (size, 28),
            "--mode": (mode, "grey"),
            "--allow-unreadable": (allow_unreadable, False),
        }
    )
    with speaking(lang):
        with (
            open_place(on) as place,
            progress_bar(f"Testing on {test_set.name}", "runs") as progress,
        ):
            comparison = compare_runs(found, test_set, progress, place, cores)
        sentences = [*choice_sentences(comparison), *comparison_sentences(comparison)]
        page = comparison_html(comparison, test_set.images, shlex.join(words))
        write_text(folder / PAGE_FILE, page)
        give_json(json_file, comparison.to_json())
        _print(comparison)
        for sentence in sentences:
            results.print(sentence)
    console.print(f"Open {folder / PAGE_FILE}.")


def _print(comparison: "Comparison") -> None:
    from glyphlab.evaluation.candidate import COSTS
    from glyphlab.report.comparison_words import cost_in_words

    results.table(
        (
            "model",
            "trainings",
            "accuracy",
            "95 % interval",
            "calibration error",
            "parameters",
            "operations",
            "training",
            "a prediction",
        ),
        [
            (
                c.name,
                c.trainings,
                f"{c.accuracy:.4f}",
                f"{c.accuracy_ci95.low:.4f} – {c.accuracy_ci95.high:.4f}",
                f"{c.calibration.error:.4f}",
                *(cost_in_words(cost, c.cost(cost)) for cost in COSTS),
            )
            for c in comparison.candidates
        ],
        title=f"Tested on {comparison.n:,} images of {comparison.dataset}",
    )
