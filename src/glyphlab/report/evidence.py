"""What an experiment found, for the writers of pages; whoever runs it fills it."""

from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["supported", "contradicted", "undecided"]


@dataclass(frozen=True)
class Line:
    """A curve with a band.

    Attributes
    ----------
    name : str
    x, y : tuple of float
    low, high : tuple of float
        Ends of the 95 % interval of each y.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Chart:
    """Curves in one pair of axes.

    Attributes
    ----------
    title, x_label, y_label : str
    lines : tuple of Line
    log_x : bool
    """

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    log_x: bool = False


@dataclass(frozen=True)
class Evidence:
    """A claim, the experiment that isolates it, and what came out.

    Attributes
    ----------
    name, title, claim, method : str
        By which it is asked for, what a page calls it, what is claimed, and what was done to test
        it.
    verdict : {"supported", "contradicted", "undecided"}
        By the checks that were stated before any training: all held, one was found to be the other
        way round, or neither.
    sentences : tuple of str
        What each check found, and what else the figures say.
    columns : tuple of str
    rows : tuple of tuple of str
        A table of all figures.
    charts : tuple of Chart
    n, trainings, seeds : int
        Test images, trainings, and trainings that differ in their seed only.
    seconds : float
        How long all trainings and tests took.
    """

    name: str
    title: str
    claim: str
    method: str
    verdict: Verdict
    sentences: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    charts: tuple[Chart, ...]
    n: int
    trainings: int
    seeds: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """All of it under stable keys."""
        return {
            "name": self.name,
            "claim": self.claim,
            "method": self.method,
            "verdict": self.verdict,
            "sentences": list(self.sentences),
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "charts": [
                {
                    "title": chart.title,
                    "x": chart.x_label,
                    "y": chart.y_label,
                    "lines": [
                        {
                            "name": line.name,
                            "x": list(line.x),
                            "y": list(line.y),
                            "ci95": [list(ends) for ends in zip(line.low, line.high, strict=True)],
                        }
                        for line in chart.lines
                    ],
                }
                for chart in self.charts
            ],
            "n": self.n,
            "trainings": self.trainings,
            "seeds": self.seeds,
            "seconds": self.seconds,
        }
