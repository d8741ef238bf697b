"""Numbers and findings in words."""

from dataclasses import replace

import pytest

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.evaluation.statistics import Interval
from glyphlab.report import words
from glyphlab.report.content import LabContent


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.3123, "0.31 s"),
        (31.16, "31.2 s"),
        (59.97, "1 min 00 s"),
        (245, "4 min 05 s"),
        (3_720, "1 h 02 min"),
    ],
)
def test_durations_are_for_a_person(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


def test_numbers_and_shares() -> None:
    assert words.number(225_898) == "225,898"
    assert words.share(0.94372) == "0.9437"
    assert words.share(None) == "–"
    assert words.shares([0.5, 0.25]) == "0.5000, 0.2500"
    assert words.span(Interval(0.1, 0.2)) == "0.1000 – 0.2000"


def test_a_probability_is_never_rounded_up_to_certainty() -> None:
    assert words.certainty(0.99961) == ">\u00a00.999"
    assert words.certainty(0.9871) == "0.987"


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
