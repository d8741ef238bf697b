"""How many near duplicates are found, how many of those are none, and how long it takes.

Usage: python benchmarks/near_duplicates.py [--repeats 3] [--seed 0] [--inside] [--quick]
Quality: near copies of some of MNIST's test images are appended to all of them, one kind of change
at a time. Each image listed that was not planted, or is traced to another image than its source,
counts as false. The peer is the perceptual hash of the `imagehash` package, with the threshold that
the package `imagededup` has by default (10 of 64 bits), and with a stricter one.
Time: images rendered like notMNIST_large, see `rendered.py`, against those of notMNIST_small's
number, each search in a process of its own; with --inside also the large set by itself.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

import glyphlab
from measuring import machine, peer_python, publish, run_script, spread, table
from planted import KINDS, plant
from rendered import LARGE, rendered_archive

MNIST = Path("../shared/data/mnist_png.tar.gz")
SMALL = 18_724
BITS = (4, 10)
OURS = "glyphlab"

Images = UInt8[np.ndarray, "n height width channels"]
Quality = dict[str, dict[str, float]]


def mnist_test() -> Images:
    """MNIST's 10,000 test images."""
    loaded = glyphlab.load(MNIST)
    assert isinstance(loaded, glyphlab.TrainTest)
    return loaded.test.images


def quality(images: Images, kind: str, planted: int, seed: int, folder: Path) -> Quality:
    """Recall and precision of each way on one kind of copy."""
    sources, copies = plant(images, kind, planted, seed)
    file = folder / "planted.npy"
    np.save(file, np.concatenate([images, copies]))
    threads = os.cpu_count() or 1
    ours = run_script(sys.executable, "search_copies.py", {"images": str(file), "threads": threads})
    peer = run_script(
        peer_python(), "peers/perceptual_hash.py", {"images": str(file), "bits": BITS}
    )
    found = {OURS: ours["found"]}
    found |= {f"pHash, {bits} bits": peer["found"][str(bits)] for bits in BITS}
    truth = {(len(images) + k, int(source)) for k, source in enumerate(sources)}
    return {way: scores({(i, of) for i, of in pairs}, truth) for way, pairs in found.items()}


def scores(found: set[tuple[int, int]], truth: set[tuple[int, int]]) -> dict[str, float]:
    """How much of the truth was found, and how much of what was found is true."""
    right = len(found & truth)
    return {
        "planted": len(truth),
        "found": len(found),
        "right": right,
        "recall": right / len(truth),
        "precision": right / max(1, len(found)),
    }


def pixels(size: int, folder: Path) -> Path:
    """A file of so many rendered images."""
    file = folder / f"rendered-{size}.npy"
    if not file.exists():
        loaded = glyphlab.load(rendered_archive(size))
        assert isinstance(loaded, glyphlab.Dataset)
        np.save(file, loaded.images)
    return file


def timed(large: int, small: int, repeats: int, inside: bool, folder: Path) -> dict[str, Any]:
    """Seconds and memory of the searches, by their names."""
    options = {"threads": os.cpu_count() or 1, "images": str(pixels(small, folder))}
    searches = {
        f"{large:,} × {small:,}": {**options, "others": str(pixels(large, folder))},
    }
    if inside:
        searches[f"inside {large:,}"] = {**options, "images": str(pixels(large, folder))}
    results: dict[str, Any] = {}
    for name, chosen in searches.items():
        print(f"  {name}", file=sys.stderr)
        taken = [run_script(sys.executable, "search_copies.py", chosen) for _ in range(repeats)]
        results[name] = [{**one, "found": len(one["found"])} for one in taken]
    return results


def quality_lines(results: dict[str, Quality]) -> list[str]:
    """The table of recall and precision."""
    ways = next(iter(results.values())).keys()
    header = ("copies", "planted", *(f"{way}: recall / precision" for way in ways))
    rows = [
        (
            kind,
            f"{by_way[OURS]['planted']:,.0f}",
            *(f"{by_way[way]['recall']:.3f} / {by_way[way]['precision']:.3f}" for way in ways),
        )
        for kind, by_way in results.items()
    ]
    return ["Copies planted among MNIST's test images:", *table(header, rows)]


def time_lines(results: dict[str, Sequence[dict[str, float]]]) -> list[str]:
    """The table of seconds and memory."""
    rows = [
        (
            name,
            spread([one["seconds"] for one in some]),
            f"{statistics.median(one['cpu_seconds'] for one in some):,.0f}",
            spread([one["peak_megabytes"] for one in some]),
            f"{some[0]['found']:,}",
        )
        for name, some in results.items()
    ]
    header = ("search", "seconds: median (range)", "CPU seconds", "peak MB", "found")
    return ["\nRendered images:", *table(header, rows)]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/near_duplicates.json"))
    parser.add_argument("--inside", action="store_true", help="also inside the large set; minutes")
    parser.add_argument("--quick", action="store_true", help="fewer images, once")
    options = parser.parse_args()
    repeats, planted = (1, 100) if options.quick else (options.repeats, 500)
    large, small = (70_000, 10_000) if options.quick else (LARGE, SMALL)
    with tempfile.TemporaryDirectory(dir="runs/bench") as name:
        folder, images = Path(name), mnist_test()
        by_kind = {kind: quality(images, kind, planted, options.seed, folder) for kind in KINDS}
        by_search = timed(large, small, repeats, options.inside, folder)
    facts = {
        "machine": machine(),
        "repeats": repeats,
        "seed": options.seed,
        "quality": by_kind,
        "time": by_search,
    }
    lines = [", ".join(machine(()).values()), *quality_lines(by_kind), *time_lines(by_search)]
    publish("near duplicates", facts, lines, options.out)


if __name__ == "__main__":
    main()
