"""A page for each command, made of what `--help` says."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import typer

from glyphlab.cli.main import app
from glyphlab.cli.options import EVERYWHERE


class CommandPages(NamedTuple):
    """The pages by path, and their part of the navigation."""

    pages: dict[str, str]
    navigation: list[dict[str, str]]


def command_pages(written: Mapping[str, str]) -> CommandPages:
    """Make the pages, `commands/data-add.md` for `glyphlab data add`.

    Parameters
    ----------
    written : mapping of str to str
        The pages that are written by hand, by path; those that use a command are linked from it.
    """
    root = typer.main.get_command(app)
    found = CommandPages({}, [])
    with root.make_context("glyphlab", [], resilient_parsing=True) as context:
        for path, command, parent in _commands((), root, context):
            place = f"commands/{'-'.join(path)}.md"
            found.pages[place] = _page(path, command, parent, written)
            found.navigation.append({" ".join(path): place})
    return found


def _commands(path: tuple[str, ...], group: Any, context: Any) -> Iterator[tuple[Any, ...]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            inner = command.make_context(name, [], parent=context, resilient_parsing=True)
            yield from _commands((*path, name), command, inner)
        else:
            yield (*path, name), command, context


def _page(path: tuple[str, ...], command: Any, parent: Any, written: Mapping[str, str]) -> str:
    context = command.make_context(path[-1], [], parent=parent, resilient_parsing=True)
    name = " ".join(("glyphlab", *path))
    own = [item for item in command.get_params(context) if item.name not in EVERYWHERE]
    arguments = [item for item in own if item.param_type_name == "argument"]
    options = [item for item in own if item.param_type_name == "option" and item.name != "help"]
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    parts = [
        f"# {name}",
        _escaped(command.help or ""),
        f"```text\n{usage}\n```",
        _table("argument", arguments, context),
        _table("option", options, context),
        "Every command also takes `--quiet`, `--verbose`, `--debug` and `--help`, and its options "
        "can stand in files and in the environment: [the command](../command.md).",
        _links(name, written),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(kind: str, parameters: list[Any], context: Any) -> str:
    if not parameters:
        return ""
    rows = [item.get_help_record(context) for item in parameters]
    lines = [f"| <code>{_escaped(left)}</code> | {_escaped(right)} |" for left, right in rows]
    return "\n".join([f"| {kind} | what it is |", "| --- | --- |", *lines])


def _escaped(text: str) -> str:
    """Help is plain text: nothing in it is meant as Markdown or HTML."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    plain = html.escape("\n\n".join(paragraphs), quote=False)
    return re.sub(r"([*_\[\]`|])", lambda sign: f"&#{ord(sign[1])};", plain)


def _links(name: str, written: Mapping[str, str]) -> str:
    """The pages that show the command in use."""
    used = re.compile(rf"\b{re.escape(name)}\b")
    titles = {page: _title(text) for page, text in sorted(written.items()) if used.search(text)}
    links = [f"[{title}](../{page})" for page, title in titles.items()]
    return f"Used in: {', '.join(links)}." if links else ""


def _title(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("# ")).removeprefix("# ")
