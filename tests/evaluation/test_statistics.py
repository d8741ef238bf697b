"""Intervals and tests against published examples and second implementations."""

import math

import numpy as np
import pytest
from jaxtyping import Bool
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from glyphlab.errors import InputError
from glyphlab.evaluation.statistics import (
    Interval,
    MeanInterval,
    holm,
    mean_interval,
    paired_difference,
    wilson_interval,
)


def answers(
    both: int, only_a: int, only_b: int, neither: int
) -> tuple[Bool[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
    counts = (both, only_a, only_b, neither)
    return np.repeat([True, True, False, False], counts), np.repeat(
        [True, False, True, False], counts
    )


# Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: method 3, the score method.
@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_intervals_of_newcombes_table(
    correct: int, n: int, low: float, high: float
) -> None:
    assert wilson_interval(correct, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("correct", "n"), [(8_900, 9_399), (0, 7), (7, 7), (1, 2), (1, 1)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_agrees_with_statsmodels(correct: int, n: int, confidence: float) -> None:
    expected = proportion_confint(correct, n, 1 - confidence, method="wilson")
    assert wilson_interval(correct, n, confidence) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("correct", "n", "confidence"),
    [(0, 0, 0.95), (1, 0, 0.95), (-1, 5, 0.95), (6, 5, 0.95), (1, 5, 1.0), (1, 5, 0.0)],
)
def test_wilson_refuses_what_is_no_share(correct: int, n: int, confidence: float) -> None:
    with pytest.raises(InputError, match="No interval"):
        wilson_interval(correct, n, confidence)


@pytest.mark.parametrize("n", range(1, 60))
def test_wilson_begins_at_nothing_for_none_and_ends_at_all_for_all(n: int) -> None:
    assert wilson_interval(0, n).low == 0
    assert wilson_interval(n, n).high == 1


# Newcombe, Statistics in Medicine 17 (1998) 2635-2650, table II, method 10 (first row);
# Fagerland, Lydersen & Laake, "Statistical Analysis of Contingency Tables", chapter 8 (second).
@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((36, 12, 2, 0), 0.0569, 0.3404), ((59, 6, 16, 80), -0.1186, -0.0046)],
)
def test_paired_interval_gives_published_examples(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert paired_difference(*answers(*counts)).ci95 == pytest.approx((low, high), abs=5e-5)


def written_out(e: int, f: int, g: int, h: int, phi: float) -> tuple[float, float]:
    """Newcombe's method 10, in his letters, for a correlation worked out before."""
    n, z = e + f + g + h, 1.959963984540054

    def wilson(x: int) -> tuple[float, float]:
        middle, root = 2 * x + z * z, z * math.sqrt(z * z + 4 * x * (n - x) / n)
        return (middle - root) / (2 * (n + z * z)), (middle + root) / (2 * (n + z * z))

    (l2, u2), (l3, u3) = wilson(e + f), wilson(e + g)
    p2, p3 = (e + f) / n, (e + g) / n
    delta = math.sqrt((p2 - l2) ** 2 - 2 * phi * (p2 - l2) * (u3 - p3) + (u3 - p3) ** 2)
    epsilon = math.sqrt((u2 - p2) ** 2 - 2 * phi * (u2 - p2) * (p3 - l3) + (p3 - l3) ** 2)
    return p2 - p3 - delta, p2 - p3 + epsilon


def test_paired_interval_agrees_with_the_formula_written_out() -> None:
    e, f, g, h = 8_700, 180, 95, 424
    n = e + f + g + h
    phi = (e * h - f * g - n / 2) / math.sqrt((e + f) * (g + h) * (e + g) * (f + h))

    result = paired_difference(*answers(e, f, g, h))

    assert result.difference == pytest.approx(85 / n, abs=1e-15)
    assert result.ci95 == pytest.approx(written_out(e, f, g, h, phi), abs=1e-12)
    assert (result.only_a, result.only_b, result.n) == (f, g, n)


@pytest.mark.parametrize(
    ("counts", "phi"),
    [
        ((2, 1, 1, 1), 0),  # 2·1 − 1·1 = 1 is less than the correction, half of 5 images
        ((1, 0, 0, 1), 0),  # 1·1 − 0·0 = 1 is just the correction, half of 2 images
        ((5, 5, 0, 0), 0),  # a is always right: there is no correlation
        ((5, 0, 5, 0), 0),  # b is always right
        ((0, 0, 5, 5), 0),  # a is never right
        ((0, 5, 0, 5), 0),  # b is never right
        ((0, 1, 1, 0), -1),  # of opposite answers the correlation is not corrected
        ((4, 1, 1, 4), 0.4),  # (4·4 − 1·1 − 10 / 2) / √(5·5·5·5)
    ],
)
def test_correlation_is_corrected_towards_none_and_not_beyond(
    counts: tuple[int, int, int, int], phi: float
) -> None:
    found = paired_difference(*answers(*counts)).ci95
    assert found == pytest.approx(written_out(*counts, phi), abs=1e-12)


@pytest.mark.parametrize("counts", [(50, 12, 2, 3), (0, 5, 5, 0), (9, 0, 0, 1), (1, 0, 9, 5)])
def test_mcnemar_agrees_with_statsmodels(counts: tuple[int, int, int, int]) -> None:
    both, only_a, only_b, neither = counts
    expected = mcnemar([[both, only_a], [only_b, neither]], exact=True).pvalue
    assert paired_difference(*answers(*counts)).p_value == pytest.approx(expected, abs=1e-12)


def test_models_that_always_agree_differ_by_nothing_that_can_be_told() -> None:
    result = paired_difference(*answers(90, 0, 0, 10))
    assert result.difference == 0
    assert result.p_value == 1
    assert result.ci95.low < 0 < result.ci95.high


def test_exchanging_the_models_turns_the_result_round() -> None:
    a, b = answers(80, 12, 5, 3)
    there, back = paired_difference(a, b), paired_difference(b, a)
    assert back.difference == -there.difference
    assert back.ci95 == pytest.approx((-there.ci95.high, -there.ci95.low), abs=1e-15)
    assert back.p_value == there.p_value


def test_models_without_a_mistake_have_an_interval() -> None:
    result = paired_difference(*answers(20, 0, 0, 0))
    assert result.ci95.low == pytest.approx(-result.ci95.high)


def test_answers_to_different_images_are_refused() -> None:
    with pytest.raises(InputError, match="same images only"):
        paired_difference(np.ones(3, bool), np.ones(4, bool))
    with pytest.raises(InputError, match="same images only"):
        paired_difference(np.ones(0, bool), np.ones(0, bool))
    with pytest.raises(InputError, match="same images only"):
        paired_difference(np.ones((2, 3), bool), np.ones((2, 3), bool))


@pytest.mark.parametrize("kind", [int, float])
def test_answers_may_be_ones_and_zeros(kind: type) -> None:
    a, b = answers(3, 2, 1, 4)
    assert paired_difference(a.astype(kind), b) == paired_difference(a, b)
    assert paired_difference(a, b.astype(kind)) == paired_difference(a, b)


def test_the_paired_interval_covers_the_true_difference_about_95_times_in_100() -> None:
    shares, n, trials = (0.85, 0.06, 0.03, 0.06), 400, 1_000
    counts = np.random.default_rng(7).multinomial(n, shares, trials)
    intervals = [paired_difference(*answers(*map(int, row))).ci95 for row in counts]
    covered = np.mean([low <= shares[1] - shares[2] <= high for low, high in intervals])
    assert 0.93 <= covered <= 0.975  # 3 standard errors of 1,000 trials are 0.021


def test_the_wilson_interval_covers_the_true_share_about_95_times_in_100() -> None:
    counts = np.random.default_rng(8).binomial(300, 0.9, 1_000)
    covered = np.mean([low <= 0.9 <= high for low, high in map(wilson_of_300, counts)])
    assert 0.93 <= covered <= 0.975


def wilson_of_300(correct: int) -> Interval:
    return wilson_interval(int(correct), 300)


def test_holm_multiplies_the_smallest_by_the_number_of_tests_and_never_falls() -> None:
    # 0.01·4 ; 0.02·3 ; 0.03·2 = 0.06 ; 0.5·1
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])


