"""What decides a fit: parameters that hold others, and the Recipe that they make."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from glyphlab.errors import InputError
from glyphlab.training.recipe import Recipe, default_recipe

HOLDERS = ("arguments", "recipe")
"""The parameters whose keys can be set alone, as recipe__learning_rate."""

Settings = Recipe | Mapping[str, Any] | None


def split_nested(
    params: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Part parameters from those inside a holder, which come by holder."""
    own: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for name, value in params.items():
        holder, inside, key = name.partition("__")
        if inside and holder in HOLDERS:
            nested.setdefault(holder, {})[key] = value
        else:
            own[name] = value
    return own, nested


def changed(held: Settings, changes: Mapping[str, Any]) -> Recipe | dict[str, Any]:
    """What a holder held, with changes; the thing itself stays as it was."""
    if isinstance(held, Recipe):
        return held.replace(**checked("recipe", changes))
    return {**(held or {}), **changes}


def checked(name: str, settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings as a new dict, with Python's numbers for NumPy's, which grids give.

    Raises
    ------
    InputError
        If they are no mapping.
    """
    if not isinstance(settings, Mapping | None):
        raise InputError(f"{name} = {settings!r} can't be; give a dict, as {{key: value}}.")
    return {
        key: value.item() if isinstance(value, np.generic) else value
        for key, value in (settings or {}).items()
    }


def whole_recipe(model: str, recipe: Settings, epochs: int | None, random_state: Any) -> Recipe:
    """Make the Recipe of a fit.

    Parameters
    ----------
    model : str
        Whose default Recipe is changed.
    recipe : Recipe or mapping, optional
        A whole Recipe, or keys to change. With keys no image is held out, since an estimator is
        given what it shall learn from, unless they ask for it or for what watches such images.
    epochs : int, optional
        In place of the Recipe's length.
    random_state : int, RandomState or None
        Gives the seed; None leaves the Recipe's.

    Raises
    ------
    InputError
        If a key is unknown or its value out of range.
    """
    if isinstance(recipe, Recipe):
        whole = recipe
    else:
        keys = checked("recipe", recipe)
        watched = keys.get("early_stopping") or keys.get("schedule") == "plateau"
        unseen = {} if watched else {"validation": 0.0}
        whole = default_recipe(model).replace(**(unseen | keys))
    changes = {"epochs": epochs, "seed": _seed(random_state)}
    return whole.replace(**checked("", {k: v for k, v in changes.items() if v is not None}))


def _seed(random_state: Any) -> int | None:
    if random_state is None:
        return None
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
