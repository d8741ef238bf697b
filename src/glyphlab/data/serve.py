"""What a helper process runs: it decodes image files that come through a pipe.

It starts in the time that Pillow takes to import; NumPy and OpenCV follow only for images that
are no plain PNGs. A task is the number of images, their side and channels; the length of each
file; the files. An answer is the length of the reasons; the reasons by position, as JSON, of what
can't be read; the pixels.
"""

import json
import os
import struct
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from typing import Any, BinaryIO

from glyphlab.data.png import decode_usual

READY = b"\x06"
MODES = {1: "grey", 3: "rgb"}

_TASK = struct.Struct("<QQQ")
_LENGTH = struct.Struct("<Q")


def serve_parent() -> None:
    """Decode what comes on standard input, and answer on standard output."""
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    with suppress(EOFError, BrokenPipeError):
        serve(sys.stdin.buffer, results)


def serve(tasks: BinaryIO, results: BinaryIO) -> None:
    """Say that we are up, then answer tasks.

    Raises
    ------
    EOFError
        At the end of the tasks.
    """
    results.write(READY)
    while True:
        count, size, channels = _TASK.unpack(_receive(tasks, _TASK.size))
        lengths = struct.unpack(f"<{count}Q", _receive(tasks, 8 * count))
        files = _receive(tasks, sum(lengths))
        ends = pairwise(accumulate(lengths, initial=0))
        pixels, problems = _decode([files[start:end] for start, end in ends], size, channels)
        reasons = json.dumps(problems).encode()
        _send(results, _LENGTH.pack(len(reasons)), reasons, pixels)


def send_task(tasks: BinaryIO, contents: Sequence[bytes], size: int, channels: int) -> None:
    """Ask for images to be decoded."""
    lengths = struct.pack(f"<{len(contents)}Q", *map(len, contents))
    _send(tasks, _TASK.pack(len(contents), size, channels), lengths, b"".join(contents))


def receive_result(results: BinaryIO, pixels: memoryview) -> dict[int, str]:
    """Take the answer: fill `pixels`, and give the reasons by position.

    Raises
    ------
    EOFError
        If it ends in the middle.
    """
    (length,) = _LENGTH.unpack(_receive(results, _LENGTH.size))
    reasons = json.loads(_receive(results, length))
    _fill(results, pixels)
    return {int(place): reason for place, reason in reasons.items()}


def _decode(contents: Sequence[bytes], size: int, channels: int) -> tuple[Any, dict[int, str]]:
    pixels = decode_usual(contents, size) if channels == 1 else None
    if pixels is not None:
        return pixels, {}
    import numpy as np

    from glyphlab.data.decode import decode_all

    array = np.zeros((len(contents), size, size, channels), np.uint8)
    return array, decode_all(contents, array, MODES[channels])


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
