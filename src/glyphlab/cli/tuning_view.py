"""How a search is shown: a live table of its trials on a terminal, lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from glyphlab.cli.console import console, duration, printable

if TYPE_CHECKING:
    from rich.table import Table

    from glyphlab.tuning.status import Report, SearchStatus, TrialStatus

SECONDS_BETWEEN_LINES = 5.0
LINES_AROUND = 4
"""Of a terminal's height, what the table's head and the line above it take."""


@contextmanager
def watch_search() -> "Iterator[Report]":
    """Show a search.

    Yields
    ------
    callable
        To be given to `glyphlab.tune` as `report`.
    """
    if console.is_live:
        with _live() as report:
            yield report
    elif console.is_silent:
        yield _tell_nobody
    else:
        yield _Lines().report


def _tell_nobody(status: "SearchStatus") -> None:
    """Take no note."""


class _Lines:
    """A line for each trial that ends, and one in five seconds for those that run."""

    def __init__(self) -> None:
        self.said, self.earlier = time.monotonic(), 0

    def report(self, status: "SearchStatus") -> None:
        trial = status.trial
        if trial.earlier:
            self.earlier += 1
            return
        if self.earlier:
            console.print(f"{self.earlier} of {status.trials} trials were done before.")
            self.earlier = 0
        running = trial.state == "running"
        if running and time.monotonic() - self.said < SECONDS_BETWEEN_LINES:
            return
        self.said = time.monotonic()
        line = f"{trial.label}: {trial_words(trial)}"
        console.print(line if running else f"{line}. {search_words(status)}{_settings(trial)}")


@contextmanager
def _live() -> "Iterator[Report]":
    from rich.live import Live

    trials: dict[str, TrialStatus] = {}
    with Live(console=console.rich, refresh_per_second=4) as screen:

        def report(status: "SearchStatus") -> None:
            trials[status.trial.label] = status.trial
            if status.stage == "confirmation":
                shown = [trial for label, trial in trials.items() if "seed" in label]
            else:
                shown = list(trials.values())
            room = max(console.rich.height - LINES_AROUND, 1)
            screen.update(_table(status, shown[-room:]))

        yield report


def _table(status: "SearchStatus", trials: "list[TrialStatus]") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = Text(search_words(status), justify="left")
    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for heading in ("trial", "state", "epoch", "accuracy", "time"):
        table.add_column(heading, no_wrap=True)
    table.add_column("settings", no_wrap=True, overflow="ellipsis")
    for trial in trials:
        running = trial.state == "running"
        table.add_row(
            trial.label,
            Text(trial.state),
            f"{trial.epoch}/{trial.epochs}" if running else str(trial.epoch),
            "–" if trial.accuracy is None else f"{trial.accuracy:.4f}",
            f"{duration(trial.seconds_left)} left" if running else duration(trial.seconds),
            Text(printable(trial.reason or settings_words(trial))),
        )
    return table


def trial_words(trial: "TrialStatus") -> str:
    """How one trial is doing, or what came of it."""
    accuracy = "" if trial.accuracy is None else f"validation {trial.accuracy:.4f}"
    if trial.state == "failed":
        return f"failed: {trial.reason}"
    if trial.state == "running":
        if not trial.epochs:
            return "begins"
        parts = [f"epoch {trial.epoch}/{trial.epochs}", accuracy]
        return ", ".join([*filter(None, parts), f"{duration(trial.seconds_left)} left"])
    told = "ended early, " if trial.state == "pruned" else ""
    return f"{told}{accuracy} after {trial.epoch} epochs in {duration(trial.seconds)}"


def search_words(status: "SearchStatus") -> str:
    """How the whole is doing."""
    of = "trials" if status.stage == "search" else "trainings to confirm"
    parts = [f"{status.ended} of {status.trials} {of} done"]
    if status.best_accuracy is not None:
        parts.append(f"best {status.best_accuracy:.4f} ({status.best})")
    if status.seconds_left:
        parts.append(f"about {duration(status.seconds_left)} left")
    return ", ".join(parts)


def settings_words(trial: "TrialStatus") -> str:
    """What a trial tries."""
    from glyphlab.tuning.ranges import word

    return " ".join(f"{key}={word(value)}" for key, value in trial.settings.items())


def _settings(trial: "TrialStatus") -> str:
    words = settings_words(trial)
    return f": {words}" if words else ""
