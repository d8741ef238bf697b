"""What trials are judged by."""

import math

import pytest

from glyphlab.training.recipe import Recipe
from glyphlab.tuning.objective import judged_entry, objective, values_by_tenth


def test_one_more_image_beats_any_loss_and_of_equals_the_lower_loss_is_better() -> None:
    n = 50
    assert objective(41 / n, 9.0, n) > objective(40 / n, 0.001, n)
    assert objective(40 / n, 0.5, n) > objective(40 / n, 0.6, n)


def test_the_tie_break_is_the_mean_probability_of_the_true_class() -> None:
    probabilities = [0.9, 0.4]
    loss = -sum(map(math.log, probabilities)) / 2
    assert objective(0.5, loss, 2) == pytest.approx(0.5 + math.sqrt(0.9 * 0.4) / 2)


def entry(epoch: int, accuracy: float = 0.5, loss: float = 1.0) -> dict[str, float]:
    return {"epoch": epoch, "validation_accuracy": accuracy, "validation_loss": loss}


def test_a_long_training_is_judged_at_the_first_epoch_of_each_tenth() -> None:
    recipe = Recipe(batch_size=10, epochs=40)
    history = [entry(epoch, epoch / 100) for epoch in range(1, 11)]
    values = values_by_tenth(history, recipe, 100, 100)
    assert {part: int(100 * value) for part, value in values.items()} == {0: 1, 1: 4, 2: 8}


def test_a_short_training_is_judged_after_each_epoch() -> None:
    recipe = Recipe(batch_size=10, steps=25)  # Two and a half epochs.
    values = values_by_tenth([entry(1), entry(2), entry(3)], recipe, 100, 100)
    assert list(values) == [4, 8, 10]


def test_a_loss_that_is_not_finite_is_no_value() -> None:
    recipe = Recipe(batch_size=10, epochs=2)
    assert list(values_by_tenth([entry(1, loss=math.nan), entry(2)], recipe, 10, 10)) == [10]


def test_a_training_that_may_stop_early_keeps_its_best_epoch() -> None:
    history = [entry(1, 0.5), entry(2, 0.9, 0.3), entry(3, 0.9, 0.2), entry(4, 0.7)]
    assert judged_entry(history, Recipe(early_stopping=2))["epoch"] == 2
    assert judged_entry(history, Recipe())["epoch"] == 4
