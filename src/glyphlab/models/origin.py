"""By which name and arguments a module was made, remembered on the module itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import nn

_KEY = "_glyphlab_origin"


class Origin(NamedTuple):
    """What `build` needs to make a module again.

    Attributes
    ----------
    model : str
        A name that is enough to build it, or "module:Class" of a module of the user's.
    arguments : dict
        What it was made with beside image shape and classes.
    """

    model: str
    arguments: dict[str, Any]


class _Mark(NamedTuple):
    """An origin, and the layers that a module of it has."""

    origin: Origin
    layers: dict[str, type["nn.Module"]]


def remember(module: "nn.Module", model: str, arguments: Mapping[str, Any]) -> None:
    """Let a module say by which name and arguments it was made; its copies say it, too."""
    vars(module)[_KEY] = _Mark(Origin(model, dict(arguments)), _layers(module))


def remembered(module: "nn.Module") -> Origin | None:
    """What a module was made by; None if nobody said so, or its layers were exchanged since."""
    mark: _Mark | None = vars(module).get(_KEY)
    return mark.origin if mark is not None and mark.layers == _layers(module) else None


def _layers(module: "nn.Module") -> dict[str, type["nn.Module"]]:
    return {name: type(layer) for name, layer in module.named_modules()}
