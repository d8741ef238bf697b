"""What commands say: results on standard output; remarks, progress and errors on standard error.

`--quiet` leaves results and errors. Where one result goes to standard output as JSON or CSV
(`--json -`), nothing else does.
"""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from glyphlab.cli.manner import manner
from glyphlab.cli.tables import least_width, one_by_one, side_by_side
from glyphlab.cli.words import PlainProgress, amount, duration, printable, progress_line
from glyphlab.progress import Progress, no_progress

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType

__all__ = [
    "STANDARD",
    "Console",
    "PlainProgress",
    "amount",
    "console",
    "duration",
    "give_json",
    "give_text",
    "printable",
    "progress_bar",
    "progress_line",
    "results",
]

SECONDS_BETWEEN_DRAWINGS = 0.05
WIDTH_WITHOUT_TERMINAL = 160
STANDARD = Path("-")
"""Standard output among the files that a result can be written to."""


class Console:
    """One of the two streams; Rich is imported at the first word, so importing this is cheap.

    Text is printed as it is: brackets are no markup, and control characters, which names of
    strangers' files can hold, are shown escaped.
    """

    def __init__(self, *, stderr: bool) -> None:
        self.stderr = stderr

    @cached_property
    def rich(self) -> "RichConsole":
        """The console of Rich; it respects NO_COLOR, COLUMNS and a stream that is no terminal."""
        from rich.console import Console as RichConsole

        made = RichConsole(stderr=self.stderr, markup=False, highlight=False, emoji=False)
        if not made.is_terminal and "COLUMNS" not in os.environ:
            made.width = WIDTH_WITHOUT_TERMINAL
        return made

    @property
    def is_live(self) -> bool:
        """Whether a bar can be drawn over itself here: on a terminal that can, if not quiet.

        FORCE_COLOR colours what goes to a file, which still is no terminal.
        """
        rich = self.rich
        drawable = rich.is_terminal and rich.file.isatty() and not rich.is_dumb_terminal
        return drawable and not self.is_silent

    @property
    def is_silent(self) -> bool:
        """Whether nothing is wanted here: no remarks, or no more than one result."""
        return manner.mute or (manner.volume == "quiet" if self.stderr else manner.alone)

    def print(self, *words: "RenderableType") -> None:
        """Print text or anything that Rich can draw; text is not cut into lines."""
        if not self.is_silent:
            self._print(*words)

    def error(self, sentence: str) -> None:
        """Print what went wrong, however quiet it shall be."""
        self._print(sentence)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None
    ) -> None:
        """Print a table; columns with numbers or percentages are aligned to the right.

        On a terminal too narrow for it, each row is a block of lines; elsewhere a table is as wide
        as its longest words need.

        Parameters
        ----------
        columns : sequence of str
            The headings.
        rows : iterable of sequences
            A cell for each column; `int` gets thousands separators, `None` is shown as a dash.
        title : str, optional
            A line above the table.
        """
        if self.is_silent:
            return
        cells = [list(row) for row in rows]
        table = side_by_side(columns, cells)
        needed = least_width(table, self.rich)
        if title is not None:
            self._print(title)
        if needed > self.rich.width and (self.rich.is_terminal or "COLUMNS" in os.environ):
            self._print(one_by_one(columns, cells))
        else:
            self._print_as_wide_as(needed, table)

    def _print_as_wide_as(self, needed: int, table: "RenderableType") -> None:
        before = self.rich.width
        self.rich.width = max(before, needed)
        self.rich.print(table)
        self.rich.width = before

    def _print(self, *words: "RenderableType") -> None:
        shown = [printable(word) if isinstance(word, str) else word for word in words]
        self.rich.print(*shown, soft_wrap=all(isinstance(word, str) for word in words))


console = Console(stderr=True)
"""Remarks, progress and errors, on standard error."""

results = Console(stderr=False)
"""What the user asked for, on standard output."""


def give_json(place: Path | None, value: object) -> None:
    """Write a result as JSON to where `--json` says; nowhere without a place.

    Parameters
    ----------
    place : Path, optional
        A file, or `-` for standard output, which the result has for itself.
    value : object
        Of what JSON knows; NaN is refused.
    """
    if place is not None:
        import json

        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        give_text(place, text + "\n")


def give_text(place: Path | None, text: str) -> None:
    """Write a result that is text, such as CSV, in the same way."""
    from glyphlab.files import write_text

    if manner.mute:
        return
    if place == STANDARD:
        sys.stdout.write(text)
    elif place is not None:
        write_text(place, text)


@contextmanager
def progress_bar(description: str, unit: str) -> Iterator[Progress]:
    """Show how far a piece of work is, on standard error.

    On a terminal a bar with rate and time left; elsewhere a plain line about every five seconds,
    and one at the end; nothing if quiet.

    Parameters
    ----------
    description : str
        What is being done, such as "Reading notMNIST_small.tar.gz".
    unit : str
        What is counted, in the plural, such as "images"; "bytes" are shown in kB, MB, GB.

    Yields
    ------
    Progress
        To be called with how much is done and how much there is.
    """
    if console.is_live:
        with _live_bar(description, unit) as progress:
            yield progress
        return
    if console.is_silent:
        yield no_progress
        return
    lines = PlainProgress(description, unit, console.print)
    yield lines
    lines.finish()


@contextmanager
def _live_bar(description: str, unit: str) -> Iterator[Progress]:
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as RichProgress

    columns = (BarColumn(), TextColumn("{task.description}", markup=False))
    start = time.monotonic()
    latest: tuple[int, int | None] = (0, None)
    first: int | None = None
    drawn = 0.0
    with RichProgress(*columns, console=console.rich, transient=False) as bar:
        task = bar.add_task(printable(description), total=None, visible=False)

        def draw() -> None:
            done, total = latest
            line = progress_line(
                description, unit, done, total, seconds=time.monotonic() - start, first=first or 0
            )
            bar.update(task, completed=done, total=total, description=printable(line), visible=True)

        def progress(done: int, total: int | None) -> None:
            nonlocal latest, first, drawn, start
            if first is None:
                first, start = done, time.monotonic()
            latest = (done, total)
            if time.monotonic() - drawn >= SECONDS_BETWEEN_DRAWINGS:
                drawn = time.monotonic()
                draw()

        yield progress
        if first is not None:
            draw()
