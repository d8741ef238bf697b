"""The pinned packages with their hashes: what is in `locks/`, and what is wrong with it.

`make lock` makes the files anew; `tests/trust` holds them to this, without a network.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tools.trust.needed import DEVELOPING, EXTRAS, ROOT, needed

CORE, ALL, BUILD, TOOLS = (ROOT / "locks" / f"{n}.txt" for n in ("core", "all", "build", "tools"))
CONSTRAINTS = ROOT / "constraints.txt"


class Pin(NamedTuple):
    """One package of a file.

    Attributes
    ----------
    version : str
    marker : str
        For which systems and versions of Python it is; empty for all.
    hashes : frozenset of str
        SHA-256 of each file that may be installed.
    """

    version: str
    marker: str
    hashes: frozenset[str]


def read(path: Path) -> dict[str, Pin]:
    """The packages of a file, by their normalised names.

    Raises
    ------
    ValueError
        If one is not pinned, or stands there twice.
    """
    pins: dict[str, Pin] = {}
    for line in _lines(path.read_text()):
        text, *hashes = re.split(r"\s+--hash=sha256:", line)
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        (pin,) = requirement.specifier
        if pin.operator != "==" or pin.version.endswith("*") or name in pins:
            raise ValueError(f"{path.name} does not pin {name} once")
        pins[name] = Pin(pin.version, str(requirement.marker or ""), frozenset(hashes))
    return pins


def _lines(text: str) -> Iterator[str]:
    """Lines without comments, those that go on behind a backslash as one."""
    for line in text.replace("\\\n", " ").splitlines():
        content = line.partition("#")[0].strip()
        if content:
            yield content


def problems() -> Iterator[str]:
    """What is wrong with the files, in sentences."""
    core, whole, build, tools = (read(path) for path in (CORE, ALL, BUILD, TOOLS))
    for name, pin in [*core.items(), *whole.items(), *build.items(), *tools.items()]:
        if not pin.hashes or not all(re.fullmatch("[0-9a-f]{64}", each) for each in pin.hashes):
            yield f"There are no hashes of {name}."
    constraints = read(CONSTRAINTS)
    yield from _differences(CORE.name, core, whole)
    yield from _differences(CONSTRAINTS.name, constraints, whole)
    yield from _differences(BUILD.name, {n: build[n] for n in build if n in whole}, whole)
    for extra in (None, *EXTRAS, *DEVELOPING):
        missing = needed(extra) - set(whole if extra else core)
        if missing:
            yield f"{', '.join(sorted(missing))} of {extra or 'glyphlab'} is not locked."


def _differences(file: str, pins: dict[str, Pin], whole: dict[str, Pin]) -> Iterator[str]:
    """Where a file has not what the whole has, which knows all packages."""
    for name, pin in pins.items():
        other = whole.get(name)
        same_files = other is not None and pin.hashes in (other.hashes, frozenset())
        if other is None or other.version != pin.version or not same_files:
            yield f"{file} and {ALL.name} differ in {name}."
