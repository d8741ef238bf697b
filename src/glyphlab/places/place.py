"""A place does tasks: functions that any process can call, with arguments that can be sent."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

R = TypeVar("R")
T = TypeVar("T")
Sent_co = TypeVar("Sent_co", covariant=True)
P = ParamSpec("P")


@dataclass(frozen=True, eq=False)
class Task(Generic[R]):
    """One piece of work.

    Parameters
    ----------
    label : str
        What a table of tasks calls it.
    function : callable
        Of a module, so that another process can import it. It must give the same result wherever
        and however often it is called, for a task whose machine dies is done again elsewhere.
    arguments : tuple
        What it is called with; large values that many tasks need are sent once, by `Place.put`.
    cores : int
        How many cores it keeps busy; elsewhere it computes on so many threads.
    gpus : float
        How many GPUs it needs; elsewhere it sees no more.
    workers : int
        How many processes do it together, each with so many cores and GPUs, as one group of
        `torch.distributed`; the result is that of the first. Elsewhere only.
    folder : Path, optional
        A folder of this machine that the function writes to. It is given as the keyword `folder`:
        here itself, elsewhere another folder of the same content. What is in that when the
        function has ended, or failed, comes here in one piece.
    """

    label: str
    function: Callable[..., R]
    arguments: tuple[Any, ...] = field(default=())
    cores: int = 1
    gpus: float = 0.0
    workers: int = 1
    folder: Path | None = None

    @property
    def all_cores(self) -> int:
        """The cores of all its processes."""
        return self.workers * self.cores


class Shared(Protocol[Sent_co]):
    """A value that was sent to a place once; a task that is given it calls `get`."""

    def get(self) -> Sent_co:
        """The value; it must not be changed."""
        ...


class Place(Protocol):
    """Where tasks are done."""

    @property
    def at_once(self) -> int:
        """How many tasks of one core it does at the same time."""
        ...

    @property
    def is_here(self) -> bool:
        """Whether tasks are done in this process: they see its files, and use all its threads."""
        ...

    def put(self, value: T) -> Shared[T]:
        """Send a value, once for all tasks."""
        ...

    def calling(self, function: Callable[P, R]) -> Callable[P, R]:
        """Make of a function of this process one that a task can be given and call.

        The call comes back here, whatever machine the task is on, and waits for the answer; it is
        made between two results, on the thread that asks `run` for them.
        """
        ...

    def run(self, tasks: Iterable[Task[R]]) -> Iterator[tuple[Task[R], R]]:
        """Do tasks, and give each with its result as soon as it has ended.

        Tasks are taken from the iterable one by one, as there is room for them: what it gives next
        may depend on results so far. A list or another sequence is all handed over at once, so
        that a cluster that grows with the work that waits can see it.

        Raises
        ------
        Interrupted
            On Ctrl-C, when every task that was being done has stopped.
        GlyphlabError
            What a task raises, the same; the others are stopped.
        """
        ...


OpenPlace = Callable[[], AbstractContextManager[Place]]
