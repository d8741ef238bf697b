"""Classes and functions of this package, with all of it that they use, as source of its own."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from inspect import getsource
from types import EllipsisType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

PACKAGE = "glyphlab"
SHAPES = "jaxtyping"
"""The package whose annotations give the shapes of arrays; only the array's type is kept."""


class Edit(NamedTuple):
    """A replacement in the bytes of a source."""

    start: int
    end: int
    text: str


class Source:
    """The source of a module of this package, and what its names are.

    Parameters
    ----------
    name : str
        Of the module.
    """

    def __init__(self, name: str) -> None:
        self.name, self.module = name, import_module(name)
        self.bytes = getsource(self.module).encode()
        self.tree = ast.parse(self.bytes)

    @cached_property
    def definitions(self) -> dict[str, list[ast.stmt]]:
        """The statements that define each top-level name: it, and the text that explains it."""
        found: dict[str, list[ast.stmt]] = {}
        last: list[ast.stmt] | None = None
        for statement in self.tree.body:
            name = _defined(statement)
            if name is not None:
                last = found[name] = [statement]
            elif last is not None and _is_text(statement):
                last.append(statement)
            else:
                last = None
        return found

    @cached_property
    def imports(self) -> dict[str, tuple[str, str | None]]:
        """For each name that is imported: the module, and its name in there, if it is none."""
        found: dict[str, tuple[str, str | None]] = {}
        for statement in self.tree.body:
            if isinstance(statement, ast.Import):
                found |= {alias.name: (alias.name, None) for alias in statement.names}
            elif isinstance(statement, ast.ImportFrom):
                home = str(statement.module)
                found |= {alias.name: (home, alias.name) for alias in statement.names}
        return found

    def text(self, statements: list[ast.stmt], edits: Iterable[Edit]) -> str:
        """The text of statements, with some of it replaced."""
        decorators: list[ast.expr] = getattr(statements[0], "decorator_list", [])
        lines = [statements[0].lineno, *(decorator.lineno for decorator in decorators)]
        first = self._offset(min(lines), 0)
        text, end = b"", self.span(statements[-1]).end
        for edit in sorted(edits):
            text += self.bytes[first : edit.start] + edit.text.encode()
            first = edit.end
        return (text + self.bytes[first:end]).decode()

    def span(self, node: ast.stmt | ast.expr, text: str = "") -> Edit:
        """Where a node stands, and what shall stand there."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self._offset(node.lineno, node.col_offset)
        return Edit(start, self._offset(node.end_lineno, node.end_col_offset), text)

    def _offset(self, line: int, column: int) -> int:
        return self._line_starts[line - 1] + column

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.bytes.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts


class Collection:
    """Definitions with everything that they use, what is used before what uses it.

    What comes from other packages is imported. Annotations lose shapes and bounds.

    Parameters
    ----------
    given : collection of str
        Names that are defined elsewhere.
    stand_ins : mapping of (module, name) to module
        Where else to take a name from.
    """

    def __init__(
        self, given: Iterable[str], stand_ins: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self._given, self._stand_ins = set(given), stand_ins or {}
        self._sources: dict[str, Source] = {}
        self._homes: dict[str, str] = {}
        self._imported: set[tuple[str, str | None]] = set()

    def add(self, module: str, name: str) -> Iterator[str]:
        """Give the texts of a definition and of what it uses, if they were not given before."""
        module = self._stand_ins.get((module, name), module)
        if name in self._given:
            return
        if name in self._homes:
            if self._homes[name] != module:
                raise NameError(f"{name} is of {module} and of {self._homes[name]}")
            return
        self._homes[name] = module
        source = self._source(module)
        statements = source.definitions[name]
        edits, used = _plain_annotations(source, statements)
        for other in used:
            if other in source.definitions:
                yield from self.add(module, other)
            elif other in source.imports:
                yield from self._add_imported(*source.imports[other])
        yield _joined(source.text(statements, edits))

    def imports(self) -> str:
        """The import statements that all of it needs, the standard library first."""
        whole = {f"import {home}" for home, name in self._imported if name is None}
        froms: dict[str, list[str]] = {}
        for home, name in self._imported:
            if name is not None:
                froms.setdefault(home, []).append(name)
        lines = {line: line.split()[1] for line in whole} | {
            f"from {home} import {', '.join(sorted(names, key=_as_sorted))}": home
            for home, names in froms.items()
        }
        blocks: tuple[list[str], list[str]] = ([], [])
        for line in sorted(lines, key=lambda line: (line.startswith("from"), lines[line])):
            blocks[lines[line].partition(".")[0] not in sys.stdlib_module_names].append(line)
        return "\n\n".join("\n".join(block) for block in blocks if block)

    def _add_imported(self, home: str, name: str | None) -> Iterator[str]:
        if home.partition(".")[0] == PACKAGE and name is not None:
            yield from self.add(home, name)
        else:
            self._imported.add((home, name))

    def _source(self, module: str) -> Source:
        return self._sources.setdefault(module, Source(module))


def _plain_annotations(
    source: Source, statements: list[ast.stmt]
) -> tuple[list[Edit], dict[str, None]]:
    """What to write for annotations of this package, and the names that are left, in order."""
    edits: list[Edit] = []
    used: dict[str, None] = {}

    def visit(node: ast.AST, annotation: bool) -> None:
        if isinstance(node, ast.Name):
            value = getattr(source.module, node.id, None)
            if annotation and _is_alias(source, node.id, value):
                edits.append(source.span(node, type_text(value)))
            else:
                used[node.id] = None
        elif annotation and isinstance(node, ast.Subscript) and _is_shape(source, node):
            assert isinstance(node.slice, ast.Tuple)
            kind = ast.unparse(node.slice.elts[0])
            edits.append(source.span(node, kind))
            used[kind] = None
        else:
            for field, value in ast.iter_fields(node):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        visit(child, annotation or field in ("annotation", "returns"))

    for statement in statements:
        visit(statement, annotation=False)
    return edits, used


def type_text(hint: Any) -> str:
    """A type hint without bounds, as an annotation: int, tuple[int, ...], str."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return type_text(arguments[0])
    if origin is Literal:
        return type(arguments[0]).__name__
    if origin is tuple:
        return f"tuple[{', '.join(map(type_text, arguments))}]"
    return "..." if isinstance(hint, EllipsisType) else str(hint.__name__)


