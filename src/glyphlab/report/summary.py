"""The figures of a lab report: one row for each model, and all of them for machines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from glyphlab.evaluation.statistics import Interval, MeanInterval, mean_interval, wilson_interval
from glyphlab.language import say
from glyphlab.language.numerals import percent
from glyphlab.report.content import LabContent, ModelResult, SeedResult

FORMAT = "glyphlab.lab"
FORMAT_VERSION = 1
NARROW = "\u202f"
"""A narrow space that does not break, before a percent sign in a headline."""


@dataclass(frozen=True)
class Row:
    """A model under one protocol; means are over its seeds.

    Attributes
    ----------
    result : ModelResult
    parameters : int
    train_accuracy, validation_accuracy : float or None
        Means; None where there were no such images.
    accuracy : float
        Mean test accuracy.
    ci95 : Interval
        Wilson's 95 % interval of `accuracy`: what another draw of as many test images would give.
    over_seeds : MeanInterval
        The mean test accuracy with the interval that comes from the spread over seeds.
    train_seconds, train_images_per_second : float
        Means.
    best : frozenset of str
        Names of the attributes in which this row is the best of all.
    """

    result: ModelResult
    parameters: int
    train_accuracy: float | None
    validation_accuracy: float | None
    accuracy: float
    ci95: Interval
    over_seeds: MeanInterval
    train_seconds: float
    train_images_per_second: float
    best: frozenset[str] = frozenset()


def table(content: LabContent) -> list[Row]:
    """One row for each result; protocols of one model stand beside each other."""
    order = {model: place for place, model in enumerate(dict.fromkeys(_models(content)))}
    results = sorted(content.results, key=lambda r: (order[r.model], r.protocol))
    return _mark_best([_row(result) for result in results])


def has_both_protocols(content: LabContent) -> bool:
    """Whether results of the corrected and of the notebook's protocol are here."""
    return len({result.protocol for result in content.results}) > 1


def headline(rows: Sequence[Row]) -> str:
    """The most accurate model in a sentence."""
    best = max(rows, key=lambda row: row.accuracy)
    n, seeds = best.result.evaluation.n, len(best.result.runs)
    return say(
        "lab-headline",
        model=best.result.name,
        of=len(rows),
        accuracy=percent(best.accuracy, NARROW),
        n=n,
        low=percent(best.ci95.low, NARROW),
        high=percent(best.ci95.high, NARROW),
        trainings=seeds,
    )


def lab_json(content: LabContent) -> dict[str, Any]:
    """All figures for machines.

    Returns
    -------
    dict
        `results` holds, for each model, protocol and seed, the stable keys of
        `Evaluation.to_json` with protocol, task and training figures; `summary` holds a mean over
        seeds for each model and protocol; `answers` the sentences.
    """
    rows = table(content)
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "title": content.title,
        "training": _data_json(content, "training"),
        "test": _data_json(content, "test"),
        "results": [_run_json(row.result, run) for row in rows for run in row.result.runs],
        "summary": [_row_json(row) for row in rows],
        "answers": [
            {"task": a.task, "title": a.title, "question": a.question, "answer": list(a.sentences)}
            for a in content.answers
        ],
        "comparison": content.comparison.to_json() if len(rows) > 1 else None,
        "evidence": [evidence.to_json() for evidence in content.evidence],
        "command": content.command,
        "versions": dict(content.versions),
        "machine": content.machine,
        "seeds": list(content.seeds),
        "warnings": list(content.warnings),
    }


def _models(content: LabContent) -> list[str]:
    return [result.model for result in content.results]


def _row(result: ModelResult) -> Row:
    runs = result.runs
    accuracy = fmean(run.evaluation.accuracy for run in runs)
    n = result.evaluation.n
    return Row(
        result=result,
        parameters=result.parameters,
        train_accuracy=_mean([run.train_accuracy for run in runs]),
        validation_accuracy=_mean([run.validation_accuracy for run in runs]),
        accuracy=accuracy,
        ci95=wilson_interval(round(accuracy * n), n),
        over_seeds=mean_interval([run.evaluation.accuracy for run in runs]),
        train_seconds=fmean(run.train_seconds for run in runs),
        train_images_per_second=fmean(run.train_images_per_second for run in runs),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


_BEST: dict[str, Callable[[list[float]], float]] = {
    "parameters": min,
    "validation_accuracy": max,
    "accuracy": max,
    "train_seconds": min,
    "train_images_per_second": max,
}


def _mark_best(rows: list[Row]) -> list[Row]:
    if len(rows) < 2:
        return rows
    marked: list[set[str]] = [set() for _ in rows]
    for column, choose in _BEST.items():
        values = [getattr(row, column) for row in rows]
        known = [value for value in values if value is not None]
        for place, value in enumerate(values):
            if known and value == choose(known):
                marked[place].add(column)
    return [
        Row(**{**vars(row), "best": frozenset(names)})
        for row, names in zip(rows, marked, strict=True)
    ]


def _data_json(content: LabContent, part: str) -> dict[str, Any]:
    data = getattr(content, part)
    return {
        "name": data.name,
        "n": data.n,
        "classes": list(data.classes),
        "counts": list(data.counts),
        "source": data.source,
    }


def _run_json(result: ModelResult, run: SeedResult) -> dict[str, Any]:
    return run.evaluation.to_json() | {
        "protocol": result.protocol,
        "task": result.task,
        "train_accuracy": run.train_accuracy,
        "validation_accuracy": run.validation_accuracy,
        "train_seconds": run.train_seconds,
        "train_images_per_second": run.train_images_per_second,
        "epochs": len(run.history),
    }


def _row_json(row: Row) -> dict[str, Any]:
    spread = row.over_seeds.ci95
    return {
        "model": row.result.model,
        "protocol": row.result.protocol,
        "task": row.result.task,
        "dataset": row.result.evaluation.dataset,
        "n": row.result.evaluation.n,
        "seeds": [run.evaluation.seed for run in row.result.runs],
        "parameters": row.parameters,
        "accuracy": row.accuracy,
        "accuracy_ci95": list(row.ci95),
        "accuracy_over_seeds_ci95": None if spread is None else list(spread),
        "train_accuracy": row.train_accuracy,
        "validation_accuracy": row.validation_accuracy,
        "train_seconds": row.train_seconds,
        "train_images_per_second": row.train_images_per_second,
    }
