"""Numbers and findings in words, as pages show them."""

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.evaluation.statistics import Interval
from glyphlab.report.content import ModelResult
from glyphlab.report.figures import curve_values


def number(value: float) -> str:
    """A count with thousands apart: 225,898."""
    return f"{value:,.0f}"


def share(value: float | None) -> str:
    """A share with four digits: 0.9437; a dash for none."""
    return "–" if value is None else f"{value:.4f}"


def shares(values: Iterable[float]) -> str:
    """Several shares: 0.9437, 0.9412."""
    return ", ".join(map(share, values))


def span(interval: Interval) -> str:
    """An interval: 0.9388 – 0.9482."""
    return f"{interval.low:.4f} – {interval.high:.4f}"


def certainty(probability: float) -> str:
    """A probability with three digits, which is never rounded up to certainty: 0.987, > 0.999."""
    return ">\u00a00.999" if probability > 0.9994 else f"{probability:.3f}"


def duration(seconds: float) -> str:
    """A time for a person: 0.31 s, 31.2 s, 4 min 05 s, 1 h 02 min."""
    if seconds < 0.995:
        return f"{seconds:.2g} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


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
        return f"All {evaluation.n:,} images are recognised."
    order = np.argsort(-wrong, axis=None, kind="stable")[:k]
    pairs = [(int(i) // len(wrong), int(i) % len(wrong)) for i in order]
    named = [
        f"{evaluation.classes[true]} taken for {evaluation.classes[said]} ({wrong[true, said]:,})"
        for true, said in pairs
        if wrong[true, said]
    ]
    return f"Most frequent mistakes: {', '.join(named)}; {int(wrong.sum()):,} in all."


def curve_alt(result: ModelResult, what: str) -> str:
    """What a learning curve shows, for those who can't see it; empty if there is no point."""
    parts = []
    for part in ("training", "validation"):
        points = next(iter(curve_values(result, what, part)), [])
        if points:
            (_, first), (epoch, last) = points[0], points[-1]
            parts.append(f"{part} from {first:.3f} to {last:.3f} in epoch {epoch:.0f}")
    return (
        f"{what.capitalize()} of {result.model} against epoch: {'; '.join(parts)}." if parts else ""
    )


FILTERS: Mapping[str, Callable[..., str]] = {
    "number": number,
    "share": share,
    "shares": shares,
    "span": span,
    "certainty": certainty,
    "duration": duration,
}
"""What templates put figures into words with."""
