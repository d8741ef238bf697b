"""One `glyphlab data add` from within, measured as the peers of `images_in.py` are.

Usage: python benchmarks/add_archive.py '{"archive": "….tar.gz"}'
Timed: from the archive's name to the written Dataset; imports are not.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from glyphlab.data import catalog, ingest


def measured(archive: Path) -> Iterator[tuple[str, float]]:
    """Images, seconds, and seconds of processor time in this process and its helpers."""
    assert ingest.load  # imported, as the peers' modules are, before the clock starts
    with tempfile.TemporaryDirectory(dir="runs/bench") as home:
        os.environ["GLYPHLAB_HOME"] = home
        before, start = sum(os.times()[:4]), time.perf_counter()
        catalog.add(archive, "x")
        yield "seconds", time.perf_counter() - start
        yield "cpu_seconds", sum(os.times()[:4]) - before
        added = catalog.open_stored("x")
        yield "images", sum(map(len, added)) if isinstance(added, tuple) else len(added or ())


if __name__ == "__main__":
    print(json.dumps(dict(measured(Path(json.loads(sys.argv[1])["archive"])))))
