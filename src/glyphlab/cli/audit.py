"""`glyphlab data audit`: what is wrong with images, and what two sets of them share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, duration, give_json, progress_bar, results
from glyphlab.cli.options import AllowUnreadable, Cores, JsonFile, Lang, Mode, On, Size
from glyphlab.cli.sources import read, read_test

if TYPE_CHECKING:
    from glyphlab.auditing.findings import Audit
    from glyphlab.data.dataset import Dataset

Train = Annotated[
    str,
    typer.Argument(
        metavar="TRAIN",
        help="Images to learn from: a name or path.",
        autocompletion=completion.sources,
        show_default=False,
    ),
]
Test = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|PATH",
        help="Images to test on.",
        autocompletion=completion.sources,
        show_default="the test part of TRAIN, if it has one",
    ),
]
Folds = Annotated[
    int, typer.Option(min=2, max=20, help="Parts that are judged by models of the other parts.")
]
Seed = Annotated[int, typer.Option(min=0, help="Decides the parts and the trainings.")]


def audit(
    train: Train,
    *,
    test: Test = None,
    labels: Annotated[
        bool,
        typer.Option(
            "--labels/--no-labels",
            help="Train models to find label errors and outliers, or look at pixels only.",
        ),
    ] = True,
    folds: Folds = 5,
    seed: Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the page and audit.json.", show_default="runs/audit-TRAIN"),
    ] = None,
    json_file: JsonFile = None,
    on: On = "local",
    cores: Cores = 1,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
    lang: Lang = "en",
) -> None:
    """Find duplicates, leaks, wrong labels, outliers and unreadable files; write a page."""
    from glyphlab.auditing.audit import audit as audit_datasets
    from glyphlab.auditing.audit_file import AUDIT_FILE, audit_json, save_audit
    from glyphlab.files import safe_name, write_text
    from glyphlab.language import speaking
    from glyphlab.places.opening import check_place, open_place
    from glyphlab.report.audit_page import PAGE_FILE, audit_html

    check_place(on)
    train_set, test_set = read_for_audit(train, test, size, mode, allow_unreadable)
    folder = out or Path("runs") / f"audit-{safe_name(train_set.name)}"
    with open_place(on) as place:
        found = audit_datasets(
            train_set,
            test_set,
            judge_labels=labels,
            folds=folds,
            seed=seed,
            folder=folder,
            bar=progress_bar,
            place=place,
            cores=cores,
        )
    save_audit(found, folder / AUDIT_FILE)
    give_json(json_file, audit_json(found))
    with speaking(lang):
        write_text(folder / PAGE_FILE, audit_html(found, train_set, test_set))
        _print(found)
    console.print(
        f"Done in {duration(found.seconds)}. Open {folder / PAGE_FILE}; glyphlab data review "
        f"{folder} lets you overrule it, glyphlab data clean acts on it."
    )


def read_for_audit(
    train: str, test: str | None, size: int, mode: Literal["grey", "rgb"], allow_unreadable: bool
) -> "tuple[Dataset, Dataset | None]":
    """Read the training images, and the test images: those named, or the training's own part."""
    train_set, part = read(train, size, mode, allow_unreadable)
    if test is None:
        return train_set, part
    return train_set, read_test(test, size, mode, allow_unreadable)


def _print(found: "Audit") -> None:
    from glyphlab.language import say
    from glyphlab.report.audit_summary import audit_sentences, kinds

    parts = [found, found.test] if found.test else [found]
    results.table(
        (say("audit-printed-found"), *(part.dataset for part in parts)),
        [
            (say("audit-printed-images"), *(part.n for part in parts)),
            *((kind.name, *kind.counts) for kind in kinds(found)),
        ],
    )
    for sentence in audit_sentences(found):
        results.print(sentence)
