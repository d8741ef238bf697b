"""What commands say: messages and progress on standard error, results on standard output."""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from glyphlab.language import numerals
from glyphlab.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_DRAWINGS = 0.05
WIDTH_WITHOUT_TERMINAL = 160
KEPT = "\n\u00a0"
"""Signs that are not printable by Python's word and yet printed: line break, no-break space."""


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
        """Whether a bar can be drawn over itself here."""
        return self.rich.is_terminal and not self.rich.is_dumb_terminal

    def print(self, *words: "RenderableType") -> None:
        """Print text or anything that Rich can draw; text is not cut into lines."""
        shown = [printable(word) if isinstance(word, str) else word for word in words]
        self.rich.print(*shown, soft_wrap=all(isinstance(word, str) for word in words))

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None
    ) -> None:
        """Print a table; columns with numbers or percentages are aligned to the right.

        Parameters
        ----------
        columns : sequence of str
            The headings.
        rows : iterable of sequences
            A cell for each column; `int` gets thousands separators, `None` is shown as a dash.
        title : str, optional
            A line above the table.
        """
        from rich import box
        from rich.table import Table
        from rich.text import Text

        cells = [list(row) for row in rows]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for number, heading in enumerate(columns):
            numeric = any(_is_number(row[number]) for row in cells)
            table.add_column(Text(heading), justify="right" if numeric else "left")
        for row in cells:
            table.add_row(*(Text(_cell(value)) for value in row))
        if title is not None:
            self.print(title)
        self.rich.print(table)


console = Console(stderr=True)
"""Messages and progress, on standard error."""

results = Console(stderr=False)
"""What the user asked for, on standard output."""


def printable(text: str) -> str:
    r"""Text whose control characters, line breaks aside, are written as escapes such as \x1b."""
    return "".join(
        sign if sign.isprintable() or sign in KEPT else sign.encode("unicode_escape").decode()
        for sign in text
    )


@contextmanager
def progress_bar(description: str, unit: str) -> Iterator[Progress]:
    """Show how far a piece of work is, on standard error.

    On a terminal a bar with rate and time left; elsewhere a plain line about every five seconds,
    and one at the end.

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
    lines = PlainProgress(description, unit, console.print)
    yield lines
    lines.finish()


class PlainProgress:
    """Progress as plain lines, for logs.

    Parameters
    ----------
    description, unit : str
        As for `progress_bar`.
    say : callable
        Takes a line.
    clock : callable
        Gives seconds.
    """

    def __init__(
        self,
        description: str,
        unit: str,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.description, self.unit, self.say, self.clock = description, unit, say, clock
        self.start = self.said = clock()
        self.first: int | None = None
        self.done = 0

    def __call__(self, done: int, total: int | None) -> None:
        """Take note, and print a line if the last one is some seconds old."""
        now = self.clock()
        if self.first is None:
            self.first, self.start = done, now
        self.done = done
        if now - self.said >= SECONDS_BETWEEN_LINES:
            self.said = now
            self.say(
                progress_line(
                    self.description,
                    self.unit,
                    done,
                    total,
                    seconds=now - self.start,
                    first=self.first,
                )
            )

    def finish(self) -> None:
        """Print the last line, if there was any work."""
        if self.first is not None:
            self.say(
                f"{self.description}: {amount(self.done, self.unit)} in "
                f"{duration(self.clock() - self.start)}"
            )


def progress_line(
    description: str, unit: str, done: int, total: int | None, *, seconds: float, first: int = 0
) -> str:
    """One line that says how far a piece of work is.

    Parameters
    ----------
    description, unit : str
        As for `progress_bar`.
    done, total : int
        How much is done and how much there is, if that is known.
    seconds : float
        Since the work began.
    first : int
        How much was done before it began (a download that goes on).
    """
    rate = (done - first) / seconds if seconds > 0 else 0.0
    parts = [_of(done, total, unit)]
    if rate > 0:
        parts.append(f"{amount(round(rate), unit)}/s")
        if total is not None:
            parts.append(f"{duration((total - done) / rate)} left")
    return f"{description}: {', '.join(parts)}"


def amount(count: int, unit: str) -> str:
    """A count with its unit: `12,000 images`, or `8.5 MB` where the unit is `bytes`."""
    if unit != "bytes":
        return f"{count:,} {unit}"
    for power, prefix in ((3, "GB"), (2, "MB"), (1, "kB")):
        if count >= 1000**power:
            return f"{count / 1000**power:.1f} {prefix}"
    return f"{count} bytes"


def duration(seconds: float) -> str:
    """Seconds for a person: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


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


def _of(done: int, total: int | None, unit: str) -> str:
    if total is None:
        return amount(done, unit)
    shown = amount(done, unit) if unit == "bytes" else f"{done:,}"
    return f"{shown} of {amount(total, unit)}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or re.fullmatch(r"[\d.,]+%", str(value)) is not None


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, int) and not isinstance(value, bool):
        return numerals.number(value)
    return printable(str(value))
