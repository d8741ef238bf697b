"""Which decoder reads small PNGs fastest, and what threads add (helper processes do better).

Usage: python benchmarks/decoders.py ARCHIVE.tar.gz … [--repeats 5]
Prints a table of images per second: median of the repeats, and their range.
"""

import argparse
import io
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from glyphlab.data.archives import Bounds
from glyphlab.data.decode import decode_all
from glyphlab.data.tar import tar_members

_MOST = 20_000
_CHUNK = 512


def _pillow(contents: Sequence[bytes]) -> None:
    for content in contents:
        np.asarray(Image.open(io.BytesIO(content)))


def _opencv(contents: Sequence[bytes]) -> None:
    for content in contents:
        cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def _glyphlab(contents: Sequence[bytes]) -> None:
    decode_all(contents, np.empty((len(contents), 28, 28, 1), np.uint8), "grey")


def _rate(
    work: Callable[[Sequence[bytes]], None], contents: Sequence[bytes], threads: int
) -> float:
    chunks = [contents[i : i + _CHUNK] for i in range(0, len(contents), _CHUNK)]
    start = time.perf_counter()
    if threads == 1:
        for chunk in chunks:
            work(chunk)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, chunks))
    return len(contents) / (time.perf_counter() - start)


def main() -> None:
    """Measure, alternating between decoders, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    ways = {"Pillow": _pillow, "OpenCV": _opencv, "glyphlab": _glyphlab}
    print(
        f"{os.cpu_count()} cores, Pillow {version('pillow')}, OpenCV {cv2.__version__}, "
        f"{options.repeats} repeats; images/s: median (lowest–highest)"
    )
    for archive in options.archives:
        members = (m.content for m in tar_members(archive, Bounds()) if m.content)
        contents = list(islice(members, _MOST))
        print(f"\n{archive.name}: {len(contents):,} PNGs")
        rates: dict[tuple[str, int], list[float]] = {}
        for _ in range(options.repeats):
            for name, work in ways.items():
                for threads in (1, 2):
                    rates.setdefault((name, threads), []).append(_rate(work, contents, threads))
        for (name, threads), some in rates.items():
            print(
                f"  {name:9} {threads} thread{'s' * (threads > 1):1} "
                f"{statistics.median(some):9,.0f} ({min(some):,.0f}–{max(some):,.0f})"
            )


if __name__ == "__main__":
    main()
