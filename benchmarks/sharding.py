"""What it costs to add images as shards, and to render them so: speed and memory.

Usage: python benchmarks/sharding.py [--repeats 5] [--out FILE] [--quick] [--large]

The whole command `glyphlab data add ARCHIVE.tar.gz`, the start of Python included, without and with
`--shard-size`, by one process and by as many as there are cores; and `glyphlab data render` of
Matplotlib's fonts. Memory is the most that the command, or one of its processes, had resident.
With --large 529,113 images are added, too, rendered like notMNIST_large, see `rendered.py`.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import matplotlib

from measuring import machine, publish, run_command, spread, table, take_turns
from rendered import LARGE, rendered_archive

SHARED = Path("../shared/data")
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
RENDERED = 20_000
Result = dict[str, float]


def add(archive: Path, images: int, *options: str) -> Result:
    """Run `glyphlab data add`."""
    with tempfile.TemporaryDirectory(dir="runs/bench") as home:
        words = ["data", "add", str(archive), "--name=x", *options]
        return {"images": images, **run_command(words, Path(home))}


def render(images: int, *options: str) -> Result:
    """Run `glyphlab data render`."""
    with tempfile.TemporaryDirectory(dir="runs/bench") as folder:
        words = ["data", "render", "--fonts", str(FONTS), "--letters", "ABCDEFGHIJ"]
        out = Path(folder, "out" if options else "out.safetensors")
        words += ["--count", str(images), "--out", str(out), *options]
        return {"images": images, **run_command(words, Path(folder))}


def ways_of(
    work: Callable[..., Result], shard_size: int, *arguments: object
) -> dict[str, Callable[[], Result]]:
    """One file, and shards made by one process and by several."""
    shards = f"--shard-size={shard_size}"
    return {
        "one file": partial(work, *arguments),
        f"shards of {shard_size:,}, --jobs 1": partial(work, *arguments, shards, "--jobs=1"),
        f"shards of {shard_size:,}": partial(work, *arguments, shards),
    }


def lines_of(what: str, results: dict[str, list[Result]]) -> list[str]:
    """The table of one source."""
    rows = [
        (
            way,
            spread([result["images"] / result["seconds"] for result in some]),
            f"{1e6 * statistics.median(r['cpu_seconds'] / r['images'] for r in some):,.0f}",
            spread([result["peak_megabytes"] for result in some]),
        )
        for way, some in results.items()
    ]
    header = (what, "images/s: median (range)", "CPU µs an image", "peak MB: median (range)")
    return ["", *table(header, rows)]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/sharding.json"))
    parser.add_argument("--quick", action="store_true", help="5,143 images, once")
    parser.add_argument("--large", action="store_true", help="529,113 images, too")
    options = parser.parse_args()
    Path("runs/bench").mkdir(parents=True, exist_ok=True)
    small, mnist = SHARED / "notMNIST_large_sample.tar.gz", SHARED / "mnist_png.tar.gz"
    sources: dict[str, dict[str, Callable[[], Result]]] = {
        f"{small.name}, 5,143 images": ways_of(add, 1_000, small, 5_143)
    }
    if not options.quick:
        sources[f"{mnist.name}, 70,000 images"] = ways_of(add, 10_000, mnist, 70_000)
        sources[f"data render, {RENDERED:,} images"] = ways_of(render, 5_000, RENDERED)
    if options.large:
        large = rendered_archive(LARGE)
        sources[f"{large.name}, {LARGE:,} images"] = ways_of(add, 100_000, large, LARGE)
    repeats = 1 if options.quick else options.repeats
    results = {what: take_turns(ways, repeats) for what, ways in sources.items()}
    lines: Sequence[str] = [line for what, some in results.items() for line in lines_of(what, some)]
    facts = {"machine": machine(), "repeats": repeats, "results": results}
    publish("sharding", facts, lines, options.out)


if __name__ == "__main__":
    main()
