"""How many trainings are shown: one live table on a terminal, a line now and then elsewhere."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from glyphlab.cli.console import console, duration, printable
from glyphlab.cli.training_view import SECONDS_BETWEEN_LINES, status_line

if TYPE_CHECKING:
    from rich.console import RenderableType

    from glyphlab.lab.watching import Note
    from glyphlab.training.status import Status

LINES_BESIDE_ROWS = 5
"""Of a terminal: the summary, the headings, what is left out, and room for the prompt."""


@dataclass
class Row:
    """A training as the table has it.

    Attributes
    ----------
    title : str
    state : {"waiting", "running", "done"}
    node : str
        The machine it is on; nothing for this one.
    status : Status, optional
        What it has told last.
    """

    title: str
    state: Literal["waiting", "running", "done"] = "waiting"
    node: str = ""
    status: "Status | None" = None

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        if self.state == "done":
            return 1.0
        return self.status.step / self.status.steps if self.status else 0.0


class Trials:
    """What is known of many trainings.

    Parameters
    ----------
    titles : sequence of str
        Of those that are known already; others are added when they are first noted.
    clock : callable
        Gives seconds.
    """

    def __init__(
        self, titles: Sequence[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rows = {title: Row(title) for title in titles}
        self._clock, self._started = clock, clock()

    def note(
        self,
        title: str,
        state: Literal["running", "done"],
        node: str = "",
        status: "Status | None" = None,
    ) -> Row:
        """Take note of what a training does, and give its row; what is done stays so."""
        row = self.rows.setdefault(title, Row(title))
        state = "done" if row.state == "done" else state
        row.state, row.node, row.status = state, node or row.node, status or row.status
        return row

    def summary(self) -> str:
        """How many are done, run and wait, how fast they are done, and how long that takes."""
        count = Counter(row.state for row in self.rows.values())
        parts = [f"{count['done']} of {len(self.rows)} trainings done"]
        parts += [f"{count[state]} {state}" for state in ("running", "waiting") if count[state]]
        work, seconds = sum(row.share for row in self.rows.values()), self._clock() - self._started
        if work and seconds:
            rate = work / seconds
            parts.append(f"{60 * rate:.3g}/min")
            if work < len(self.rows):
                parts.append(f"{duration((len(self.rows) - work) / rate)} left")
        return ", ".join(parts)

    def shown(self, lines: int) -> list[Row]:
        """The rows that a terminal has lines for: those that run, and the nearest to them."""
        rows = list(self.rows.values())
        if len(rows) <= lines:
            return rows
        order = {"running": 0, "waiting": 2, "done": 1}
        newest = {row.title: -place for place, row in enumerate(rows) if row.state == "done"}
        chosen = sorted(rows, key=lambda row: (order[row.state], newest.get(row.title, 0)))[:lines]
        return [row for row in rows if row in chosen]


@contextmanager
def watch_trials(titles: Sequence[str] = ()) -> "Iterator[Note | None]":
    """Show trainings, by titles that are known already or come as they are noted.

    Yields
    ------
    callable or None
        Takes note of a training; None where nothing is to be shown.
    """
    trials = Trials(titles)
    if console.is_silent:
        yield None
    elif console.is_live:
        with _live(trials) as note:
            yield note
    else:
        yield _Lines(trials).note


class _Lines:
    """Plain lines: one when a training is done, and one in five seconds of those that run."""

    def __init__(self, trials: Trials) -> None:
        self._trials, self._said = trials, time.monotonic()

    def note(
        self,
        title: str,
        state: Literal["running", "done"],
        node: str = "",
        status: "Status | None" = None,
    ) -> None:
        row = self._trials.note(title, state, node, status)
        if state == "done":
            console.print(f"{_line(row)}; {self._trials.summary()}")
        elif status is not None and time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            console.print(_line(row))
        else:
            return
        self._said = time.monotonic()


def _line(row: Row) -> str:
    where = f" on {row.node}" if row.node else ""
    return f"{row.title}{where}: {status_line(row.status) if row.status else row.state}"


@contextmanager
def _live(trials: Trials) -> "Iterator[Note]":
    from rich.live import Live

    def draw() -> "RenderableType":
        return _table(trials, max(console.rich.size.height - LINES_BESIDE_ROWS, 1))

    def note(
        title: str,
        state: Literal["running", "done"],
        node: str = "",
        status: "Status | None" = None,
    ) -> None:
        trials.note(title, state, node, status)

    with Live(get_renderable=draw, console=console.rich, refresh_per_second=4):
        yield note


def _table(trials: Trials, lines: int) -> "RenderableType":
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    rows = trials.shown(lines)
    nodes = any(row.node for row in trials.rows.values())
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("training", "state", *(["node"] if nodes else []), "epoch"):
        table.add_column(heading, no_wrap=True)
    for heading in ("loss", "train", "validation", "images/s", "left"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        cells = [row.title, row.state, *([row.node] if nodes else []), *_figures(row)]
        table.add_row(*(Text(printable(cell)) for cell in cells))
    left_out = len(trials.rows) - len(rows)
    more = [Text(f"… and {left_out} more")] if left_out else []
    return Group(table, *more, Text(trials.summary()))


def _figures(row: Row) -> list[str]:
    status = row.status
    if status is None:
        return [""] * 6
    validation = status.validation_accuracy
    return [
        f"{status.epoch}/{status.epochs}",
        f"{status.loss:.3f}",
        f"{status.train_accuracy:.3f}",
        "" if validation is None else f"{validation:.3f}",
        f"{status.images_per_second:,.0f}",
        "" if row.state == "done" else duration(status.seconds_left),
    ]
