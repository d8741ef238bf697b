"""A cell of a matrix of classes by classes, as pages show it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A count, how strongly it is shaded, 0 to 1, and what it means."""

    count: int
    shade: float
    right: bool
    label: str
