"""What an experiment's outcomes say to its claim: checks that are stated before any training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from jaxtyping import Bool, Float

from glyphlab.evaluation.statistics import Interval
from glyphlab.evaluation.variation import Variation, difference_interval, variation
from glyphlab.lab.evidence.trial import Outcome
from glyphlab.language import say
from glyphlab.language.numerals import points, points_span
from glyphlab.report.evidence import Line, Verdict

SAME = 0.01
"""Accuracies are called the same if the interval of their difference lies within a point."""

Figure = Callable[[Outcome], float]


@dataclass(frozen=True)
class Check:
    """A sentence and whether it holds; None where the figures can't tell."""

    sentence: str
    holds: bool | None


class Outcomes:
    """The outcomes of an experiment by label, one for each seed."""

    def __init__(self, found: Mapping[str, Sequence[Outcome]]) -> None:
        self.found = found

    def __getitem__(self, label: str) -> Sequence[Outcome]:
        return self.found[label]

    def correct(self, label: str, shift: int = 0) -> Bool[np.ndarray, "seeds n"]:
        """Whether each training is right on each test image."""
        return np.stack([outcome.correct[shift] for outcome in self.found[label]])

    def accuracy(self, label: str, shift: int = 0) -> float:
        """Mean test accuracy."""
        return float(self.correct(label, shift).mean())

    def variation(self, label: str, shift: int = 0) -> Variation:
        """Its interval, which holds seeds and test images."""
        return variation(self.correct(label, shift))

    def mean(self, label: str, figure: Figure) -> float:
        """Mean of another figure over the seeds."""
        return fmean(figure(outcome) for outcome in self.found[label])

    def line(
        self, name: str, points_: Sequence[tuple[float, str]], shifts: Sequence[int] | None = None
    ) -> Line:
        """Test accuracy with its band: for each place on the axis a label, and maybe a shift."""
        at = shifts or [0] * len(points_)
        found = [self.variation(label, s) for (_, label), s in zip(points_, at, strict=True)]
        return Line(
            name=name,
            x=tuple(x for x, _ in points_),
            y=tuple(self.accuracy(label, s) for (_, label), s in zip(points_, at, strict=True)),
            low=tuple(v.ci95.low for v in found),
            high=tuple(v.ci95.high for v in found),
        )


def verdict(checks: Sequence[Check]) -> Verdict:
    """All held, one is the other way round, or neither."""
    if any(check.holds is False for check in checks):
        return "contradicted"
    return "supported" if all(check.holds for check in checks) else "undecided"


def more_accurate(outcomes: Outcomes, first: str, second: str) -> Check:
    """The first is more accurate than the second."""
    return _more(_against(first, second), outcomes.correct(first), outcomes.correct(second))


def no_better(outcomes: Outcomes, first: str, second: str) -> Check:
    """The first is not more accurate than the second, by a point at the most."""
    a, b = outcomes.correct(first), outcomes.correct(second)
    interval = difference_interval(a, b)
    holds = False if interval.low > 0 else True if interval.high <= SAME else None
    return Check(_sentence(_against(first, second), _difference(a, b), interval), holds)


def same_accuracy(outcomes: Outcomes, first: str, second: str) -> Check:
    """Both are as accurate, within a point."""
    a, b = outcomes.correct(first), outcomes.correct(second)
    interval = difference_interval(a, b)
    holds = None
    if interval.low >= -SAME and interval.high <= SAME:
        holds = True
    elif interval.low > SAME or interval.high < -SAME:
        holds = False
    return Check(_sentence(_against(first, second), _difference(a, b), interval), holds)


def loses_less(outcomes: Outcomes, first: str, second: str, shift: int) -> Check:
    """The first loses less accuracy by the shift than the second, image by image."""
    lost = [
        outcomes.correct(label).astype(float) - outcomes.correct(label, shift)
        for label in (first, second)
    ]
    title = say("evidence-loses-more", first=first, second=second, shift=shift)
    return _more(title, lost[1], lost[0])


def larger(outcomes: Outcomes, title: str, first: str, second: str, figure: Figure) -> Check:
    """A figure of the first, as the gap of training and test, is larger; by the seeds alone."""
    a, b = (np.array([[figure(o)] for o in outcomes[label]]) for label in (first, second))
    return _more(title, a, b)


def above(outcomes: Outcomes, title: str, label: str, figure: Figure) -> Check:
    """A figure of a network is above 0; by the seeds alone."""
    values = np.array([[figure(outcome)] for outcome in outcomes[label]])
    return _more(title, values, np.zeros_like(values))


def gap(outcome: Outcome) -> float:
    """Accuracy on the training images, with the labels they have, minus that on test images."""
    return outcome.train_accuracy - float(outcome.correct[0].mean())


def _more(
    title: str, first: Float[np.ndarray, "seeds n"], second: Float[np.ndarray, "seeds n"]
) -> Check:
    interval = difference_interval(first, second)
    holds = True if interval.low > 0 else False if interval.high < 0 else None
    return Check(_sentence(title, _difference(first, second), interval), holds)


def _difference(first: Float[np.ndarray, "s n"], second: Float[np.ndarray, "s n"]) -> float:
    return float(first.mean() - second.mean())


def _against(first: str, second: str) -> str:
    return say("evidence-against", first=first, second=second)


def _sentence(title: str, difference: float, interval: Interval) -> str:
    return say(
        "evidence-check",
        title=title,
        difference=points(difference),
        interval=points_span(interval),
    )
