"""A Comparison laid out for a page: what its templates show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.evaluation.candidate import COSTS, Candidate, Cost
from glyphlab.evaluation.comparison import Comparison
from glyphlab.evaluation.pairs import Pair
from glyphlab.language import say
from glyphlab.language.numerals import decimal, listed
from glyphlab.report.comparison_figures import frontier, reliability
from glyphlab.report.comparison_words import cost_in_words, pair_sentence
from glyphlab.report.figures import to_svg
from glyphlab.report.gallery import image_name
from glyphlab.report.images import data_uri, png

DISAGREEMENTS = 24
CLASSES = 30
FRONTIERS: tuple[Cost, ...] = ("operations", "train_seconds")


@dataclass(frozen=True)
class Disagreement:
    """An image that models take for different classes: the names by what they say."""

    image: str
    id: str
    true: str
    said: dict[str, list[str]]


@dataclass(frozen=True)
class PairCell:
    """What the first of two models has more, in points; whether that is sure; and all of it."""

    text: str
    sure: bool
    label: str


def comparison_view(
    comparison: Comparison,
    images: UInt8[np.ndarray, "n height width channels"],
    links: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that `comparison_parts.html.j2` shows.

    Parameters
    ----------
    comparison : Comparison
        Of two models at least.
    images : uint8 [n, height, width, channels]
        The test images.
    links : mapping of str to str, optional
        The place of each model in the page, as "#model-1".
    """
    return {
        "comparison": comparison,
        "n": comparison.n,
        "rows": [_row(candidate) for candidate in comparison.candidates],
        "cells": [
            [_cell(comparison, first, second) for second in comparison.candidates]
            for first in comparison.candidates
        ],
        "pairs": comparison.pairs,
        "frontiers": [_frontier(comparison, cost, links or {}) for cost in _measured(comparison)],
        "reliability": [_reliability(c, place) for place, c in enumerate(comparison.candidates)],
        "classes": _classes(comparison),
        "disagreements": _disagreements(comparison, images),
    }


def _row(candidate: Candidate) -> dict[str, Any]:
    return {
        "candidate": candidate,
        "costs": [_cost(candidate, cost) for cost in COSTS],
    }


def _cost(candidate: Candidate, cost: Cost) -> dict[str, Any]:
    value = candidate.cost(cost)
    return {"text": cost_in_words(cost, value), "value": "" if value is None else value}


def _cell(comparison: Comparison, first: Candidate, second: Candidate) -> PairCell | None:
    if first is second:
        return None
    pair: Pair = comparison.pair(first.name, second.name)
    text = decimal(100 * pair.difference, 2, signed=True)
    return PairCell(text, pair.differs, pair_sentence(pair))


def _measured(comparison: Comparison) -> list[Cost]:
    return [cost for cost in FRONTIERS if len(comparison.frontier(cost)) > 0]


def _frontier(comparison: Comparison, cost: Cost, links: Mapping[str, str]) -> dict[str, str]:
    kept = listed([candidate.name for candidate in comparison.frontier(cost)])
    alt = say("comparison-frontier-alt", cost=cost, kept=kept)
    title = say("comparison-frontier-title", cost=cost)
    svg = to_svg(frontier(comparison, cost, links), f"frontier-{cost}", alt)
    return {"title": title, "svg": svg}


def _reliability(candidate: Candidate, place: int) -> dict[str, str]:
    gathered = candidate.calibration
    alt = say(
        "comparison-reliability-alt",
        model=candidate.name,
        bins=len(gathered.counts),
        error=decimal(gathered.error, 4),
    )
    return {
        "name": candidate.name,
        "svg": to_svg(reliability(candidate), f"reliability-{place}", alt),
        "error": decimal(gathered.error, 4),
        "by_chance": decimal(gathered.error_by_chance, 4),
        "over": decimal(gathered.overconfidence, 4, signed=True),
    }


def _classes(comparison: Comparison) -> dict[str, Any]:
    """The hardest classes, hardest first; at most `CLASSES`."""
    means = np.mean([c.class_accuracy for c in comparison.candidates], axis=0)
    order = [int(k) for k in np.argsort(means, kind="stable") if not np.isnan(means[k])]
    shown = order[:CLASSES]
    counts = np.bincount(comparison.best.evaluations[0].labels, minlength=len(means))
    intervals = [candidate.class_ci95 for candidate in comparison.candidates]
    rows = [
        {
            "name": comparison.classes[k],
            "n": int(counts[k]),
            "cells": [
                {"share": float(c.class_accuracy[k]), "ci95": interval[k]}
                for c, interval in zip(comparison.candidates, intervals, strict=True)
            ],
        }
        for k in shown
    ]
    return {"rows": rows, "left": len(order) - len(shown)}


def _disagreements(
    comparison: Comparison, images: UInt8[np.ndarray, "n height width channels"]
) -> list[Disagreement]:
    return [
        _disagreement(comparison, images, int(index))
        for index in comparison.disagreements(DISAGREEMENTS)
    ]


def _disagreement(
    comparison: Comparison, images: UInt8[np.ndarray, "n height width channels"], index: int
) -> Disagreement:
    said: dict[str, list[str]] = {}
    for candidate in comparison.candidates:
        name = comparison.classes[candidate.evaluations[0].predictions[index]]
        said.setdefault(name, []).append(candidate.name)
    evaluation = comparison.best.evaluations[0]
    return Disagreement(
        image=data_uri(png(images[index])),
        id=evaluation.ids[index] if evaluation.ids is not None else image_name(index),
        true=comparison.classes[evaluation.labels[index]],
        said=dict(sorted(said.items(), key=lambda entry: -len(entry[1]))),
    )
