"""Sentences say no more than the figures do."""

import numpy as np
import pytest

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.lab.phrases import (
    accuracy_sentence,
    difference_sentence,
    gap_sentence,
    join,
    paired,
    points,
)
from glyphlab.report.content import ModelResult, SeedResult


def result(model: str, wrong: slice, n: int = 1000, seeds: int = 1) -> ModelResult:
    """A model that is right on all of n images of two classes but those in a slice."""
    labels = np.zeros(n, np.int64)
    probabilities = np.tile(np.array([[0.9, 0.1]], np.float32), (n, 1))
    probabilities[wrong] = [0.2, 0.8]
    evaluation = Evaluation(
        probabilities=probabilities,
        labels=labels,
        classes=("a", "b"),
        ids=None,
        model=model,
        dataset="toy",
        dataset_fingerprint="f",
        seed=0,
        parameters=7,
        seconds=1.0,
    )
    run = SeedResult(
        evaluation=evaluation,
        history=[],
        train_accuracy=0.95,
        validation_accuracy=None,
        train_seconds=2.0,
        train_images_per_second=500.0,
    )
    return ModelResult(model=model, task="", protocol="corrected", runs=(run,) * seeds)


def test_an_accuracy_comes_with_n_and_interval() -> None:
    sentence = accuracy_sentence(result("m", slice(0, 100)))
    assert "0.9000 of 1,000 test images" in sentence
    assert "0.8798 to 0.9171" in sentence


def test_an_accuracy_over_seeds_comes_with_their_range() -> None:
    assert "over 3 seeds the mean is 0.9000" in accuracy_sentence(
        result("m", slice(0, 100), seeds=3)
    )


def test_a_gap_leaves_out_what_was_not_measured() -> None:
    sentence = gap_sentence(result("m", slice(0, 100)))
    assert sentence == "Its accuracy is 0.9500 on training images and 0.9000 on test images."


@pytest.mark.parametrize(("better", "word"), [(True, "better"), (False, "worse")])
def test_a_difference_that_is_sure_is_stated_with_its_direction(better: bool, word: str) -> None:
    good, bad = result("good", slice(0, 50)), result("bad", slice(0, 100))
    first, second = (good, bad) if better else (bad, good)
    sentence = difference_sentence(first, second, paired(first, second).p_value)
    assert sentence.startswith(f"{first.model} is {word} than {second.model}")
    assert ("+5.00 points" if better else "−5.00 points") in sentence
    assert "p < 0.0001" in sentence


def test_a_difference_that_may_be_chance_is_not_stated() -> None:
    first, second = result("one", slice(0, 50)), result("other", slice(48, 99))
    sentence = difference_sentence(first, second, paired(first, second).p_value)
    assert sentence.startswith("No difference between one and other can be told")
    assert "p = 1.0000" in sentence


def test_points_have_a_sign() -> None:
    assert points(0.0123) == "+1.23 points"
    assert points(-0.0123) == "−1.23 points"


def test_words_are_joined_as_in_a_sentence() -> None:
    assert join(["a"]) == "a"
    assert join(["a", "b", "c"]) == "a, b and c"
