"""A cell of a matrix of classes by classes, as pages show it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A count, how strongly it is shaded, 0 to 1, what it means, and its rows and columns."""

    count: int
    shade: float
    right: bool
    label: str
    name: str = ""
