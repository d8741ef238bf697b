"""Several models on the same images."""

import json

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from tests.evaluated import evaluated, right_but

from glyphlab.errors import InputError
from glyphlab.evaluation.comparison import Comparison, compare, fewest_images, rank


def three() -> Comparison:
    return compare(
        [
            evaluated("bad", right_but(1_000, slice(0, 120)), parameters=10),
            evaluated("good", right_but(1_000, slice(0, 50)), parameters=500),
            evaluated("near", right_but(1_000, slice(10, 65)), parameters=100),
        ]
    )


def test_models_stand_from_the_most_accurate_to_the_least() -> None:
    comparison = three()
    assert [c.name for c in comparison.candidates] == ["good", "near", "bad"]
    assert comparison.best.name == "good"
    assert repr(comparison) == (
        "Comparison on 1,000 images of toy: good 0.9500, near 0.9450, bad 0.8800"
    )


def test_every_pair_is_tested_image_by_image_and_corrected_for_their_number() -> None:
    pairs = three().pairs
    assert [(p.first, p.second) for p in pairs] == [
        ("good", "near"),
        ("good", "bad"),
        ("near", "bad"),
    ]
    # good errs on 0-49, near on 10-64, bad on 0-119.
    assert [(p.only_first, p.only_second) for p in pairs] == [(15, 10), (70, 0), (65, 0)]
    tables = [[[0, p.only_first], [p.only_second, 0]] for p in pairs]
    expected = [float(mcnemar(table, exact=True).pvalue) for table in tables]
    assert [p.p_value for p in pairs] == pytest.approx(expected, abs=1e-12)
    adjusted = multipletests(expected, method="holm")[1]
    assert [p.p_adjusted for p in pairs] == pytest.approx(adjusted, abs=1e-12)
    assert [p.differs for p in pairs] == [False, True, True]


def test_rivals_are_those_that_can_not_be_told_from_the_best() -> None:
    assert [c.name for c in three().rivals] == ["near"]


def test_the_frontier_holds_what_nothing_beats_at_its_cost() -> None:
    comparison = three()
    assert [c.name for c in comparison.frontier("parameters")] == ["bad", "near", "good"]
    assert [c.name for c in comparison.frontier("seconds_per_image")] == ["good"]
    assert comparison.frontier("train_seconds") == ()


def test_several_trainings_of_a_model_are_one_candidate_with_their_mean() -> None:
    comparison = compare(
        [
            evaluated("a", right_but(1_000, slice(0, 40)), seed=0),
            evaluated("a", right_but(1_000, slice(0, 60)), seed=1),
            evaluated("b", right_but(1_000, slice(0, 100)), seed=0),
            evaluated("b", right_but(1_000, slice(0, 120)), seed=1),
        ]
    )
    first = comparison.best
    assert (first.name, first.trainings, first.accuracy) == ("a", 2, pytest.approx(0.95))
    assert first.accuracy_ci95 == pytest.approx((0.9347, 0.9619), abs=1e-4)
    assert first.variation.seeds == pytest.approx(np.std([0.94, 0.96], ddof=1))
    pair = comparison.pairs[0]
    assert pair.trainings == 2
    assert pair.difference == pytest.approx(0.06)
    # Both seeds: 60 images that only a recognises, none that only b does; 2 × 2⁻⁵⁹, twice.
    assert pair.p_value == pytest.approx(2 * 2 * 0.5**60, rel=1e-9)


def test_trainings_that_differ_in_both_directions_tell_nothing_of_the_model() -> None:
    """Each pair of trainings differs for sure, but which is better depends on the seed."""
    good, bad = right_but(1_000, slice(0, 50)), right_but(1_000, slice(0, 90))
    comparison = compare(
        {
            "a": [evaluated("m", c, seed=s) for s, c in enumerate((good, bad, good))],
            "b": [evaluated("m", c, seed=s) for s, c in enumerate((bad, good, bad))],
        }
    )
    pair = comparison.pairs[0]
    assert pair.p_adjusted < 0.001
    assert pair.ci95.low < 0 < pair.ci95.high
    assert not pair.differs


def test_the_difference_that_could_have_been_found_shrinks_with_the_images() -> None:
    few, many = (
        compare(
            [
                evaluated("a", right_but(n, slice(0, n // 10))),
                evaluated("b", right_but(n, slice(n // 20, 3 * n // 20))),
            ]
        ).pairs[0]
        for n in (1_000, 100_000)
    )
    # A tenth is recognised by one only: (1.960 + 0.842) √(0.1 / n).
    assert few.detectable == pytest.approx(2.8016 * np.sqrt(0.1 / 1_000), rel=1e-4)
    assert many.detectable == pytest.approx(few.detectable / 10)


def test_images_on_which_models_disagree_most_come_first() -> None:
    comparison = rank(
        {
            "a": [evaluated("a", [1, 1, 1, 1, 0, 1])],
            "b": [evaluated("b", [1, 0, 1, 1, 0, 1])],
            "c": [evaluated("c", [1, 0, 0, 1, 0, 1])],
            "d": [evaluated("d", [1, 0, 0, 1, 0, 1])],
        }
    )
    assert comparison.disagreements(9).tolist() == [2, 1]
    assert comparison.disagreements(1).tolist() == [2]


def test_class_accuracies_have_intervals_and_a_class_without_images_has_none() -> None:
    candidate = rank({"a": [evaluated("a", right_but(100, slice(0, 10)))]}).best
    assert candidate.class_accuracy[0] == pytest.approx(0.9)
    assert np.isnan(candidate.class_accuracy[1])
    assert candidate.class_ci95 == [candidate.accuracy_ci95, None]


def test_json_holds_every_figure_and_no_nan() -> None:
    text = json.dumps(three().to_json(), allow_nan=False)
    found = json.loads(text)
    assert [m["model"] for m in found["models"]] == ["good", "near", "bad"]
    assert {"accuracy", "accuracy_ci95", "n", "parameters"} <= found["models"][0].keys()
    assert found["pairs"][1]["differs"]
    assert found["frontier"]["parameters"] == ["bad", "near", "good"]


def test_the_fewest_images_are_those_that_make_the_smallest_p_value_count() -> None:
    for models in (2, 3, 7):
        pairs, n = models * (models - 1) // 2, fewest_images(models)
        assert 2 * 0.5**n * pairs < 0.05 <= 2 * 0.5 ** (n - 1) * pairs


RIGHT = right_but(100, slice(0, 5))


@pytest.mark.parametrize(
    ("evaluations", "message"),
    [
        ([], "nothing is given"),
        ([evaluated("a", RIGHT)], "only a is given; it takes two"),
        (
            [evaluated("a", RIGHT), evaluated("b", RIGHT, dataset_fingerprint="g")],
            "b was tested on other images",
        ),
        (
            [evaluated("a", RIGHT), evaluated("b", RIGHT, classes=("a", "c"))],
            "b knows the classes a, c, but a a, b",
        ),
        (
            [evaluated("a", RIGHT), evaluated("a", RIGHT), evaluated("b", RIGHT)],
            "a is given 2 times with the seed 0",
        ),
        ([evaluated("a", RIGHT[:5]), evaluated("b", RIGHT[:5])], "5 images of toy can't tell 2"),
        ({"a": [], "b": [evaluated("b", RIGHT)]}, "a has no evaluation"),
    ],
)
def test_what_can_not_be_compared_is_refused(evaluations: list, message: str) -> None:
    with pytest.raises(InputError, match=message):
        compare(evaluations)
