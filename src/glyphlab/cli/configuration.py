"""Options from files and environment.

What is on the command line goes before the environment, that before the project's file, and that
before the user's.
"""

import json
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from glyphlab.cli.options import EVERYWHERE
from glyphlab.cli.usage import nearest
from glyphlab.errors import InputError

PREFIX = "GLYPHLAB_"
USERS_FILE = f"{PREFIX}CONFIG"
"""Names a file in place of the user's own."""
NAMES_CODE = ("model", "models")
"""Options whose value can name a module, which is imported from the working folder."""
MAXIMUM_BYTES = 1_000_000

_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Setting(NamedTuple):
    """An option's value that is not on the command line.

    Attributes
    ----------
    command : tuple of str
        The words of the command, `("data", "add")`; none for `glyphlab` itself.
    option : str
        Its name without dashes before it.
    parameter : Option of Typer
    value : bool, str or list of str
        As the command line would give it.
    origin : str
        A file or a variable of the environment.
    """

    command: tuple[str, ...]
    option: str
    parameter: Any
    value: bool | str | list[str]
    origin: str


class File(NamedTuple):
    """A configuration file.

    Attributes
    ----------
    path : Path
    table : mapping
        What it holds for glyphlab.
    of_project : bool
        Whether it lies in the working folder, which can have come from anybody.
    """

    path: Path
    table: Mapping[str, Any]
    of_project: bool


class Defaults(dict[str, Any]):
    """Typer's default map of a command, with the origin of each value.

    Attributes
    ----------
    origins : dict of str to str
        By the parameter's name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.origins: dict[str, str] = {}


def settings(root: Any) -> list[Setting]:
    """Everything that files and environment set, what goes before others behind them.

    Parameters
    ----------
    root : Group of Typer
        The command `glyphlab`.

    Raises
    ------
    InputError
        If a file can't be read or is no TOML, or a key or variable is no option.
    """
    found = [setting for file in files() for setting in _of_table(file, file.table, (), root, root)]
    return [*found, *_of_environment(root)]


def defaults(found: Sequence[Setting]) -> Defaults:
    """The same as Typer's default map."""
    whole = Defaults()
    for setting in found:
        place = whole
        for word in setting.command:
            place = place.setdefault(word, Defaults())
        place[setting.parameter.name] = setting.value
        place.origins[setting.parameter.name] = setting.origin
    return whole


def files() -> list[File]:
    """The configuration files there are: the user's, then the project's."""
    found = [File(path, _read(path), of_project=False) for path in [_users_file()] if path]
    own, shared = Path("glyphlab.toml"), Path("pyproject.toml")
    tables = [(own, _read(own))] if own.is_file() else []
    if shared.is_file():
        tools = _read(shared).get("tool")
        table = tools.get("glyphlab") if isinstance(tools, dict) else None
        tables += [] if table is None else [(shared, table)]
    if len(tables) == 2:
        raise InputError(f"{own} and [tool.glyphlab] in {shared} both set options; keep one.")
    return [*found, *(File(path, table, of_project=True) for path, table in tables)]


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A command and all below it, with the words that call them."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


def options(command: Any, root: Any) -> dict[str, Any]:
    """The options of a command that can be set, by their names without dashes before them."""
    shared = [each for each in root.params if each.name in EVERYWHERE]
    own = [] if command is root else command.params
    return {
        next(name for name in each.opts if name.startswith("--")).removeprefix("--"): each
        for each in (*own, *shared)
        if each.param_type_name == "option"
    }


def variable(command: Sequence[str], option: str) -> str:
    """The variable of the environment that sets an option."""
    return PREFIX + "_".join([*command, option]).upper().replace("-", "_")


def _users_file() -> Path | None:
    named = os.environ.get(USERS_FILE)
    if named:
        return Path(named)
    import platformdirs

    from glyphlab.files import is_there

    path = Path(platformdirs.user_config_dir("glyphlab")) / "config.toml"
    return path if is_there(path) else None


