"""Tells every tool that was asked for of a training, and never fails for one of them."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module

from glyphlab.errors import InputError, Interrupted
from glyphlab.extras import extra
from glyphlab.tracking.tracker import Ending, Entry, Status, Tracked, Tracker

TOOLS = {
    "tensorboard": ("TensorBoard", "glyphlab.tracking.tensorboard"),
    "mlflow": ("MLflow", "glyphlab.tracking.mlflow"),
}
"""What each tool is called by its makers, as is the class in its module."""

LONGEST_REASON = 160

_log = logging.getLogger(__name__)


def check_tools(log: str | Sequence[str]) -> list[str]:
    """Refuse tools that aren't known or installed, before any training begins.

    Parameters
    ----------
    log : str or sequence of str
        Names, of `TOOLS`.

    Returns
    -------
    list of str
        The names, each once.

    Raises
    ------
    InputError
        Naming what there is, or the extra that is missing.
    """
    names = list(dict.fromkeys([log] if isinstance(log, str) else log))
    for name in names:
        if name not in TOOLS:
            raise InputError(f"There is no log {name!r}; choose from {', '.join(TOOLS)}.")
        _tool(name)
    return names


class Tracking:
    """The tools that are told of a training; one that fails is told no more.

    Parameters
    ----------
    names : sequence of str
        Of the tools.
    training : Tracked
    history : sequence of Entry
        The epochs that are done already, where it goes on.
    """

    def __init__(self, names: Sequence[str], training: Tracked, history: Sequence[Entry]) -> None:
        self._training = training
        self._trackers: dict[str, Tracker] = {}
        for name in names:
            self._attempt(name, partial(self._start, name, history))

    def note_epoch(self, entry: Mapping[str, float]) -> None:
        """Tell that an epoch has ended."""
        self._tell(lambda tracker: tracker.note_epoch(entry))

    def finish(self, ending: Ending) -> None:
        """Tell what came of the training."""
        self._tell(lambda tracker: tracker.finish(ending))

    def close(self, status: Status) -> None:
        """Tell how the training was left."""
        self._tell(lambda tracker: tracker.close(status))

    def _start(self, name: str, history: Sequence[Entry]) -> None:
        self._trackers[name] = _tool(name)(self._training, history)

    def _tell(self, what: Callable[[Tracker], None]) -> None:
        for name, tracker in list(self._trackers.items()):
            self._attempt(name, partial(what, tracker))

    def _attempt(self, name: str, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            self._trackers.pop(name, None)
            _log.warning(
                "%s can't be told of this training, which goes on without it (%s); "
                "its figures are in %s.",
                TOOLS[name][0],
                _reason(error),
                self._training.path,
            )


@contextmanager
def track(
    names: Sequence[str], training: Tracked, history: Sequence[Entry] = ()
) -> Iterator[Tracking]:
    """Tell tools of a training while the block lasts, and how it was left.

    Parameters
    ----------
    names, training, history
        See `Tracking`.
    """
    tracking = Tracking(names, training, history)
    status: Status = "failed"
    try:
        yield tracking
        status = "finished"
    except Interrupted:
        status = "stopped"
        raise
    finally:
        tracking.close(status)


def _tool(name: str) -> type[Tracker]:
    called, module = TOOLS[name]
    with extra(name, f"Logging to {called}"):
        tool: type[Tracker] = getattr(import_module(module), called)
    return tool


def _reason(error: Exception) -> str:
    """What went wrong, on one line and without a password that an address may hold."""
    line = (str(error).strip().splitlines() or [""])[0]
    told = re.sub(r"//[^/@\s]*@", "//", f"{type(error).__name__}: {line}")
    return told if len(told) <= LONGEST_REASON else f"{told[:LONGEST_REASON]}…"
