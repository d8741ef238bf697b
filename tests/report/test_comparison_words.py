"""Sentences about a Comparison say no more than its figures do."""

import pytest
from tests.evaluated import evaluated, right_but

from glyphlab.evaluation.comparison import Comparison, compare, rank
from glyphlab.report.comparison_words import (
    choice_sentences,
    comparison_sentences,
    cost_in_words,
    pair_sentence,
)


def two(first: slice, second: slice, n: int = 1_000, seeds: int = 1, **facts: object) -> Comparison:
    return compare(
        [
            evaluated(name, right_but(n, wrong), seed=seed, **facts)
            for name, wrong in (("one", first), ("other", second))
            for seed in range(seeds)
        ]
    )


@pytest.mark.parametrize(
    ("order", "word", "difference"),
    [(("one", "other"), "better", "+5.00"), (("other", "one"), "worse", "−5.00")],
)
def test_a_difference_that_is_sure_is_stated_with_its_direction(
    order: tuple[str, str], word: str, difference: str
) -> None:
    sentence = pair_sentence(two(slice(0, 50), slice(0, 100)).pair(*order))
    assert sentence.startswith(f"{order[0]} is {word} than {order[1]}")
    assert f"difference {difference} points" in sentence
    assert "p < 0.0001" in sentence
    assert "n = 1,000)" in sentence


def test_a_difference_that_may_be_chance_is_not_stated() -> None:
    sentence = pair_sentence(two(slice(0, 50), slice(48, 99)).pair("one", "other"))
    assert sentence.startswith("No difference between one and other can be told from these 1,000")
    assert "p = 1.0000" in sentence
    # 48 images that only one, 49 that only the other recognises: 2.8016 × √(0.097 / 1,000).
    assert sentence.endswith("one of 2.76 points would have been found four times out of five.")


def test_a_difference_that_turns_with_the_seed_is_stated_as_that() -> None:
    good, bad = right_but(1_000, slice(0, 50)), right_but(1_000, slice(0, 90))
    comparison = compare(
        {
            "a": [evaluated("m", c, seed=s) for s, c in enumerate((good, bad, good))],
            "b": [evaluated("m", c, seed=s) for s, c in enumerate((bad, good, bad))],
        }
    )
    sentence = pair_sentence(comparison.pairs[0])
    assert sentence.startswith("Trainings of a and of b differ on these 1,000 images")
    assert "too much from seed to seed to say which model is better" in sentence
    assert "3 trainings of each" in sentence


def said(comparison: Comparison) -> str:
    return "\n".join(comparison_sentences(comparison))


def test_the_best_is_named_with_interval_and_with_those_it_can_not_be_told_from() -> None:
    words = said(two(slice(0, 50), slice(48, 99)))
    assert "one has the highest accuracy: 0.9500 of 1,000 images (95 % interval 0.9347" in words
    assert "it can’t be told from other" in words


def test_a_best_without_rivals_is_called_better_than_all() -> None:
    words = said(two(slice(0, 50), slice(0, 100)))
    assert "It is better than every other one" in words


def test_one_training_says_nothing_of_seeds_and_several_do() -> None:
    assert "each model was trained once" in said(two(slice(0, 50), slice(0, 100)))
    several = said(two(slice(0, 50), slice(0, 100), seeds=2))
    assert "Over seeds the accuracy varies by 0.00 to 0.00 points" in several
    # √(0.95 × 0.05 / 999) = 0.69 points.
    assert "that of one would vary by 0.69 points" in several


def test_the_cheapest_of_those_that_are_alike_is_recommended() -> None:
    comparison = compare(
        [
            evaluated("large", right_but(1_000, slice(0, 50)), operations=2_000_000),
            evaluated("small", right_but(1_000, slice(5, 57)), operations=1_000),
        ]
    )
    words = said(comparison)
    assert (
        "Of these small takes the fewest operations a prediction: 1,000 in place of 2.0 million"
        in words
    )
    assert "More operations bring more accuracy at each step: small and large." in words


def test_a_model_that_costs_more_and_is_worse_is_beaten() -> None:
    comparison = compare(
        [
            evaluated("best", right_but(1_000, slice(0, 50)), operations=500),
            evaluated("worse", right_but(1_000, slice(0, 150)), operations=1_000),
            evaluated("cheap", right_but(1_000, slice(0, 100)), operations=100),
        ]
    )
    assert "cheap and best stand on the frontier; for worse there is one" in said(comparison)


def test_confidence_is_judged_against_what_chance_makes() -> None:
    comparison = compare(
        [
            evaluated("bold", right_but(1_000, slice(0, 100)), confidence=0.99),
            evaluated("fair", right_but(1_000, slice(0, 101)), confidence=0.9),
            evaluated("shy", right_but(1_000, slice(0, 102)), confidence=0.6),
        ]
    )
    words = said(comparison)
    assert "More confident than right: bold (0.090)." in words
    assert "More often right than confident: shy (0.298)." in words
    assert "as far as these images can tell: fair (0.001)." in words


def test_where_models_agree_is_counted() -> None:
    words = said(two(slice(0, 50), slice(30, 100)))
    assert "right on 900 of the 1,000 images and all are wrong on 20; on 80 some" in words


def test_the_choice_is_the_best_where_it_is_better_than_every_other_one() -> None:
    assert choice_sentences(two(slice(0, 50), slice(0, 100))) == [
        "Take one: it is more accurate than the other model, by 5.00 points or more. That is "
        "beyond chance: they were compared on the same 1,000 images."
    ]


def test_where_no_difference_can_be_told_the_choice_says_so() -> None:
    (sentence,) = choice_sentences(two(slice(0, 50), slice(1, 52)))
    assert "whether it is better than other can’t be told from these 1,000 images" in sentence


def test_a_cheap_model_is_named_beside_the_best_with_what_it_loses() -> None:
    models = [
        evaluated("large", right_but(1_000, slice(0, 50)), operations=1_200_000),
        evaluated("small", right_but(1_000, slice(0, 100)), operations=100_000),
        evaluated("tiny", right_but(1_000, slice(0, 300)), operations=10_000),
        evaluated("middling", right_but(1_000, slice(0, 80)), operations=200_000),
    ]
    assert choice_sentences(compare(models))[1] == (
        "Where a prediction must cost little, take small: it needs 12 times fewer operations, and "
        "recognises 0.9000 of the images (−5.00 points)."
    )


def test_a_single_model_is_no_choice() -> None:
    assert choice_sentences(rank({"one": [evaluated("one", right_but(100, slice(0, 5)))]})) == []


def test_costs_have_their_units() -> None:
    assert cost_in_words("train_seconds", 31.24) == "31.2 s"
    assert cost_in_words("seconds_per_image", 5.4e-5) == "54 µs"
    assert cost_in_words("seconds_per_image", 2.5e-6) == "2.5 µs"
    assert cost_in_words("operations", None) == "–"
