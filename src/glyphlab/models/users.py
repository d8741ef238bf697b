"""Models of the user's own: imported by name, called, and checked."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from glyphlab.errors import InputError
from glyphlab.models.arguments import describe
from glyphlab.models.shapes import ImageShape


def build_users(
    name: str, image_shape: ImageShape, classes: int, arguments: dict[str, Any]
) -> nn.Module:
    """Import `package.module:factory`, call it and check what it makes.

    The current directory is importable meanwhile, as for `python -m`. The factory is called with
    those of `image_shape`, `classes` and the arguments that its signature has.

    Raises
    ------
    InputError
        If it can't be imported or called, or makes no fitting module.
    """
    with _current_directory_importable():
        factory = _imported(name)
        keywords = _keywords(name, factory, image_shape, classes, arguments)
        try:
            module = factory(**keywords)
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"{name} can't be called: {told(error)}.") from error
    if not isinstance(module, nn.Module):
        raise InputError(
            f"{name} makes a {type(module).__name__}, not a torch.nn.Module; "
            "let it return the module."
        )
    try_output(module, name, image_shape, classes)
    return module


def try_output(module: nn.Module, name: str, image_shape: ImageShape, classes: int) -> None:
    """Refuse a module that doesn't give one logit for each class; two black images are tried.

    Raises
    ------
    InputError
        Saying what it gives instead, or why it fails.
    """
    height, width, channels = image_shape
    images = torch.zeros(2, channels, height, width, device=_device(module))
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            output = module(images)
    except Exception as error:
        raise InputError(
            f"{name} can't take images of [batch, {channels}, {height}, {width}]: {told(error)}."
        ) from error
    finally:
        module.train(training)
    if not isinstance(output, Tensor) or output.shape != (2, classes):
        raise InputError(
            f"{name} gives {_shape(output)} for 2 images of {classes} classes; "
            f"let it give logits [2, {classes}]."
        )


@contextmanager
def _current_directory_importable() -> Iterator[None]:
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)


def _imported(name: str) -> Callable[..., Any]:
    path, _, attribute = name.partition(":")
    if not (attribute.isidentifier() and all(part.isidentifier() for part in path.split("."))):
        raise InputError(f"{name!r} names no model; write package.module:factory.")
    try:
        factory = getattr(import_module(path), attribute, None)
    except (Exception, SystemExit) as error:
        raise InputError(f"Importing {path} for the model {name} failed: {told(error)}.") from error
    if not callable(factory):
        raise InputError(f"{path} has no callable {attribute!r}; check the name of the model.")
    called: Callable[..., Any] = factory
    return called


def _keywords(
    name: str,
    factory: Callable[..., Any],
    image_shape: ImageShape,
    classes: int,
    arguments: dict[str, Any],
) -> dict[str, Any]:
    try:
        parameters = dict(inspect.signature(factory).parameters)
    except (TypeError, ValueError):
        parameters = {}
    given = {"image_shape": image_shape, "classes": classes}
    if any(value.kind is inspect.Parameter.VAR_KEYWORD for value in parameters.values()):
        return given | arguments
    own = {key: value for key, value in parameters.items() if key not in given}
    for key in arguments:
        if key not in own:
            raise InputError(f"{name} takes no argument {key!r}; {describe(own)}.")
    return {key: value for key, value in given.items() if key in parameters} | arguments


def _device(module: nn.Module) -> torch.device:
    return next((weights.device for weights in module.parameters()), torch.device("cpu"))


def _shape(output: object) -> str:
    if isinstance(output, Tensor):
        return f"a tensor {list(output.shape)}"
    return f"a {type(output).__name__}"


def told(error: BaseException) -> str:
    """An error in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0].rstrip('.')}" if lines else type(error).__name__
