"""How a training is shown: a live line on a terminal, a line per epoch elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from glyphlab.cli.console import console, duration

if TYPE_CHECKING:
    from glyphlab.training.status import Report, Status

SECONDS_BETWEEN_LINES = 5.0

Log = Annotated[
    list[str] | None,
    typer.Option(
        "--log",
        metavar="TOOL",
        help="Tell tensorboard or mlflow of each training as it goes; may be repeated.",
    ),
]


@contextmanager
def watch_training(title: str) -> "Iterator[Report]":
    """Show one training under a title.

    Yields
    ------
    callable
        To be given to `glyphlab.fit` as `report`.
    """
    if console.is_live:
        with _live(title) as report:
            yield report
        return
    if console.is_silent:
        yield _tell_nobody
        return
    yield _Lines(title).report


def _tell_nobody(status: "Status") -> None:
    """Take no note."""


class _Lines:
    """Plain lines, at most one in five seconds, and always the last epoch's."""

    def __init__(self, title: str) -> None:
        self.title, self.said = title, time.monotonic()

    def report(self, status: "Status") -> None:
        last = status.entry is not None and status.step == status.steps
        if last or time.monotonic() - self.said >= SECONDS_BETWEEN_LINES:
            self.said = time.monotonic()
            console.print(f"{self.title}: {status_line(status)}")


@contextmanager
def _live(title: str) -> "Iterator[Report]":
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console.rich) as bar:
        task = bar.add_task(title, total=None)

        def report(status: "Status") -> None:
            line = f"{title}: {status_line(status)}"
            bar.update(task, completed=status.step, total=status.steps, description=line)

        yield report


def status_line(status: "Status") -> str:
    """One line that says how a training is doing; a narrow terminal cuts its end off."""
    parts = [f"epoch {status.epoch}/{status.epochs}"]
    if status.step < status.steps:
        parts.append(f"{duration(status.seconds_left)} left")
    parts += [f"loss {status.loss:.3f}", f"train {status.train_accuracy:.3f}"]
    if status.validation_accuracy is not None:
        parts.append(f"validation {status.validation_accuracy:.3f}")
    parts.append(f"{status.images_per_second:,.0f} images/s")
    parts.append(f"{status.peak_share:.0%} of peak")
    return ", ".join(parts)