def _is_alias(source: Source, name: str, value: Any) -> bool:
    """Whether a name of this package stands for a hint with bounds."""
    home = source.imports.get(name, (PACKAGE, None))[0]
    return home.partition(".")[0] == PACKAGE and get_origin(value) in (Annotated, Literal)


def _is_shape(source: Source, node: ast.Subscript) -> bool:
    name = node.value.id if isinstance(node.value, ast.Name) else ""
    return source.imports.get(name, ("", None))[0] == SHAPES


def _defined(statement: ast.stmt) -> str | None:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _joined(text: str, width: int = 100) -> str:
    """Text whose signatures stand on one line again where they fit, as they do without shapes."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        if line.lstrip().startswith(")") and len(lines) > 2 and lines[-3].endswith("("):
            opened, inner, closed = lines[-3:]
            joined = opened + inner.strip() + closed.strip()
            if not inner.endswith(",") and len(joined) <= width:
                lines[-3:] = [joined]
    return "\n".join(lines)


def laid_out(texts: Iterable[str]) -> str:
    """Definitions one below the other, functions and classes with space around them."""
    whole, before = "", ""
    for text in texts:
        small = not any(t.startswith(("def ", "class ", "@")) for t in (before or text, text))
        whole += ("\n" if small else "\n\n\n") * bool(whole) + text
        before = text
    return whole


def _as_sorted(name: str) -> tuple[bool, str]:
    """Classes before functions and modules, as import sorters have it."""
    return not name[:1].isupper(), name
