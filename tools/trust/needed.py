"""Which packages glyphlab needs, directly or not, as they are installed here."""

import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DEVELOPING = ("dev", "docs", "torture")
"""Extras for those who change glyphlab; all others are for those who use it."""
EXTRAS = tuple(extra for extra in PROJECT["optional-dependencies"] if extra not in DEVELOPING)


def needed(extra: str | None = None) -> set[str]:
    """Names of all packages that are needed, those that an extra adds among them.

    Parameters
    ----------
    extra : str, optional
        Of glyphlab.

    Returns
    -------
    set of str
        Normalised names. What is not installed is left out, with what it would need.
    """
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = list(_installed(PROJECT["dependencies"], frozenset()))
    waiting += _of_extra(extra) if extra else []
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.add(package)
            waiting += _installed(requires(package[0]) or (), package[1])
    return {name for name, _ in found}


def is_installed(name: str) -> bool:
    """Whether there is such a package here."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _of_extra(extra: str) -> Iterator[tuple[str, frozenset[str]]]:
    """What an extra names; extras of glyphlab itself that it names are looked into."""
    texts = PROJECT["optional-dependencies"][extra]
    for requirement in map(Requirement, texts):
        if requirement.name == PROJECT["name"]:
            for inner in requirement.extras:
                yield from _of_extra(inner)
    yield from _installed(texts, frozenset())


def _installed(
    texts: Iterable[str], extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """The requirements that hold here, with the extras that they ask for."""
    for requirement in map(Requirement, texts):
        name, marker = canonicalize_name(requirement.name), requirement.marker
        holds = marker is None or any(marker.evaluate({"extra": each}) for each in extras or {""})
        if holds and name != PROJECT["name"] and is_installed(name):
            yield name, frozenset(requirement.extras)
