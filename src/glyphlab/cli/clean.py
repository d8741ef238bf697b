"""`glyphlab data clean`: write a Dataset without what an audit finds wrong."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glyphlab.cli import completion
from glyphlab.cli.audit import Folds, Seed, Test, Train, read_for_audit
from glyphlab.cli.console import console, give_json, progress_bar, results
from glyphlab.cli.options import AllowUnreadable, JsonFile, Mode, Size
from glyphlab.errors import InputError

if TYPE_CHECKING:
    from glyphlab.auditing.cleaning import Cleaned
    from glyphlab.auditing.decisions import Decisions, Part
    from glyphlab.auditing.findings import Audit
    from glyphlab.data.dataset import Dataset


def clean(
    train: Train,
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Dataset file to write (.safetensors)."),
    ],
    test: Test = None,
    drop: Annotated[
        str,
        typer.Option(
            metavar="REASONS",
            autocompletion=completion.several_reasons,
            help="What to remove, separated by commas: duplicates, near-duplicates, leaks, "
            "conflicts, label-errors, outliers.",
        ),
    ] = "duplicates,leaks,conflicts",
    relabel: Annotated[
        bool,
        typer.Option("--relabel", help="Give likely label errors the suggested class."),
    ] = False,
    decisions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="decisions.json of glyphlab data review; they go before all else."
        ),
    ] = None,
    audit_file: Annotated[
        Path | None,
        typer.Option(
            "--audit", metavar="FILE", help="audit.json of these images, if there is one."
        ),
    ] = None,
    test_out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the test images, cleaned by --drop, here, too."),
    ] = None,
    judge_test: Annotated[
        bool,
        typer.Option(
            "--judge-test",
            help="Let a model's opinion clean the test images, too: label-errors and outliers.",
        ),
    ] = False,
    folds: Folds = 5,
    seed: Seed = 0,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
    json_file: JsonFile = None,
) -> None:
    """Write a Dataset without what an audit finds wrong, and a list of every change beside it.

    What is removed from the training images for leaks are those that repeat a test image. The test
    images stay as they are, but for --test-out.
    """
    from glyphlab.auditing.audit import audit
    from glyphlab.auditing.audit_file import load_audit
    from glyphlab.auditing.cleaning import BY_A_MODEL, check_reasons
    from glyphlab.auditing.decisions import check_decisions, load_decisions

    reasons = [word.strip() for word in drop.split(",") if word.strip()]
    check_reasons(reasons)
    _check_places(out, test_out, judge_test)
    made = load_decisions(decisions) if decisions else None
    found = load_audit(audit_file) if audit_file else None
    train_set, test_set = read_for_audit(train, test, size, mode, allow_unreadable)
    if found is None:
        judge = relabel or judge_test or bool(BY_A_MODEL & set(reasons))
        found = audit(
            train_set, test_set, judge_labels=judge, folds=folds, seed=seed, bar=progress_bar
        )
    if made is not None:
        check_decisions(made, found, str(decisions))
    cleaned = _write(train_set, found, "train", reasons, relabel, made, out)
    facts = {"train": _facts(train_set, cleaned, out)}
    if test_out is not None and test_set is not None:
        own = reasons if judge_test else [word for word in reasons if word not in BY_A_MODEL]
        cleaned = _write(test_set, found, "test", own, relabel and judge_test, made, test_out)
        accuracies = _print_accuracies(test_set, found, cleaned)
        facts["test"] = _facts(test_set, cleaned, test_out) | accuracies
    elif test_out is not None:
        raise InputError("--test-out needs test images; name them by --test.")
    give_json(json_file, facts)


def _check_places(out: Path, test_out: Path | None, judge_test: bool) -> None:
    if judge_test and test_out is None:
        raise InputError("--judge-test cleans the test images; say by --test-out where to.")
    if test_out is not None and test_out.resolve() == out.resolve():
        raise InputError(f"--out and --test-out are both {out}; give each a file of its own.")
    for path in (out, *([test_out] if test_out else [])):
        if path.suffix != ".safetensors":
            raise InputError(f"{path} doesn't end in .safetensors, as Dataset files do; rename it.")


def _write(
    dataset: "Dataset",
    found: "Audit",
    part: "Part",
    reasons: Sequence[str],
    relabel: bool,
    decisions: "Decisions | None",
    out: Path,
) -> "Cleaned":
    """Clean one part, write it and its changes, and say what was done."""
    from glyphlab.auditing.cleaning import changes_json, clean
    from glyphlab.data.formats import save_dataset
    from glyphlab.files import write_json

    cleaned = clean(dataset, found, part=part, drop=reasons, relabel=relabel, decisions=decisions)
    listed = out.with_suffix(".changes.json")
    save_dataset(cleaned.dataset, out)
    write_json(listed, changes_json(cleaned.changes))
    counts = Counter((change.action, change.reason) for change in cleaned.changes)
    results.table(
        ("action", "reason", "images"),
        [(action, reason, count) for (action, reason), count in sorted(counts.items())],
        title=f"{dataset.name}: {len(dataset):,} images, {len(cleaned.dataset):,} after cleaning",
    )
    console.print(f"Wrote {out}, and every change to {listed}.")
    return cleaned


def _facts(dataset: "Dataset", cleaned: "Cleaned", out: Path) -> dict[str, Any]:
    """What cleaning did to one part, for JSON."""
    from glyphlab.auditing.cleaning import changes_json

    return {
        "dataset": dataset.name,
        "file": str(out),
        "n_before": len(dataset),
        "n": len(cleaned.dataset),
        "changes": changes_json(cleaned.changes),
    }


def _print_accuracies(test: "Dataset", found: "Audit", cleaned: "Cleaned") -> dict[str, float]:
    """Say what cleaning the test images does to the accuracy of the audit's own models."""
    from glyphlab.auditing.cleaning import accuracies

    if found.test is None or found.test.predicted is None:
        return {}
    before, after = accuracies(test, found.test.predicted, cleaned)
    results.print(
        f"Accuracy of the audit's own models on these test images: {before:.4f} before cleaning, "
        f"{after:.4f} after. Where models clean what they are tested on, the second flatters."
    )
    return {"accuracy_before": before, "accuracy": after}
