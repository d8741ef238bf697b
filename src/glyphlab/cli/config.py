"""`glyphlab config`: the options that files and environment set, and where each comes from."""

import shlex
from typing import Annotated, Any, NamedTuple

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, give_json, results
from glyphlab.cli.options import JsonFile
from glyphlab.cli.usage import nearest, wrong_value
from glyphlab.errors import InputError

SECRET, HIDDEN = ("token",), "(hidden)"
"""Options whose value is shown to nobody, and what is shown instead."""


class _Line(NamedTuple):
    command: str
    option: str
    value: Any
    origin: str


def config(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND…]",
            autocompletion=completion.commands,
            help="As lab, or data add: all its options; without a command, those that are set.",
        ),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Show which options files and environment set, to what, and where.

    The command line goes before the environment, that before glyphlab.toml or [tool.glyphlab] of
    pyproject.toml in the working folder, that before the user's own file.
    """
    from glyphlab.cli.configuration import commands, files

    root = context.find_root().command
    known = {" ".join(path): (path, command) for path, command in commands(root) if path}
    chosen = " ".join(words or [])
    if chosen and chosen not in known:
        meant = nearest(chosen, known)
        hint = f"did you mean {meant}?" if meant else f"there are {', '.join(known)}."
        raise InputError(f"There is no command {chosen!r}; {hint}")
    lines = _set(context, root)
    if chosen:
        lines = _whole(*known[chosen], root, lines)
    read = [str(file.path) for file in files()]
    console.print(f"Read: {', '.join(read) or 'no file'}, and the environment.")
    if lines:
        results.table(("command", "option", "value", "from"), [_row(line) for line in lines])
    else:
        results.print("No option is set; glyphlab config COMMAND shows defaults.")
    give_json(json_file, {"files": read, "options": [_fact(line) for line in lines]})


def _set(context: typer.Context, root: Any) -> list[_Line]:
    """What is set, each option once, checked as it will be when its command runs."""
    from glyphlab.cli.configuration import settings

    last = {(setting.command, setting.option): setting for setting in settings(root)}
    for setting in last.values():
        if setting.parameter.callback is None:
            try:
                setting.parameter.process_value(context, setting.value)
            except typer.BadParameter as error:
                clause = wrong_value(error, setting.parameter, setting.origin)
                raise InputError(f"{clause}; correct it.") from error
    return [
        _Line(
            " ".join(command),
            option,
            HIDDEN if option in SECRET else setting.value,
            setting.origin,
        )
        for (command, option), setting in last.items()
    ]


def _whole(path: tuple[str, ...], command: Any, root: Any, lines: list[_Line]) -> list[_Line]:
    """Every option of one command: what is set, else its default."""
    from glyphlab.cli.configuration import options

    name = " ".join(path)
    given = {line.option: line for line in lines if line.command == name}
    return [
        given.get(option, _Line(name, option, parameter.default, "default"))
        for option, parameter in options(command, root).items()
    ]


def _row(line: _Line) -> tuple[str, ...]:
    shown = line.value
    if isinstance(shown, bool):
        shown = str(shown).lower()
    elif isinstance(shown, list):
        shown = shlex.join(shown)
    return line.command, line.option, "–" if shown is None else str(shown), line.origin


def _fact(line: _Line) -> dict[str, Any]:
    value = (
        line.value if isinstance(line.value, bool | int | float | list | None) else str(line.value)
    )
    return {"command": line.command, "option": line.option, "value": value, "from": line.origin}
