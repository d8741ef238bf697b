"""How much memory 529,113 images take, from the archive to the tested model.

Usage: python benchmarks/memory.py [--repeats 3] [--out FILE] [--quick]
Measured: the most that each command had resident. Of that, the opened Dataset file is memory that
the system may take back at any time. Compared with the notebook's float32 array of the same
images, which is worked out, not measured.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measuring import machine, publish, run_command, spread, table
from rendered import LARGE, rendered_archive

Result = dict[str, float]


def measure(archive: Path, home: Path) -> dict[str, Result]:
    """What each command takes, in the order of a user's work."""
    run = str(home / "run")
    train = ["train", "logistic", "--data", "x", "--set", "steps=50", "--out", run]
    return {
        "data add": run_command(["data", "add", str(archive), "--name=x"], home),
        "train logistic, 50 steps": run_command(train, home),
        "evaluate": run_command(["evaluate", run, "--data", "x"], home),
    }


def lines_of(results: dict[str, Sequence[Result]], images: int) -> list[str]:
    """The table."""
    rows = [
        (
            f"glyphlab {command}",
            spread([result["peak_megabytes"] for result in some]),
            f"{statistics.median(result['cpu_seconds'] for result in some):.1f}",
        )
        for command, some in results.items()
    ]
    rows.append(("the images in float32", f"{images * 28 * 28 * 4 / 2**20:,.0f}", "–"))
    rows.append(("the images in uint8", f"{images * 28 * 28 / 2**20:,.0f}", "–"))
    return [
        f"{images:,} images",
        *table(("command", "peak MB: median (range)", "CPU seconds"), rows),
    ]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/memory.json"))
    parser.add_argument("--quick", action="store_true", help="10,000 images, once")
    options = parser.parse_args()
    repeats, images = (1, 10_000) if options.quick else (options.repeats, LARGE)
    results: dict[str, list[Result]] = {}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(dir="runs/bench") as home:
            measured = measure(rendered_archive(images), Path(home))
        for command, result in measured.items():
            results.setdefault(command, []).append(result)
    facts = {"machine": machine(), "repeats": repeats, "images": images, "results": results}
    publish("memory", facts, lines_of(results, images), options.out)


if __name__ == "__main__":
    main()
