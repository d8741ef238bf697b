"""How long work tells how far it is."""

from collections.abc import Callable

Progress = Callable[[int, int | None], None]
"""Called with how many items are done, and how many there are if that is known."""


def no_progress(done: int, total: int | None) -> None:
    """Tell nobody."""
