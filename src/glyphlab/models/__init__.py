"""The registry: every model by name, and modules of the user's own.

A module that was built by a name remembers it, with the arguments, so that a training of it can be
read again without the module.

Only `build` imports torch, so that listing names is instant.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from glyphlab.errors import InputError
from glyphlab.language import say
from glyphlab.models.arguments import check_arguments, parameters_of
from glyphlab.models.origin import Origin, remember, remembered
from glyphlab.models.shapes import ImageShape

if TYPE_CHECKING:
    from torch import nn


class Entry(NamedTuple):
    """A model of the registry.

    Attributes
    ----------
    name : str
    location : str
        Where its class is: "module:class".
    in_ladder : bool
        Whether the lab trains it where no models are named.
    """

    name: str
    location: str
    in_ladder: bool = True

    @property
    def task(self) -> str:
        """The part of the lab that it belongs to, in the current language."""
        return say(f"model-{self.name}.task")

    @property
    def description(self) -> str:
        """One line on what it is, in the current language."""
        return say(f"model-{self.name}")


MODELS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry("logistic", "glyphlab.models.logistic:Logistic"),
        Entry("mlp", "glyphlab.models.mlp:MLP"),
        Entry("conv2", "glyphlab.models.conv2:Conv2"),
        Entry("conv-pool", "glyphlab.models.conv_pool:ConvPool"),
        Entry("lenet5", "glyphlab.models.lenet5:LeNet5"),
        Entry("lenet5-classic", "glyphlab.models.lenet5_classic:LeNet5Classic"),
        Entry("glyphnet-small", "glyphlab.models.glyphnet_small:GlyphNetSmall", in_ladder=False),
        Entry("glyphnet", "glyphlab.models.glyphnet:GlyphNet"),
    )
}

TIMM = "timm:"
"""How the name of a network of timm's begins."""


def names() -> tuple[str, ...]:
    """The names of the registered models, from the simplest to the most accurate."""
    return tuple(MODELS)


def ladder() -> tuple[str, ...]:
    """The names of the models that the lab trains where none are named."""
    return tuple(entry.name for entry in MODELS.values() if entry.in_ladder)


def takes(name: str) -> dict[str, Any]:
    """The arguments of a registered model with their defaults.

    Raises
    ------
    InputError
        If there is no such model.
    """
    return {key: parameter.default for key, parameter in parameters_of(_registered(name)).items()}


def build(
    model: "str | nn.Module", image_shape: ImageShape, classes: int, **arguments: Any
) -> "nn.Module":
    """Make a model for images of one shape.

    Parameters
    ----------
    model : str or nn.Module
        A registered name; or "timm:name", a network of timm's, see
        `glyphlab.models.timm_models`; or "package.module:factory", a callable of the user's that
        is called with those of `image_shape`, `classes` and `arguments` that it takes; or a
        module, which is checked and returned.
    image_shape : (height, width, channels)
    classes : int
        How many logits the model gives for an image.
    **arguments
        What else the model takes, see `takes`.

    Returns
    -------
    nn.Module
        From float [batch, channels, height, width] to logits [batch, classes], with initial
        weights from torch's global generator. One of a registered name or of timm's remembers name
        and arguments, see `origin_of`.

    Raises
    ------
    InputError
        If there is no such model, an argument is unknown or out of range, the images are too
        small, or the output is not one logit for each class.
    """
    if isinstance(model, str) and ":" not in model:
        factory = _registered(model)
        checked = check_arguments(model, factory, arguments)
        made = factory(image_shape, classes, **checked)
        remember(made, model, arguments)
        return made
    if isinstance(model, str) and model.startswith(TIMM):
        from glyphlab.models.timm_models import build_timm

        made = build_timm(model, image_shape, classes, arguments)
        remember(made, model, arguments)
        return made
    if isinstance(model, str):
        from glyphlab.models.users import build_users

        return build_users(model, image_shape, classes, arguments)
    if arguments:
        raise InputError(
            f"{type(model).__name__} is built already, so it takes no argument "
            f"{next(iter(arguments))}; give it to the module itself."
        )
    check_output(model, image_shape, classes)
    return model


def is_known(name: str) -> bool:
    """Whether a name is enough to build the model of it, so that a weights file may give it.

    A user's factory is not known: importing what a file names would be executing it. timm's
    networks are: only those of the registry of the timm that is installed are built.
    """
    return name in MODELS or name.startswith(TIMM)


def check_output(
    module: "nn.Module", image_shape: ImageShape, classes: int, name: str | None = None
) -> None:
    """Refuse a module that doesn't give one logit for each class; two black images are tried.

    Parameters
    ----------
    module : nn.Module
    image_shape : (height, width, channels)
    classes : int
    name : str, optional
        What the message calls the module; its class where none is given.

    Raises
    ------
    InputError
        Saying what it gives instead, or why it fails.
    """
    from glyphlab.models.users import try_output

    try_output(module, name or type(module).__name__, image_shape, classes)


def name_of(model: "str | nn.Module") -> str:
    """What reports call a model: its name, or "module:class" of a module.

    A module that `build` made has the name that it was made by, and any other of a registered class
    the registered name.
    """
    if isinstance(model, str):
        return model
    origin = remembered(model)
    if origin is not None:
        return origin.model
    location = _location(model)
    return next((entry.name for entry in MODELS.values() if entry.location == location), location)


def origin_of(model: "str | nn.Module", arguments: Mapping[str, Any] | None = None) -> Origin:
    """By which name and arguments a model can be built again.

    Parameters
    ----------
    model : str or nn.Module
    arguments : mapping, optional
        What a name is built with; a module has had its own.

    Returns
    -------
    Origin
        Of a module what `build` made it by. What nobody remembers, such as the arguments of a
        registered class that was called directly, is a module of the user's: "module:class".
    """
    if isinstance(model, str):
        return Origin(model, dict(arguments or {}))
    return remembered(model) or Origin(_location(model), {})


def _location(module: "nn.Module") -> str:
    return f"{type(module).__module__}:{type(module).__qualname__}"


def _registered(name: str) -> type["nn.Module"]:
    entry = MODELS.get(name)
    if entry is None:
        raise InputError(
            f"There is no model {name!r}; use {', '.join(MODELS)}, timm:NAME for one of timm's, "
            "or package.module:factory for one of your own."
        )
    module, _, attribute = entry.location.partition(":")
    made: type[nn.Module] = getattr(import_module(module), attribute)
    return made
