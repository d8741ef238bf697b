"""Findings in words."""

from dataclasses import replace

import pytest

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.report import words
from glyphlab.report.content import LabContent


@pytest.mark.parametrize(
    ("width", "step"), [(0.013, 0.02), (0.02, 0.02), (0.3, 0.5), (0.07, 0.1), (0.0, 0.01)]
)
def test_steps_are_round(width: float, step: float) -> None:
    assert words.round_step(width) == pytest.approx(step)


def test_the_most_frequent_mistakes_are_named(content: LabContent) -> None:
    # of images 57, 58, 59 of classes A, B, C each is taken for the next class
    assert words.most_confused(content.results[1].evaluation, k=2) == (
        "Most frequent mistakes: A taken for B (1), B taken for C (1); 3 in all."
    )


def test_a_model_without_a_mistake_is_said_to_have_none(content: LabContent) -> None:
    some: Evaluation = content.results[1].evaluation
    perfect = replace(some, labels=some.predictions)
    assert words.most_confused(perfect) == "All 60 images are recognised."


def test_a_curve_is_described_for_those_who_can_not_see_it(content: LabContent) -> None:
    assert words.curve_alt(content.results[0], "loss") == (
        "Loss of logistic against epoch: training from 2.000 to 0.667 in epoch 3; "
        "validation from 2.500 to 0.833 in epoch 3."
    )


def test_a_run_without_history_has_no_curve(content: LabContent) -> None:
    result = content.results[1]
    bare = replace(result, runs=(replace(result.runs[0], history=[]),))
    assert words.curve_alt(bare, "accuracy") == ""
