"""A page for each public name of the library, filled from its docstring by mkdocstrings."""

from typing import NamedTuple

import griffe


class NamePages(NamedTuple):
    """The pages by path, and their part of the navigation."""

    pages: dict[str, str]
    navigation: list[dict[str, object]]


def name_pages(source: str) -> NamePages:
    """Make the pages.

    Classes and functions have folders of their own, since some names, such as `Audit` and `audit`,
    differ by case only, which not every file system tells apart.

    Parameters
    ----------
    source : str
        The folder that holds the package.
    """
    package = griffe.load("glyphlab", search_paths=[source], docstring_parser="numpy")
    names = list(package.exports or ())
    kinds = {
        "Classes": [name for name in names if package[name].is_class],
        "Functions": [name for name in names if package[name].is_function],
    }
    paths = {
        name: f"python/{kind.lower()}/{name}.md" for kind, some in kinds.items() for name in some
    }
    pages = {path: f"::: glyphlab.{name}\n" for name, path in paths.items()}
    overview = ["# The library", "What `import glyphlab` gives."]
    for kind, some in kinds.items():
        rows = [_row(name, paths[name], package[name].docstring) for name in some]
        overview += [f"## {kind}", "\n".join(["| name | what it is |", "| --- | --- |", *rows])]
    pages["python/index.md"] = "\n\n".join(overview) + "\n"
    parts = [{kind: [{name: paths[name]} for name in some]} for kind, some in kinds.items()]
    return NamePages(pages, [{"Overview": "python/index.md"}, *parts])


def _row(name: str, path: str, docstring: griffe.Docstring | None) -> str:
    line = docstring.value.splitlines()[0] if docstring else ""
    return f"| [{name}]({path.removeprefix('python/')}) | {line.replace('|', '&#124;')} |"
