"""Findings in words, as pages show them."""

import math

import numpy as np

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.language import say
from glyphlab.language.numerals import decimal, number
from glyphlab.report.content import ModelResult
from glyphlab.report.figures import curve_values


def round_step(width: float) -> float:
    """The step of 1, 2 or 5 times a power of ten that is nearest above `width`."""
    if width <= 0:
        return 0.01
    power = 10.0 ** math.floor(math.log10(width))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= width * 0.999)


def most_confused(evaluation: Evaluation, k: int = 3) -> str:
    """The most frequent mistakes in a sentence."""
    wrong = evaluation.confusion - np.diag(np.diagonal(evaluation.confusion))
    if not wrong.any():
        return say("lab-all-recognised", n=evaluation.n)
    order = np.argsort(-wrong, axis=None, kind="stable")[:k]
    pairs = [(int(i) // len(wrong), int(i) % len(wrong)) for i in order]
    named = [
        say(
            "lab-taken-for",
            true=evaluation.classes[true],
            said=evaluation.classes[said],
            count=number(wrong[true, said]),
        )
        for true, said in pairs
        if wrong[true, said]
    ]
    return say("lab-most-confused", pairs=", ".join(named), all=number(wrong.sum()))


def curve_alt(result: ModelResult, what: str) -> str:
    """What a learning curve shows, for those who can't see it; empty if there is no point."""
    parts = []
    for part in ("training", "validation"):
        points = next(iter(curve_values(result, what, part)), [])
        if points:
            (_, first), (epoch, last) = points[0], points[-1]
            ends = {"first": decimal(first, 3), "last": decimal(last, 3), "epoch": f"{epoch:.0f}"}
            parts.append(say(f"figure-alt-{part}", **ends))
    if not parts:
        return ""
    return say("figure-curve-alt", what=what, model=result.model, parts="; ".join(parts))
