"""What seeds and what test images make of an accuracy."""

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from glyphlab.evaluation.statistics import mean_interval, wilson_interval
from glyphlab.evaluation.variation import difference_interval, variation


def all_or_none(*trainings: int) -> np.ndarray:
    """Trainings that are right on all images or on none: images vary not at all."""
    return np.tile(np.array(trainings, bool)[:, None], (1, 4_000))


def test_a_single_training_has_wilsons_interval_and_no_spread_over_seeds() -> None:
    correct = np.arange(1_000)[None] < 900
    found = variation(correct)
    assert found.ci95 == wilson_interval(900, 1_000)
    assert found.seeds is None
    assert found.images == pytest.approx(np.sqrt(0.9 * 0.1 / 999))


def test_where_only_seeds_vary_the_interval_is_students() -> None:
    found = variation(all_or_none(1, 0, 1, 1))
    assert found.images == 0
    assert found.seeds == pytest.approx(0.5)
    expected = mean_interval([1.0, 0.0, 1.0, 1.0]).ci95
    assert expected is not None
    assert found.ci95 == pytest.approx((max(expected.low, 0), min(expected.high, 1)), abs=1e-9)


def test_where_trainings_agree_the_interval_is_that_of_the_images() -> None:
    correct = np.tile(np.arange(5_000) < 4_500, (3, 1))
    found = variation(correct)
    assert found.seeds == 0
    assert found.ci95 == pytest.approx((0.8914, 0.9083), abs=2e-4)
    low, high = wilson_interval(4_500, 5_000)
    assert found.ci95.low <= low
    assert found.ci95.high >= high


def test_a_model_without_mistakes_keeps_wilsons_interval() -> None:
    assert variation(np.ones((3, 50), bool)).ci95 == wilson_interval(50, 50)


def test_where_only_seeds_vary_a_difference_has_welchs_interval() -> None:
    first, second = (1, 0, 1, 1, 1), (0, 0, 1)
    means = CompareMeans(DescrStatsW(first), DescrStatsW(second))
    expected = means.tconfint_diff(usevar="unequal")
    found = difference_interval(all_or_none(*first), all_or_none(*second))
    assert found == pytest.approx(expected, abs=1e-9)


def test_equal_trainings_differ_by_nothing() -> None:
    correct = np.tile(np.arange(100) < 90, (2, 1))
    assert difference_interval(correct, correct) == (0, 0)


@pytest.mark.parametrize("trainings", [2, 5])
def test_the_intervals_hold_the_truth_at_least_as_often_as_they_say(trainings: int) -> None:
    """Images differ in difficulty, seeds in skill, and each answer has chance of its own."""
    random = np.random.default_rng(trainings)
    n, chance, skill, repeats = 800, 0.7, 0.04, 500
    deviation = np.sqrt(1 + chance**2)
    bars = [norm.ppf(1 - share) * deviation for share in (0.93, 0.94)]
    truth = [norm.cdf(-bar / np.sqrt(deviation**2 + skill**2)) for bar in bars]
    alone = paired = 0
    for _ in range(repeats):
        easy = random.normal(0, 1, n)
        first, second = (
            easy
            + random.normal(0, chance, (trainings, n))
            + random.normal(0, skill, (trainings, 1))
            > bar
            for bar in bars
        )
        low, high = variation(first).ci95
        alone += low <= truth[0] <= high
        low, high = difference_interval(first, second)
        paired += low <= truth[0] - truth[1] <= high
    assert alone / repeats > 0.93
    assert paired / repeats > 0.94
