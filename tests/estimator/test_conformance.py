"""scikit-learn's own suite of what an estimator must be, whole."""

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from glyphlab import ImageClassifier

SHORT = {"batch_size": 32}


@pytest.fixture(autouse=True)
def scipys_own_array_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this variable scikit-learn skips the check that needs it."""
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


@parametrize_with_checks(
    [
        ImageClassifier("logistic", epochs=10, recipe=SHORT),
        ImageClassifier("lenet5", epochs=4, recipe=SHORT),
    ]
)
def test_it_is_a_classifier_as_scikit_learn_wants_it(
    estimator: ImageClassifier, check: Callable[[Any], None]
) -> None:
    check(estimator)
