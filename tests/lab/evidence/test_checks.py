"""What outcomes say to a claim."""

import numpy as np
import pytest

from glyphlab.lab.evidence.checks import (
    Check,
    Outcomes,
    above,
    gap,
    larger,
    loses_less,
    more_accurate,
    no_better,
    same_accuracy,
    verdict,
)
from glyphlab.lab.evidence.trial import Outcome


def outcome(right: int, n: int = 2_000, moved: int | None = None, train: float = 0.9) -> Outcome:
    """Right on the first images of n, and on the first `moved` of them when these are moved."""
    correct = {0: np.arange(n) < right}
    if moved is not None:
        correct[2] = np.arange(n) < moved
    return Outcome(correct, train, 0.5, 0.1, 0.99, 10, 1.0, 2.0)


def outcomes(**found: list[Outcome]) -> Outcomes:
    return Outcomes(found)


def alike_and_not() -> Outcomes:
    """Two networks within a point of each other, a worse one, and one that hangs on its seed."""
    return outcomes(
        a=[outcome(1_900), outcome(1_901)],
        b=[outcome(1_902), outcome(1_903)],
        c=[outcome(1_800), outcome(1_802)],
        wild=[outcome(1_850), outcome(1_950)],
    )


def test_more_accurate_holds_fails_or_can_not_be_told() -> None:
    found = outcomes(
        good=[outcome(1_900), outcome(1_904)],
        bad=[outcome(1_700), outcome(1_696)],
        near=[outcome(1_898), outcome(1_901)],
    )
    better = more_accurate(found, "good", "bad")
    assert better.holds is True
    assert better.sentence.startswith("good against bad: +10.20 points (95 % interval +")
    assert more_accurate(found, "bad", "good").holds is False
    assert more_accurate(found, "good", "near").holds is None


def test_no_better_allows_a_point_at_the_most() -> None:
    found = alike_and_not()
    assert no_better(found, "b", "a").holds is True
    assert no_better(found, "a", "c").holds is False
    assert no_better(found, "wild", "a").holds is None


def test_the_same_is_within_a_point() -> None:
    found = alike_and_not()
    assert same_accuracy(found, "a", "b").holds is True
    assert same_accuracy(found, "a", "c").holds is False
    assert same_accuracy(found, "a", "wild").holds is None


def test_what_loses_less_by_a_shift_is_told_image_by_image() -> None:
    found = outcomes(
        steady=[outcome(1_900, moved=1_850), outcome(1_902, moved=1_852)],
        shaky=[outcome(1_900, moved=1_500), outcome(1_902, moved=1_502)],
    )
    check = loses_less(found, "steady", "shaky", 2)
    assert check.holds is True
    assert "What shaky loses more than steady by a shift of 2 pixels: +17.50 points" in (
        check.sentence
    )
    assert loses_less(found, "shaky", "steady", 2).holds is False


def test_another_figure_is_compared_by_its_seeds_alone() -> None:
    found = outcomes(
        over=[outcome(1_600, train=0.99), outcome(1_610, train=0.98)],
        fit=[outcome(1_800, train=0.91), outcome(1_802, train=0.912)],
    )
    assert gap(found["over"][0]) == pytest.approx(0.19)
    assert larger(found, "Gap", "over", "fit", gap).holds is True
    assert larger(found, "Gap", "fit", "over", gap).holds is False
    assert above(found, "Gap", "over", gap).holds is True
    assert above(found, "Gap", "over", lambda o: -gap(o)).holds is False


def test_a_claim_is_contradicted_by_one_check_and_supported_by_all() -> None:
    yes, no, unknown = Check("", True), Check("", False), Check("", None)
    assert verdict([yes, yes]) == "supported"
    assert verdict([yes, unknown]) == "undecided"
    assert verdict([yes, unknown, no]) == "contradicted"


def test_a_line_has_the_interval_of_every_place() -> None:
    found = outcomes(a=[outcome(1_000, moved=500), outcome(1_004, moved=520)])
    line = found.line("a", [(0, "a"), (2, "a")], [0, 2])
    assert line.y == pytest.approx((0.501, 0.255))
    assert all(low < y < high for low, y, high in zip(line.low, line.y, line.high, strict=True))
