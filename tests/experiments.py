"""What an experiment found, as pages show it."""

from dataclasses import replace
from typing import Any

from glyphlab.report.evidence import Chart, Evidence, Line


def found(name: str = "gravity", line: str = "apple", **changes: Any) -> Evidence:
    """Evidence with a chart of seven lines and a table of two rows."""
    lines = tuple(
        Line(f"{line} {k}", (1.0, 10.0), (0.5, 0.6), (0.4, 0.5), (0.6, 0.7)) for k in range(7)
    )
    whole = Evidence(
        name=name,
        title=name,
        claim="Apples fall.",
        method="They are dropped.",
        verdict="supported",
        sentences=("Down against up: +9.81 points.",),
        columns=("fruit", "seconds"),
        rows=(("apple", "1.2"), ("pear", "1.3")),
        charts=(Chart("Height", "seconds", "metres", lines, log_x=True),),
        n=2_000,
        trainings=12,
        seeds=3,
        seconds=61.0,
    )
    return replace(whole, **changes)
