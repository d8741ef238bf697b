"""How trainings, one after the other or many at once, tell how far they are."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol

from glyphlab.training.status import Status

State = Literal["running", "done"]


class Note(Protocol):
    """Takes note of a training."""

    def __call__(
        self, title: str, state: State, node: str = "", status: Status | None = None
    ) -> None:
        """Note what a training does now.

        Parameters
        ----------
        title : str
            One of those given to the `Watcher`.
        state : {"running", "done"}
        node : str
            The machine that it is on; nothing where it is this one.
        status : Status, optional
            How far it is.
        """
        ...


Watcher = Callable[[Sequence[str]], AbstractContextManager[Note | None]]
"""Given titles of trainings, gives a context in which they are watched, or None if nobody does."""
