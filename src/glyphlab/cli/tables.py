"""Tables as text: columns side by side, or, where they have no room, a block of lines a row."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from glyphlab.cli.words import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Rows = Sequence[Sequence[object]]


def side_by_side(columns: Sequence[str], rows: Rows) -> "Table":
    """The table; columns with numbers or percentages are aligned to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, heading in enumerate(columns):
        numeric = any(_is_number(row[number]) for row in rows)
        table.add_column(Text(heading), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell_text(value)) for value in row))
    return table


def least_width(table: "Table", console: "Console") -> int:
    """The columns of a terminal that the table needs so that no word is broken."""
    from rich.measure import Measurement

    unbounded = console.options.update(max_width=100_000)
    return Measurement.get(console, unbounded, table).minimum


def one_by_one(columns: Sequence[str], rows: Rows) -> str:
    """For each row a block of lines, each a heading and its cell; empty cells are left out."""
    lines: list[str] = []
    for row in rows:
        for number, (heading, value) in enumerate(zip(columns, row, strict=True)):
            cell = cell_text(value)
            if cell:
                named = f"{heading}: {cell}" if heading else cell
                lines.append(f"  {named}" if number else named)
    return "\n".join(lines)


def cell_text(value: object) -> str:
    """A cell: whole numbers with thousands apart, None as a dash, else text that is printable."""
    from glyphlab.language import numerals

    if value is None:
        return "–"
    if isinstance(value, int) and not isinstance(value, bool):
        return numerals.number(value)
    return printable(str(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or re.fullmatch(r"[\d.,]+%", str(value)) is not None
