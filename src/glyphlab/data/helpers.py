"""Processes that decode images beside this one.

Threads don't do it: a small image is decoded in 10 µs, and it takes as long to hand Python's lock
from thread to thread after each.
"""

import json
import os
import struct
import subprocess
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, BinaryIO

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.decode import decode_all

_SERVE = "from glyphlab.data.helpers import serve_parent; serve_parent()"
_READY = b"\x06"
_TASK = struct.Struct("<QQQ")
_SIZE = struct.Struct("<Q")
_MODES = {1: "grey", 3: "rgb"}

_Pixels = UInt8[np.ndarray, "n size size channels"]


class Helper:
    """One process that decodes what it is sent; until it is up, or if it fails, this one does.

    It is a Python of its own, no fork, which may hang where there are threads; and it does not
    run the user's script anew, as `multiprocessing` does, which ends badly without a guard.
    """

    _own_turn = Lock()

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._greeting: Thread | None = None
        self._ready = False

    def start(self) -> None:
        """Start the process, without waiting for it."""
        with suppress(OSError):
            self._process = subprocess.Popen(  # noqa: S603  # it is this Python
                [sys.executable, "-P", "-c", _SERVE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env=_environment(),
            )
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
            return decode_all(contents, pixels, _MODES[pixels.shape[3]])

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
        _, size, _, channels = pixels.shape
        lengths = np.fromiter(map(len, contents), np.uint64, len(contents))
        _send(tasks, _TASK.pack(len(contents), size, channels), lengths, b"".join(contents))
        problems = _receive(results, _SIZE.unpack(_receive(results, _SIZE.size))[0])
        _fill(results, pixels.data.cast("B"))
        return {int(place): reason for place, reason in json.loads(problems).items()}

    def _await_greeting(self) -> None:
        if self._process is not None:
            self._ready = _pipes(self._process)[1].read(1) == _READY


def serve_parent() -> None:
    """Decode what comes on standard input, and answer on standard output."""
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    with suppress(EOFError, BrokenPipeError):
        serve(sys.stdin.buffer, results)


def serve(tasks: BinaryIO, results: BinaryIO) -> None:
    """Answer tasks until they end.

    A task is the number of images, their side and channels; the length of each file; the files.
    A result is the length of the reasons; the reasons by position, as JSON; the pixels.

    Raises
    ------
    EOFError
        At the end of the tasks.
    """
    results.write(_READY)
    while True:
        count, size, channels = _TASK.unpack(_receive(tasks, _TASK.size))
        ends = np.cumsum(np.frombuffer(_receive(tasks, count * 8), np.uint64)).tolist()
        files = _receive(tasks, ends[-1])
        contents = [files[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        pixels = np.zeros((count, size, size, channels), np.uint8)
        problems = json.dumps(decode_all(contents, pixels, _MODES[channels])).encode()
        _send(results, _SIZE.pack(len(problems)), problems, pixels)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[Any, Any]:
    return process.stdin, process.stdout


def _send(stream: BinaryIO, *parts: Any) -> None:
    for part in parts:
        waiting = memoryview(part).cast("B")
        while waiting:
            waiting = waiting[stream.write(waiting) :]


def _receive(stream: BinaryIO, size: int) -> bytes:
    content = bytearray(size)
    _fill(stream, memoryview(content))
    return bytes(content)


def _fill(stream: Any, waiting: memoryview) -> None:
    while waiting:
        received = stream.readinto(waiting)
        if not received:
            raise EOFError
        waiting = waiting[received:]


def _environment() -> dict[str, str]:
    """Ours, with the same modules to be found, and without a pool of threads for products."""
    modules = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "PYTHONPATH": modules, "OPENBLAS_NUM_THREADS": "1"}
