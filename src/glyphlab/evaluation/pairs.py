"""Two candidates of a Comparison, tested image by image."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import NormalDist, median
from typing import Any

from glyphlab.evaluation.candidate import Candidate
from glyphlab.evaluation.statistics import Interval, PairedDifference, holm, paired_difference
from glyphlab.evaluation.variation import difference_interval

SIGNIFICANT = 0.05
POWER = 0.8


@dataclass(frozen=True)
class Pair:
    """Two models of a Comparison.

    Attributes
    ----------
    first, second : str
        Names; the first has the higher accuracy, or stands first of equals.
    difference : float
        Mean accuracy of the first minus that of the second.
    ci95 : Interval
        95 % interval of the difference: Newcombe's, or, with several trainings of both, one that
        holds the spread over seeds, too (`variation.difference_interval`).
    p_value : float
        Exact McNemar test. With several trainings of both, they are tested seed by seed and this
        is twice the median of those p-values, which holds however they hang together (N.
        Meinshausen, L. Meier & P. Bühlmann, JASA 104, 2009, 1671-1681).
    p_adjusted : float
        The same, corrected for the number of pairs (Holm).
    only_first, only_second : int
        Images that only the first, only the second recognises; of the first trainings.
    n, trainings : int
        Images, and trainings of each that went into it.
    detectable : float
        The difference that such a test would have found four times out of five, if as many images
        as now had been recognised by one only, and if this pair had to pass the strictest level.
    """

    first: str
    second: str
    difference: float
    ci95: Interval
    p_value: float
    p_adjusted: float
    only_first: int
    only_second: int
    n: int
    trainings: int
    detectable: float

    @property
    def differs(self) -> bool:
        """Whether one can be said to be better: by the test and by the interval."""
        return self.p_adjusted < SIGNIFICANT and not self.ci95.low <= 0 <= self.ci95.high

    def seen_from(self, name: str) -> "Pair":
        """The same pair with the model of that name as its first."""
        if name == self.first:
            return self
        return replace(
            self,
            first=self.second,
            second=self.first,
            difference=-self.difference,
            ci95=Interval(-self.ci95.high, -self.ci95.low),
            only_first=self.only_second,
            only_second=self.only_first,
        )

    def to_json(self) -> dict[str, Any]:
        """The figures under stable keys."""
        return {
            "models": [self.first, self.second],
            "n": self.n,
            "trainings": self.trainings,
            "difference": self.difference,
            "difference_ci95": list(self.ci95),
            "p_value": self.p_value,
            "p_adjusted": self.p_adjusted,
            "only_first": self.only_first,
            "only_second": self.only_second,
            "detectable": self.detectable,
            "differs": self.differs,
        }


def compare_pairs(candidates: Sequence[Candidate]) -> tuple[Pair, ...]:
    """Test every pair, corrected for their number (Holm); names in the order of the candidates."""
    pairs = list(combinations(candidates, 2))
    tests = [_tests(*pair) for pair in pairs]
    p_values = [min(1.0, _combined([test.p_value for test in found])) for found in tests]
    level = SIGNIFICANT / max(len(pairs), 1)
    return tuple(
        _pair(*pair, tests=found, p_value=p, p_adjusted=adjusted, level=level)
        for pair, found, p, adjusted in zip(pairs, tests, p_values, holm(p_values), strict=True)
    )


def _tests(first: Candidate, second: Candidate) -> list[PairedDifference]:
    """The paired tests of their trainings, one by one, as many as both have."""
    return [paired_difference(a, b) for a, b in zip(first.correct, second.correct, strict=False)]


def _combined(p_values: Sequence[float]) -> float:
    return p_values[0] if len(p_values) == 1 else 2 * median(p_values)


def _pair(
    first: Candidate,
    second: Candidate,
    *,
    tests: Sequence[PairedDifference],
    p_value: float,
    p_adjusted: float,
    level: float,
) -> Pair:
    several = len(tests) > 1
    own = tests[0]
    difference = first.accuracy - second.accuracy if several else own.difference
    return Pair(
        first=first.name,
        second=second.name,
        difference=difference,
        ci95=difference_interval(first.correct, second.correct) if several else own.ci95,
        p_value=p_value,
        p_adjusted=p_adjusted,
        only_first=own.only_a,
        only_second=own.only_b,
        n=own.n,
        trainings=len(tests),
        detectable=_detectable(own, level),
    )


def _detectable(test: PairedDifference, level: float) -> float:
    """By the normal approximation of the test (O. Miettinen, Biometrics 24, 1968, 339-352).

    As many images as differ must be recognised by one only: fewer can't make the difference.
    """
    normal, discordant = NormalDist(), (test.only_a + test.only_b) / test.n
    needed = (normal.inv_cdf(1 - level / 2) + normal.inv_cdf(POWER)) ** 2 / test.n
    return min(math.sqrt(needed * max(discordant, needed)), 1.0)
