"""How long work tells how far it is."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Progress = Callable[[int, int | None], None]
"""Called with how many items are done, and how many there are if that is known."""

Bar = Callable[[str, str], AbstractContextManager[Progress]]
"""Makes a progress bar for a stage of work from what is done and what is counted."""


def no_progress(done: int, total: int | None) -> None:
    """Tell nobody."""


def no_bar(description: str, unit: str) -> AbstractContextManager[Progress]:
    """Show nothing."""
    return nullcontext(no_progress)
