"""Shards are made side by side, here or on a cluster, and noted one by one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from glyphlab.data.sharding.share import Share, make_shard
from glyphlab.data.sharding.work import Key, Work
from glyphlab.errors import InputError
from glyphlab.places.local import Local
from glyphlab.places.opening import LOCAL, open_place
from glyphlab.places.place import Place, Task
from glyphlab.places.processes_place import Processes
from glyphlab.processes import available_cores
from glyphlab.progress import Progress

_MOST_JOBS = 1_024


class Piece(NamedTuple):
    """A shard to be made.

    Parameters
    ----------
    part : str
        The folder that it goes to.
    number : int
    n : int
        How many images it is to have.
    share : callable
        Gives its share.
    """

    part: str
    number: int
    n: int
    share: Callable[[], Share]


@contextmanager
def open_workers(jobs: int | None, on: str) -> Iterator[Place]:
    """Open the place where shards are made.

    Parameters
    ----------
    jobs : int, optional
        How many processes, if here; else as many as there are cores.
    on : str
        As `open_place` takes it.

    Raises
    ------
    InputError
        If there can't be so many processes, or as `open_place`.
    """
    if on != LOCAL:
        if jobs is not None:
            raise InputError(
                f"--jobs counts processes on this machine, and on {on} the cores of the cluster "
                "decide; leave --jobs out."
            )
        with open_place(on) as place:
            yield place
        return
    if jobs is not None and not 1 <= jobs <= _MOST_JOBS:
        raise InputError(f"There are {jobs} processes to work; give 1 to {_MOST_JOBS:,}.")
    jobs = jobs or min(available_cores(), _MOST_JOBS)
    yield Processes(jobs) if jobs > 1 else Local()


def make_shards(
    work: Work,
    pieces: Sequence[Piece],
    place: Place,
    progress: Progress,
    check: Callable[[], None],
) -> None:
    """Make those shards that are not there.

    Parameters
    ----------
    work : Work
        Takes them in.
    pieces : sequence of Piece
        All shards.
    place : Place
        For a single shard, the processes of this machine are not started.
    progress : callable
        Called with the images done, and all there are.
    check : callable
        Called after each shard; what it raises ends the work.

    Raises
    ------
    InputError
        If the source can't be read there, or the disk is full.
    """
    waiting = [piece for piece in pieces if (piece.part, piece.number) not in work.done]
    total = sum(piece.n for piece in pieces)
    tally = _Tally(progress, total - sum(piece.n for piece in waiting), total)
    if len(waiting) == 1 and isinstance(place, Processes):
        place = Local()
    report = place.calling(tally.report)
    tasks = (
        Task(
            f"{work.target.name} {piece.part} {piece.number}",
            make_shard,
            (piece.share(), work.target_of(piece.part, piece.number), report),
        )
        for piece in waiting
    )
    for task, made in place.run(tasks):
        work.note(task.arguments[1], made)
        check()


class _Tally:
    """How many images are done in all shards together."""

    def __init__(self, progress: Progress, done: int, total: int) -> None:
        self._progress, self._done, self._total = progress, done, total
        self._of: dict[Key, int] = {}
        self._lock = Lock()
        progress(done, total)

    def report(self, key: Key, done: int) -> None:
        """Take in how far a shard is; one that is begun anew elsewhere counts from its start."""
        with self._lock:
            self._done += done - self._of.get(key, 0)
            self._of[key] = done
            self._progress(self._done, self._total)
