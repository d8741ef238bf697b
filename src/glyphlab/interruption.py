"""Ctrl-C asks the work to stop at the next good place; a second one stops at once.

SIGTERM does the same, and so does a terminal that closes (SIGHUP).
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class StopRequest:
    """Whether the user has asked to stop."""

    requested: bool = False


def stopping_signals() -> list[signal.Signals]:
    """The signals by which a user stops a command.

    Not SIGHUP where the command was started to outlive its terminal, as by `nohup`, nor on Windows.
    """
    hangup: signal.Signals | None = getattr(signal, "SIGHUP", None)
    if hangup is None or signal.getsignal(hangup) == signal.SIG_IGN:
        return [signal.SIGINT, signal.SIGTERM]
    return [signal.SIGINT, signal.SIGTERM, hangup]


@contextmanager
def stop_on_interrupt() -> Iterator[StopRequest]:
    """Turn the first of the stopping signals within the block into a request.

    Outside the main thread, where Python lets nobody handle signals, nothing is changed.
    """
    stop = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def request(signum: int, frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.requested = True

    before = {number: signal.signal(number, request) for number in stopping_signals()}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
