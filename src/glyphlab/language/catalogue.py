"""Sentences by their ids, from one catalogue per language.

A catalogue is the folder of its language, with files of the Fluent format, https://projectfluent.org:
a translator orders the figures of a sentence as the language wants, and chooses plurals.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Literal, get_args

from glyphlab.errors import InputError

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_current: ContextVar[Language] = ContextVar("language", default="en")


def language() -> Language:
    """The language in which reports, tables and pictures are made now."""
    return _current.get()


def speak(name: Language) -> None:
    """Make reports, tables and pictures in a language from now on.

    Parameters
    ----------
    name : {"en", "ru"}

    Raises
    ------
    InputError
        If there is no catalogue of that language.
    """
    _current.set(_known(name))


@contextmanager
def speaking(name: Language) -> Iterator[None]:
    """The same for the statements of a `with` block."""
    token = _current.set(_known(name))
    try:
        yield
    finally:
        _current.reset(token)


def say(message: str, **figures: str | int) -> str:
    """A sentence, or a part of a page, in the current language.

    Parameters
    ----------
    message : str
        Its id in the catalogues; an attribute is named after a dot.
    **figures : str or int
        What the sentence says. Whole numbers choose plurals, and are written as the language
        writes them; other numbers come as text, see `glyphlab.language.numerals`.

    Raises
    ------
    LookupError
        If there is no such sentence, or it says a figure that is not given.
    """
    made = _bundle(language())
    name, _, attribute = message.partition(".")
    found = made.get_message(name) if made.has_message(name) else None
    pattern = found and (found.attributes.get(attribute) if attribute else found.value)
    if not pattern:
        raise LookupError(f"The catalogue {language()} has no {message}.")
    text, errors = made.format_pattern(pattern, {k: _plain(v) for k, v in figures.items()})
    if errors:
        raise LookupError(f"{message} in {language()}: {errors[0]}")
    return re.sub(r" *\n *", " ", str(text))


def catalogue_files(name: Language) -> list[Traversable]:
    """The files of a language's catalogue, in the order of their names."""
    folder = resources.files("glyphlab.language") / name
    return sorted((f for f in folder.iterdir() if f.name.endswith(".ftl")), key=lambda f: f.name)


@cache
def _bundle(name: Language) -> "FluentBundle":
    from fluent.runtime import FluentBundle, FluentResource

    # Marks that isolate left-to-right from right-to-left text are of no use in these languages.
    made = FluentBundle([name], use_isolating=False)
    for file in catalogue_files(name):
        made.add_resource(FluentResource(file.read_text("utf-8")))
    return made


def _plain(figure: str | int) -> str | int:
    return figure if isinstance(figure, str) else int(figure)


def _known(name: str) -> Language:
    for known in LANGUAGES:
        if known == name:
            return known
    raise InputError(f"There is no language {name!r}; choose from {', '.join(LANGUAGES)}.")
