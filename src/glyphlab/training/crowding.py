"""Whether other programs leave a training the cores that its threads work on.

Threads that wait for one another at every step are slow out of proportion where one of them is
kept from its core: docs/performance.md has figures.
"""

import logging
import time
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch

try:
    import resource
except ImportError:  # Windows, which does not tell
    resource = None  # type: ignore[assignment]

SECONDS = 10.0
"""How long a training is looked at."""
LEAST_SHARE = 0.5
"""Of its threads' time, which a training gets where it is alone."""
MOST_PREEMPTIONS = 50.0
"""A second; a training that waits for its images is taken off its core by its own will."""

_log = logging.getLogger(__name__)


class Use(NamedTuple):
    """What this process has used of the cores so far.

    Attributes
    ----------
    seconds : float
        On the clock.
    busy : float
        Seconds of all threads together on a core.
    preempted : int
        How often one was taken off its core for another.
    """

    seconds: float
    busy: float
    preempted: int


def _use() -> Use | None:
    if resource is None:
        return None
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Use(time.perf_counter(), used.ru_utime + used.ru_stime, used.ru_nivcsw)


class Cores:
    """Looks once, some seconds after it was made, whether the cores are shared; and says so.

    Parameters
    ----------
    use : callable
        Tells what the process has used.
    """

    def __init__(self, use: Callable[[], Use | None] = _use) -> None:
        self._use, self._begun = use, use()
        self._threads = torch.get_num_threads()

    def look(self) -> None:
        """Warn, once in a process, if other programs take the cores."""
        if self._begun is None or self._threads == 1 or not (now := self._use()):
            return
        seconds = now.seconds - self._begun.seconds
        if seconds < SECONDS:
            return
        share = (now.busy - self._begun.busy) / (seconds * self._threads)
        preempted = (now.preempted - self._begun.preempted) / seconds
        self._begun = None
        if share < LEAST_SHARE and preempted > MOST_PREEMPTIONS:
            _warn(self._threads)


@cache
def _warn(threads: int) -> None:
    _log.warning(
        "Other programs use the cores, too, for which the %d threads of this training wait for "
        "each other; begun anew with OMP_NUM_THREADS=1 it may be many times as fast.",
        threads,
    )
