"""How much two processes train more than one, each on a core of its own.

Usage: python benchmarks/processes.py [--models lenet5 …] [--batch 512] [--steps 100] [--repeats 5]
Measured: images per second of `glyphlab train` on 10,000 built-in images, validation left out, as
the run itself notes it. In turns: one process alone on a core; two trainings that know nothing of
each other, each on a core, which is what two cores can do at best, as they share memory and maybe
more; the same in batches of half the size, which is what a process of two has of a batch; two
processes that train one model together, as `--workers 2` does, each on a core.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from glyphlab.data.formats import save_dataset
from glyphlab.data.glyphs import load_glyphs
from measuring import machine, median_ratio, publish, spread, table, take_turns

IMAGES = 10_000
ALONE, APART, TOGETHER = "one, alone", "two, apart", "two, together"
HALVES = "two, apart, half batches"


def train(model: str, steps: int, data: Path, out: Path, **variables: str) -> subprocess.Popen[str]:
    """Start a training by one process on the core that CORE names, in batches of BATCH by SHARE."""
    batch = int(os.environ["BATCH"]) // int(variables.pop("SHARE", "1"))
    words = ["train", model, "--data", str(data), "--out", str(out), "--set", f"steps={steps}"]
    words += ["--set", f"batch_size={batch}"]
    core = variables.pop("CORE")
    return subprocess.Popen(
        ["taskset", "-c", core, sys.executable, "-m", "glyphlab", *words],
        env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def images_per_second(processes: Sequence[subprocess.Popen[str]], runs: Sequence[Path]) -> float:
    """Wait for processes, and add up what their runs note."""
    for process in processes:
        _, said = process.communicate()
        if process.returncode:
            raise RuntimeError(said[-2000:])
    infos = [json.loads((run / "run.json").read_text()) for run in runs]
    return sum(float(info["images_per_second"]) for info in infos)


def alone(model: str, steps: int, data: Path) -> float:
    """One process on a core."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        return images_per_second([train(model, steps, data, run, CORE="0")], [run])


def apart(model: str, steps: int, data: Path, share: int = 1) -> float:
    """Two trainings at once, each by one process on a core, in batches of a share of the size."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [Path(folder) / f"run{core}" for core in range(2)]
        started = [
            train(model, steps, data, run, CORE=run.name[-1], SHARE=str(share)) for run in runs
        ]
        return images_per_second(started, runs)


def together(model: str, steps: int, data: Path) -> float:
    """One training by two processes, each on a core."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    common = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        started = [
            train(model, steps, data, run, CORE=rank, RANK=rank, LOCAL_RANK=rank, **common)
            for rank in ("0", "1")
        ]
        return images_per_second(started, [run])


def lines_of(results: dict[str, dict[str, list[float]]]) -> list[str]:
    """The table."""
    rows = [
        (
            model,
            *(spread(ways[way]) for way in (ALONE, APART, HALVES, TOGETHER)),
            f"{median_ratio(ways[TOGETHER], ways[APART]):.2f}",
            f"{median_ratio(ways[TOGETHER], ways[HALVES]):.2f}",
        )
        for model, ways in results.items()
    ]
    heads = ("model", ALONE, APART, HALVES, TOGETHER, "together by apart", "by half batches")
    batch = os.environ["BATCH"]
    return [f"batches of {batch}, images per second: median (range)", *table(heads, rows)]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["conv-pool", "lenet5", "glyphnet-small"])
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/processes.json"))
    parser.add_argument("--quick", action="store_true", help="LeNet-5 once, 40 steps")
    options = parser.parse_args()
    models, steps, repeats = options.models, options.steps, options.repeats
    if options.quick:
        models, steps, repeats = ["lenet5"], 40, 1
    os.environ["BATCH"] = str(options.batch)
    results: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "glyphs.safetensors"
        train_set = load_glyphs().train
        step = max(1, len(train_set) // IMAGES)
        save_dataset(train_set.subset(np.arange(0, len(train_set), step)), data)
        for model in models:
            print(model, file=sys.stderr)
            halves = partial(apart, share=2)
            ways = {ALONE: alone, APART: apart, HALVES: halves, TOGETHER: together}
            calls = {name: partial(way, model, steps, data) for name, way in ways.items()}
            results[model] = take_turns(calls, repeats)
    facts = {
        "machine": machine(),
        "repeats": repeats,
        "steps": steps,
        "batch": options.batch,
        "results": results,
    }
    together_by_apart = {m: median_ratio(w[TOGETHER], w[APART]) for m, w in results.items()}
    facts["median of all"] = statistics.median(together_by_apart.values())
    publish("processes", facts, lines_of(results), options.out)


if __name__ == "__main__":
    main()
