"""Processes that decode images beside this one.

Threads don't do it: a small image is decoded in 10 µs, and it takes as long to hand Python's lock
from thread to thread after each.
"""

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.decode import decode_all
from glyphlab.data.serve import MODES, READY, receive_result, send_task
from glyphlab.processes import start_python

_SERVE = "from glyphlab.data.serve import serve_parent; serve_parent()"

_Pixels = UInt8[np.ndarray, "n size size channels"]


class Helper:
    """One process that decodes what it is sent; until it is up, or if it fails, this one does."""

    _own_turn = Lock()

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._greeting: Thread | None = None
        self._ready = False

    def start(self) -> None:
        """Start the process, without waiting for it."""
        with suppress(OSError):
            self._process = start_python(_SERVE, OPENBLAS_NUM_THREADS="1")
            self._greeting = Thread(target=self._await_greeting, daemon=True)
            self._greeting.start()

    def decode(self, contents: Sequence[bytes], pixels: _Pixels) -> dict[int, str]:
        """Decode image files into `pixels`; of those that can't be, the reasons by position."""
        if self._ready:
            try:
                return self._ask(contents, pixels)
            except (OSError, EOFError):
                self._ready = False
        with self._own_turn:
            return decode_all(contents, pixels, MODES[pixels.shape[3]])

    def wait(self) -> bool:
        """Wait until the process is up or has failed; whether it is up."""
        if self._greeting is not None:
            self._greeting.join()
        return self._ready

    def kill(self) -> None:
        """End the process at once, if there is one; what it decodes at the time is done here."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End the process, if there is one, when nothing is being decoded."""
        self.kill()
        self.wait()
        for pipe in _pipes(self._process) if self._process is not None else ():
            pipe.close()

    def _ask(self, contents: Sequence[bytes], pixels: _Pixels) -> dict[int, str]:
        if self._process is None:
            raise EOFError
        tasks, results = _pipes(self._process)
        send_task(tasks, contents, pixels.shape[1], pixels.shape[3])
        return receive_result(results, pixels.data.cast("B"))

    def _await_greeting(self) -> None:
        if self._process is not None:
            self._ready = _pipes(self._process)[1].read(1) == READY


def _pipes(process: subprocess.Popen[bytes]) -> tuple[Any, Any]:
    return process.stdin, process.stdout
