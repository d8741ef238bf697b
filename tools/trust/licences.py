"""The licence of every package that glyphlab and its extras need, as docs/licences.md.

`make licences` writes that page, and fails where a licence is neither allowed nor explained in
licences.toml. Licences of installed packages are read from their own metadata; those of packages
for other systems stand in licences.toml.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import metadata
from typing import NamedTuple

from tools.trust import locks
from tools.trust.needed import DEVELOPING, EXTRAS, ROOT, needed

RULES = tomllib.loads((ROOT / "tools" / "trust" / "licences.toml").read_text())
PAGE = ROOT / "docs" / "licences.md"
UNKNOWN = "unknown"


class Package(NamedTuple):
    """One line of the page.

    Attributes
    ----------
    name, version : str
    licence : str
        SPDX names, joined by AND, OR and WITH.
    brought_by : str
        Which extra or system needs it.
    """

    name: str
    version: str
    licence: str
    brought_by: str


def licence_of(name: str) -> str:
    """What the metadata of an installed package say, as SPDX names."""
    if name in RULES["explained"]:
        return str(RULES["explained"][name]["licence"])
    said = metadata(name)
    if expression := said.get("License-Expression"):
        return expression
    written = RULES["written"]
    text = (said.get("License") or "").strip()
    if text in written or text in RULES["allowed"]:
        return written.get(text, text)
    classifiers = [each for each in said.get_all("Classifier", []) if each.startswith("License")]
    names = [each.rpartition(" :: ")[2] for each in classifiers]
    known = sorted({written.get(each, each) for each in names})
    return " AND ".join(known) or text.partition("\n")[0] or UNKNOWN


def objections(package: Package) -> Iterator[str]:
    """What is not allowed in the licence of a package, unless it is explained."""
    if package.name in _reasons():
        return
    names = set(re.split(r"[\s()]+", package.licence)) - {"AND", "OR", "WITH", ""}
    for name in sorted(names - set(RULES["allowed"])):
        yield (
            f"{package.name} has the licence {package.licence!r}, and {name} is not allowed; do "
            "without it, or explain it in tools/trust/licences.toml."
        )


def sections() -> dict[str, list[Package]]:
    """All packages, by who has them; the same, whatever else is installed here."""
    told = set(RULES["elsewhere"])
    always = needed() - told
    by_extra = {extra: needed(extra) - always - told for extra in EXTRAS}
    used = always.union(*by_extra.values())
    developing = set[str]().union(*map(needed, DEVELOPING)) - used - told
    return {
        "Always": _installed(dict.fromkeys(always, "")),
        "With an extra": _installed(
            {
                name: ", ".join(extra for extra in EXTRAS if name in by_extra[extra])
                for name in used - always
            }
        ),
        "Only to develop glyphlab": _installed(dict.fromkeys(developing, "")),
        "On other systems, or not in the environment of the tests": _elsewhere(used | developing),
    }


def _installed(brought_by: dict[str, str]) -> list[Package]:
    pins = locks.read(locks.ALL)
    return [
        Package(name, pins[name].version, licence_of(name), brought_by[name])
        for name in sorted(brought_by)
    ]


def _elsewhere(here: set[str]) -> list[Package]:
    """What is locked and not needed here, as licences.toml tells."""
    pins, told = locks.read(locks.ALL), RULES["elsewhere"]
    nobody = {"licence": UNKNOWN, "for": "?"}
    return [
        Package(name, pin.version, told.get(name, nobody)["licence"], told.get(name, nobody)["for"])
        for name, pin in sorted(pins.items())
        if name not in here
    ]


def problems() -> Iterator[str]:
    """What must be decided before the page is right."""
    packages = [package for part in sections().values() for package in part]
    for package in packages:
        yield from objections(package)
    for name in sorted({*RULES["explained"], *RULES["elsewhere"]} - set(locks.read(locks.ALL))):
        yield f"{name} is in licences.toml, and nothing needs it."


def page() -> str:
    """The page, as Markdown."""
    parts = [INTRODUCTION]
    for title, packages in sections().items():
        parts += [f"## {title}", _table(packages)]
    explained = [f"- {name}: {why}." for name, why in sorted(_reasons().items())]
    within = [(each["wheels"], each["carry"], each["licence"]) for each in RULES["within"]]
    parts += ["## Explained", "\n".join(explained), WITHIN]
    parts += [_rows(("wheels", "carry", "under"), within), WITHIN_MEANS]
    return "\n\n".join(parts) + "\n"


def _reasons() -> dict[str, str]:
    """Why packages may be used that no rule allows."""
    told = RULES["explained"] | RULES["elsewhere"]
    return {name: each["why"] for name, each in told.items() if "why" in each}


def _table(packages: Sequence[Package]) -> str:
    width = 4 if any(package.brought_by for package in packages) else 3
    heads = ("package", "version", "licence", "for")
    return _rows(heads[:width], [package[:width] for package in packages])


def _rows(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


INTRODUCTION = """# Licences

glyphlab itself is under the MIT licence; the fonts that its built-in letters are drawn from are
listed in [built-in fonts](glyphs-fonts.md). This page lists every package that it needs, directly
or not, with the licence that the package's own metadata state. `make licences` writes it, and
fails on a licence that `tools/trust/licences.toml` neither allows nor explains: GPL, AGPL and LGPL
are not allowed, nor is a licence that nobody knows. A test holds the installed packages to the
same, without a network."""

WITHIN = """## Within wheels

Some wheels carry libraries of others, whose licences stand in the wheels' own licence files and not
in the metadata. Those that ask for more than to be named, in the wheels for Linux:"""

WITHIN_MEANS = """GCC's exception lets anybody use its runtime with programs of any licence. The
libraries of FFmpeg are linked dynamically and can be replaced; glyphlab reads no video. Whoever
ships these wheels on ships their licence files, too, which lie inside them."""


def main() -> None:
    """Write the page, or say what is not allowed and fail."""
    found = list(problems())
    if found:
        sys.exit("\n".join(found))
    PAGE.write_text(page())
    print(f"Wrote {PAGE.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
