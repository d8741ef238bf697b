"""Whether a model is right as often as it says."""

import numpy as np
import pytest

from glyphlab.evaluation.calibration import calibration


def test_predictions_are_gathered_by_the_probability_of_the_predicted_class() -> None:
    # Four bins of a quarter; 0.75 belongs to the third. Worked out by hand.
    probabilities = np.array([[0.6, 0.4], [0.3, 0.7], [0.25, 0.75], [0.9, 0.1], [1.0, 0.0]])
    found = calibration(probabilities, np.array([0, 0, 1, 0, 1]), bins=4)
    assert found.counts.tolist() == [0, 0, 3, 2]
    assert found.confidence[2:] == pytest.approx([(0.6 + 0.7 + 0.75) / 3, 0.95])
    assert found.accuracy[2:] == pytest.approx([2 / 3, 1 / 2])
    assert np.isnan(found.confidence[:2]).all()
    assert found.error == pytest.approx(3 / 5 * (2.05 / 3 - 2 / 3) + 2 / 5 * 0.45)
    assert found.overconfidence == pytest.approx((0.6 + 0.7 + 0.75 + 0.9 + 1.0) / 5 - 3 / 5)


def test_the_error_agrees_with_the_definition_written_out() -> None:
    random = np.random.default_rng(5)
    logits = random.normal(0, 2, (3_000, 10))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = random.integers(0, 10, 3_000)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    expected = 0.0
    for k in range(15):
        inside = (confidence > k / 15) & (confidence <= (k + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    assert calibration(probabilities, labels).error == pytest.approx(expected, abs=1e-12)


def test_a_model_that_says_too_much_is_overconfident_and_one_that_says_too_little_is_not() -> None:
    labels = np.repeat([0, 1], [80, 20])
    bold, shy = (np.tile([p, 1 - p], (100, 1)) for p in (0.99, 0.6))
    assert calibration(bold, labels).overconfidence == pytest.approx(0.19)
    assert calibration(shy, labels).overconfidence == pytest.approx(-0.2)


def test_what_chance_makes_of_a_perfect_model_is_known_beforehand() -> None:
    random = np.random.default_rng(7)
    confidence = random.uniform(0.5, 1, (200, 2_000))
    errors, expected = [], []
    for sure in confidence:
        labels = (random.uniform(size=2_000) > sure).astype(np.int64)
        found = calibration(np.stack([sure, 1 - sure], axis=1), labels)
        errors.append(found.error)
        expected.append(found.error_by_chance)
    assert np.mean(expected) == pytest.approx(np.mean(errors), rel=0.03)