def _read(path: Path) -> dict[str, Any]:
    from glyphlab.files import parse_toml, read_limited

    content = read_limited(path, "configuration", MAXIMUM_BYTES)
    try:
        return parse_toml(content)
    except ValueError as error:
        raise InputError(f"{path} is no TOML: {error}; correct it.") from error


def _of_table(
    file: File, table: Mapping[str, Any], path: tuple[str, ...], command: Any, root: Any
) -> Iterator[Setting]:
    known, below = options(command, root), getattr(command, "commands", {})
    if not isinstance(table, dict):
        raise InputError(f"{_key(file, path)} is no table of options; write [{'.'.join(path)}].")
    for key, value in table.items():
        option = key.replace("_", "-")
        if option in below:
            yield from _of_table(file, value, (*path, option), below[option], root)
        elif option in known:
            where = _key(file, (*path, key))
            if file.of_project and option in NAMES_CODE and ":" in str(value):
                raise InputError(
                    f"{where} names code; a folder's file can't, so give it on the command line."
                )
            words = _words(known[option], value, where)
            yield Setting(path, option, known[option], words, str(file.path))
        else:
            raise _unknown(_key(file, (*path, key)), option, path, [*known, *below])


def _key(file: File, path: Sequence[str]) -> str:
    return f"{'.'.join(path) or 'tool.glyphlab'} in {file.path}"


def _of_environment(root: Any) -> Iterator[Setting]:
    known = {
        variable(path, option): (path, option, parameter)
        for path, command in commands(root)
        for option, parameter in options(command, root).items()
    }
    sections = tuple(variable(path, "") for path, _ in commands(root) if path)
    for name, text in os.environ.items():
        if name in known and text:
            path, option, parameter = known[name]
            yield Setting(path, option, parameter, _parsed(parameter, text, name), name)
        elif name not in known and name.startswith(sections):
            otherwise = "glyphlab config COMMAND lists the options."
            raise InputError(
                f"{name} in the environment is no option; {_meant(name, known, otherwise)}"
            )


def _parsed(parameter: Any, text: str, name: str) -> bool | str | list[str]:
    """The value of a variable: yes or no for a flag, words for what may be repeated."""
    if parameter.is_flag:
        if text.lower() not in _YES + _NO:
            raise InputError(f"{name} = {text!r} can't be; use {', '.join(_YES + _NO)}.")
        return text.lower() in _YES
    if not parameter.multiple:
        return text
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters, words.escape = True, "", ""
    try:
        return list(words)
    except ValueError as error:
        raise InputError(f"{name} = {text!r} can't be: {str(error).lower()}.") from error


def _words(parameter: Any, value: Any, where: str) -> bool | str | list[str]:
    """A TOML value as the words that the command line would have."""
    if parameter.is_flag:
        if not isinstance(value, bool):
            raise InputError(f"{where} = {value!r} can't be; use true or false.")
        return value
    if isinstance(value, dict) and parameter.metavar == "KEY=VALUE":
        return [f"{key}={_json(each, where)}" for key, each in value.items()]
    words = [_word(each, where) for each in (value if isinstance(value, list) else [value])]
    return words if parameter.multiple else ",".join(words)


def _word(value: Any, where: str) -> str:
    if isinstance(value, bool | dict | list):
        raise InputError(f"{where} = {value!r} can't be; give text or a number.")
    return str(value)


def _json(value: Any, where: str) -> str:
    """TOML of a value: for numbers, text and lists of them it is what JSON is."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError as error:
        raise InputError(f"{where} = {value!r} can't be; give text or a number.") from error


def _unknown(where: str, option: str, path: Sequence[str], known: Sequence[str]) -> InputError:
    command = " ".join(["glyphlab", *path])
    hint = _meant(option, known, f"there are {', '.join(known)}.")
    return InputError(f"{where} is no option of {command}; {hint}")


def _meant(word: str, known: Iterable[str], otherwise: str) -> str:
    meant = nearest(word, known)
    return f"did you mean {meant}?" if meant else otherwise
