"""Wrong words on the command line, each as one sentence with what is meant or allowed.

Typer's errors of usage are not public and have moved between its versions, so they are told by
their names, and by `format_message`, which they alone have.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from glyphlab.errors import InputError


@contextmanager
def one_sentence(context: Any) -> Iterator[None]:
    """Turn Typer's errors of usage into an InputError; where help is shown instead, it stays.

    Parameters
    ----------
    context : typer.Context
        Of the command whose words are read.
    """
    try:
        yield
    except Exception as error:
        if not hasattr(error, "format_message") or type(error).__name__ == "NoArgsIsHelpError":
            raise
        raise InputError(_sentence(error, context)) from error


def unknown_command(name: str, context: Any) -> InputError:
    """What is said of a command that is not there: the one meant, or those there are."""
    path, commands = context.command_path, context.command.commands
    meant = nearest(name, commands)
    groups = [key for key, command in commands.items() if name in getattr(command, "commands", ())]
    if groups:
        meant = f"{groups[0]} {name}"
    hint = f"did you mean {path} {meant}?" if meant else f"there are {', '.join(commands)}."
    return InputError(f"{path} has no command {name!r}; {hint}")


def wrong_value(error: Any, parameter: Any, origin: str | None = None) -> str:
    """A clause that says which option or argument can't be what it is, and why.

    Parameters
    ----------
    error : typer.BadParameter
    parameter : Option or Argument of Typer
    origin : str, optional
        Where the value comes from, if not from the command line.
    """
    message = str(error.message).strip().rstrip(".").removeprefix("Value error, ")
    shown = _name(parameter) + (f" (from {origin})" if origin else "")
    # Pydantic's sentences speak of the value as "Input".
    if message.startswith("Input should"):
        return shown + message.removeprefix("Input")
    return f"{shown}: {message}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like one, if any is."""
    return next(iter(get_close_matches(word, list(known), n=1)), None)


def comes_from(context: Any, parameter: str, source: str) -> bool:
    """Whether a parameter's value comes from "COMMANDLINE", "DEFAULT_MAP" or "DEFAULT"."""
    found = context.get_parameter_source(parameter)
    return found is not None and found.name == source


def _sentence(error: Any, context: Any) -> str:
    path, parameter = context.command_path, getattr(error, "param", None)
    see = f"see {path} --help."
    match type(error).__name__:
        case "NoSuchOption":
            known = context.command.get_params(context)
            options = [name for each in known for name in (*each.opts, *each.secondary_opts)]
            meant = nearest(error.option_name, options)
            hint = f"did you mean {meant}?" if meant else see
            return f"{path} has no option {error.option_name}; {hint}"
        case "MissingParameter":
            return f"{path} needs {_name(parameter)}; {see}"
        case "BadParameter" if parameter is not None:
            return f"{wrong_value(error, parameter, _origin(context, parameter))}; {see}"
    message = str(error.message).strip().rstrip(".")
    return f"{path}: {message[:1].lower()}{message[1:]}; {see}"


def _name(parameter: Any) -> str:
    """The name of an option, the word in capitals of an argument."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return str(parameter.opts[0])


def _origin(context: Any, parameter: Any) -> str | None:
    """Where a value comes from that is not on the command line."""
    if not comes_from(context, parameter.name, "DEFAULT_MAP"):
        return None
    origin: str = context.default_map.origins[parameter.name]
    return origin
