"""The search space: a default one around a Recipe, or the user's own, checked before any training.

docs/tune.md says why the default one is as it is.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.models import build
from glyphlab.training.recipe import Recipe
from glyphlab.tuning.ranges import Choices, Floats, Range, Space, parse_range

AUGMENTATIONS = ("shift", "rotation", "scale", "stretch", "shear", "elastic", "weight", "erase")
BELOW_ONE = 0.95
"""The most for a share, which must be below 1."""
UNSEARCHED = {
    "seed": "it decides which images are held out, and all trials are judged on the same; --seed "
    "sets it",
    "validation": "all trials are judged on the same images; --set it",
    "device": "it decides where is computed, not what",
}
"""Keys that no search may change, and why."""


def choose_space(
    base: Recipe,
    search: Mapping[str, str],
    fixed: Mapping[str, Any],
    dropout: frozenset[float],
) -> Space:
    """The space that the user names, or the default one without the keys that are fixed.

    Parameters
    ----------
    base : Recipe
        What the search starts from, the fixed keys set.
    search : mapping of key to text
        As `parse_range` reads it; none for the default space.
    fixed : mapping
        Keys that keep their value.
    dropout : set of float
        The rates of the model's own dropout layers, as `dropout_rates` finds them.

    Raises
    ------
    InputError
        If a key is unknown, fixed, or one that can't be searched, or a value is out of its range.
    """
    if not search:
        space = {k: r for k, r in default_space(base, dropout).items() if k not in fixed}
        if not space:
            raise InputError("Every key is fixed, so that nothing is left to search; leave one.")
        return space
    for key in search:
        if key in UNSEARCHED:
            raise InputError(f"{key} can't be searched: {UNSEARCHED[key]}.")
        if key in fixed:
            raise InputError(f"{key} can't be both set and searched; choose one.")
    space = {key: parse_range(key, text) for key, text in search.items()}
    for key, values in space.items():
        for value in values.ends:
            base.replace(**{key: value})
    if "dropout" in space and not dropout:
        raise InputError("The model has no dropout layer; leave dropout out of the search.")
    return space


def default_space(base: Recipe, dropout: frozenset[float]) -> dict[str, Range]:
    """What is searched where the user names nothing, around a Recipe.

    Parameters
    ----------
    base : Recipe
    dropout : set of float
        See `choose_space`.
    """
    space: dict[str, Range] = {
        "learning_rate": _learning_rate(base),
        "weight_decay": _weight_decay(base),
        "schedule": Choices(_with(("cosine", "onecycle"), base.schedule)),
        "average": Choices(_with((0.0, 0.98, 0.995), base.average)),
    }
    if base.optimizer == "sgd":
        space["momentum"] = Floats(min(0.8, base.momentum), max(0.97, base.momentum))
    if base.loss == "cross_entropy":
        space["label_smoothing"] = Floats(0.0, max(0.2, base.label_smoothing))
    if dropout:
        space["dropout"] = Floats(0.0, max(0.6, base.dropout or 0.0, *dropout))
    for key in AUGMENTATIONS:
        amount = getattr(base, key)
        if amount:
            space[key] = Floats(0.0, _most(key, amount))
    return space


def base_settings(base: Recipe, space: Space, dropout: frozenset[float]) -> dict[str, Any] | None:
    """The values of a Recipe at the keys that are searched; None if one lies outside the space."""
    settings = {key: getattr(base, key) for key in space}
    if settings.get("dropout", 0.0) is None and len(dropout) == 1:
        settings["dropout"] = next(iter(dropout))
    inside = all(values.holds(settings[key]) for key, values in space.items())
    return settings if inside else None


def dropout_rates(model: str, dataset: Dataset, arguments: Mapping[str, Any]) -> frozenset[float]:
    """The rates of all dropout layers of a model; empty if it has none.

    Raises
    ------
    InputError
        If the model can't be built.
    """
    with torch.random.fork_rng():
        module = build(model, dataset.image_shape, len(dataset.classes), **arguments)
    layers = (m for m in module.modules() if isinstance(m, nn.modules.dropout._DropoutNd))
    return frozenset(float(layer.p) for layer in layers)


def _learning_rate(base: Recipe) -> Floats:
    """SGD's best rate lies near the one at which it diverges, so less is tried above it."""
    above = 3 if base.optimizer == "sgd" else 10
    return Floats(_short(base.learning_rate / 10), _short(base.learning_rate * above), log=True)


def _weight_decay(base: Recipe) -> Floats:
    """AdamW's is decoupled from the gradient, so that useful values are far higher."""
    if base.weight_decay:
        return Floats(_short(base.weight_decay / 10), _short(base.weight_decay * 10), log=True)
    return Floats(0.0, 0.3 if base.optimizer == "adamw" else 1e-3)


def _most(key: str, amount: float) -> float:
    """Twice the amount; of a share less than all."""
    twice = _short(2 * amount)
    shares = ("scale", "stretch", "erase", "weight")
    return max(min(twice, BELOW_ONE), amount) if key in shares else twice


def _with(values: tuple[Any, ...], own: Any) -> tuple[Any, ...]:
    return values if own in values else (*values, own)


def _short(value: float) -> float:
    return float(f"{value:.3g}")
