"""The learning rate at every step."""

import math

from glyphlab.training.recipe import Recipe


def rate_factor(recipe: Recipe, step: int, steps: int, steps_per_epoch: int, falls: int) -> float:
    """Tell what the learning rate is multiplied by at a step.

    Parameters
    ----------
    recipe : Recipe
        Its `schedule`, `warmup`, `decay` and `decay_every` count here.
    step : int
        The step about to be taken, from 0.
    steps : int
        Steps of the whole training.
    steps_per_epoch : int
        Steps of one epoch.
    falls : int
        How often the "plateau" schedule has let the rate fall so far.

    Returns
    -------
    float
        Factor in (0, 1].

    Notes
    -----
    "cosine" falls as (1 + cos πt) / 2 (Loshchilov & Hutter 2017); "onecycle" rises linearly over
    the first 30 % (or `warmup`, where given) and falls linearly to 1 % of the peak
    (Smith & Topin 2018); "exponential" multiplies by `decay` once per epoch, smoothly; "step" by
    `decay` every `decay_every` epochs; "plateau" by `decay` at each fall.
    """
    rise = recipe.warmup or (0.3 if recipe.schedule == "onecycle" else 0.0)
    rise_steps = round(rise * steps)
    if step < rise_steps:
        return (step + 1) / (rise_steps + 1)
    done = (step - rise_steps) / max(1, steps - rise_steps)
    epoch = step / steps_per_epoch
    match recipe.schedule:
        case "constant":
            factor = 1.0
        case "exponential":
            factor = math.pow(recipe.decay, epoch)
        case "step":
            factor = math.pow(recipe.decay, int(epoch) // recipe.decay_every)
        case "plateau":
            factor = math.pow(recipe.decay, falls)
        case "cosine":
            factor = max((1 + math.cos(math.pi * done)) / 2, 1e-4)
        case "onecycle":
            factor = 1 - 0.99 * done
    return factor
