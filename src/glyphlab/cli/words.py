"""Amounts, durations and progress as words, and text that is safe to print."""

import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 5.0
KEPT = "\n\u00a0"
"""Signs that are not printable by Python's word and yet printed: line break, no-break space."""


def printable(text: str) -> str:
    r"""Text whose control characters, line breaks aside, are written as escapes such as \x1b."""
    return "".join(
        sign if sign.isprintable() or sign in KEPT else sign.encode("unicode_escape").decode()
        for sign in text
    )


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


def _of(done: int, total: int | None, unit: str) -> str:
    if total is None:
        return amount(done, unit)
    shown = amount(done, unit) if unit == "bytes" else f"{done:,}"
    return f"{shown} of {amount(total, unit)}"
