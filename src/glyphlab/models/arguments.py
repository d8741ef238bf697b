"""Arguments of registered models, checked against the hints of their constructors."""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from glyphlab.errors import InputError

_GIVEN = ("self", "image_shape", "classes")


def parameters_of(factory: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """What a model takes beside image shape and classes."""
    parameters = inspect.signature(factory).parameters
    return {name: value for name, value in parameters.items() if name not in _GIVEN}


def check_arguments(model: str, factory: type[Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as the constructor's type hints want them, lists as tuples for example.

    Raises
    ------
    InputError
        Naming the argument and what the model takes.
    """
    known = parameters_of(factory)
    hints = get_type_hints(factory.__init__, include_extras=True)
    for name in arguments:
        if name not in known:
            raise InputError(f"{model} takes no argument {name!r}; {describe(known)}.")
    return {
        name: _checked(model, name, hints.get(name, Any), value)
        for name, value in arguments.items()
    }


def describe(parameters: dict[str, inspect.Parameter]) -> str:
    """A clause that says which arguments there are, with their defaults."""
    if not parameters:
        return "it takes none"
    return "it takes " + ", ".join(_described(value) for value in parameters.values())


def _described(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return parameter.name
    return f"{parameter.name} (by default {parameter.default})"


def _checked(model: str, name: str, hint: Any, value: Any) -> Any:
    try:
        return TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        message = error.errors()[0]["msg"]
        raise InputError(
            f"{name} = {value!r} can't be for {model}: {message[:1].lower()}{message[1:]}."
        ) from error
