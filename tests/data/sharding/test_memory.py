"""What sharding holds in memory is bounded by the size of a shard, not by the number of images."""

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from tests.data.builders import encoded, write_tar

from glyphlab.data.sharding.listing import Listing

IMAGES, SIDE = 2_500, 160
ALL_PIXELS = IMAGES * SIDE * SIDE * 3 / 1e6
"""192 MB."""
MEASURED = """
import json, re, sys
from pathlib import Path
from glyphlab.data import catalog
from glyphlab.data.sharding import adding, making
from glyphlab.data.ingest import load

def peak():
    # What getrusage gives begins with the peak of the process that started this one.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1e3

before = peak()
size = int(sys.argv[2])
options = {"size": 160, "mode": "rgb"}
if size:
    catalog.add_sharded(sys.argv[1], "x", shard_size=size, jobs=1, **options)
else:
    catalog.add(sys.argv[1], "y", **options)
print(json.dumps(peak() - before))
"""


def growth(source: Path, shard_size: int) -> float:
    """Megabytes by which a process grows that adds images; 0 for no shards."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(source), str(shard_size)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_the_images_of_a_shard_are_in_memory_and_not_all(tmp_path: Path) -> None:
    from PIL import Image

    image = encoded(Image.new("RGB", (SIDE, SIDE), (9, 99, 199)))
    images = {f"{'AB'[i % 2]}/{i}.png": image for i in range(IMAGES)}
    source = write_tar(tmp_path / "a.tar.gz", images)
    assert growth(source, 0) > 0.9 * ALL_PIXELS, "what is measured does not tell"
    assert growth(source, IMAGES // 20) < 0.4 * ALL_PIXELS


def test_the_list_of_files_takes_little_more_than_their_paths() -> None:
    n = 50_000
    paths = [f"notMNIST_large/{'ABCDEFGHIJ'[i % 10]}/{i:032x}.png" for i in range(n)]
    tracemalloc.start()
    listing = Listing()
    for i, path in enumerate(paths):
        listing.add(path, i, i)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert list(listing.paths) == paths
    assert held / n < 150  # so that 5 million take less than a gigabyte
