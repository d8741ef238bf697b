"""What a trial is judged by: the accuracy on the images held out, and of equals the loss."""

import math
from collections.abc import Sequence

from glyphlab.data.batches import batch_bounds
from glyphlab.training.recipe import Recipe

PARTS = 10
"""A training is judged at each tenth of its steps, whatever the length of its epochs."""


def objective(accuracy: float, loss: float, n: int) -> float:
    """The figure that a search raises: higher accuracy, and of equal accuracies lower loss.

    Among few images many trainings recognise equally many. exp(-loss), the geometric mean of the
    probability of the true class, lies between 0 and 1, so that it counts less than one image. The
    loss alone would be no fair judge: label smoothing raises it whatever it does for the accuracy.

    Parameters
    ----------
    accuracy, loss : float
        Share recognised and mean cross entropy of the images held out.
    n : int
        How many these are.
    """
    return accuracy + math.exp(-loss) / n


def values_by_tenth(
    history: Sequence[dict[str, float]], recipe: Recipe, n_train: int, n_validation: int
) -> dict[int, float]:
    """The objective at the first end of an epoch within each tenth of a training, so far.

    Parameters
    ----------
    history : sequence of dict
        The training's, an entry for each epoch that has ended.
    recipe : Recipe
    n_train, n_validation : int
        Images trained on and held out.
    """
    per_epoch = len(batch_bounds(n_train, recipe.batch_size))
    steps = recipe.total_steps(per_epoch)
    values: dict[int, float] = {}
    for entry in history:
        done = min(int(entry["epoch"]) * per_epoch, steps)
        value = objective(entry["validation_accuracy"], entry["validation_loss"], n_validation)
        if math.isfinite(value):
            values.setdefault(PARTS * done // steps, value)
    return values


def judged_entry(history: Sequence[dict[str, float]], recipe: Recipe) -> dict[str, float]:
    """The epoch whose weights a training keeps: the last, or the best if it may stop early."""
    if not recipe.early_stopping:
        return history[-1]
    return max(history, key=lambda entry: entry["validation_accuracy"])