def test_holm_of_no_test_is_nothing_and_of_no_p_value_is_refused() -> None:
    assert holm([]) == []
    for wrong in (math.nan, -0.01, 1.01):
        with pytest.raises(InputError, match="p-values"):
            holm([0.5, wrong])


def test_holm_takes_certainty_and_impossibility() -> None:
    assert holm([1.0, 0.0]) == [1.0, 0.0]


def test_the_mean_over_seeds_has_students_interval() -> None:
    # mean 2, s = 1; with 2 degrees of freedom t(p) = (2p − 1) / √(2p(1 − p)), at p = 0.975
    result = mean_interval([1.0, 2.0, 3.0])
    half = 0.95 / math.sqrt(2 * 0.975 * 0.025) / math.sqrt(3)
    assert (result.mean, result.n) == (2.0, 3)
    assert result.ci95 == pytest.approx((2 - half, 2 + half), abs=1e-12)


def test_the_mean_over_seeds_has_an_interval_of_another_confidence() -> None:
    # with 1 degree of freedom t(p) = tan(π(p − ½)): at p = 0.75 it is 1; s = √2, so s / √n = 1
    assert mean_interval([1.0, 3.0], 0.5).ci95 == pytest.approx((1.0, 3.0), abs=1e-12)


def test_one_seed_has_no_interval() -> None:
    assert mean_interval([0.9]) == MeanInterval(mean=0.9, ci95=None, n=1)


@pytest.mark.parametrize("values", [[], [1.0, math.inf]])
def test_the_mean_of_nothing_finite_is_refused(values: list[float]) -> None:
    with pytest.raises(InputError, match="no mean"):
        mean_interval(values)
