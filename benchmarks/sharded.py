"""What images in shards cost beside images in one file, from 10,000 to 5 million.

Usage: python benchmarks/sharded.py [--shards FOLDER] [--images 1000000] [--repeats 5] [--out FILE]
[--quick]
FOLDER is a sharded Dataset, as `glyphlab data render --shard-size 100000` writes it; without it, 5
million are made of the built-in letters, moved, and kept in runs/bench/many.
Measured, in turns: how many images per second a training is fed with in its first three epochs,
batch after batch of 128, from one file and from shards, with nothing else to do, opening and
holding out included, by one thread of PyTorch and by two; and how many `glyphlab train` learns
from, with the peak of its memory, for one file of 10,000, one of --images, as many in shards, and
all of FOLDER, each for the same number of steps.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from glyphlab.data.batches import batch_bounds
from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.glyphs import load_glyphs
from glyphlab.data.opening import open_dataset
from glyphlab.data.sharded import holds_shards
from glyphlab.memory import keep_freed_memory
from glyphlab.training.group import ALONE
from glyphlab.training.preparation import make_feed
from glyphlab.training.recipe import Recipe
from measuring import machine, median_ratio, publish, spread, table, take_turns
from shard_files import write_many, write_shards

BATCH = 128
FEW = 10_000
MANY = 5_000_000
EPOCHS = 3
SECONDS_BETWEEN_LOOKS = 0.05
THREADS = (1, 2)
PARTS = 10
Trained = dict[str, float]


def feed(path: Path, threads: int) -> float:
    """Images per second of three epochs' batches, made and thrown away, from opening on."""
    keep_freed_memory()
    torch.set_num_threads(threads)
    started = time.perf_counter()
    given = make_feed(open_dataset(path), Recipe(validation=0.1), torch.device("cpu"))
    bounds = batch_bounds(given.n_train, BATCH)
    for epoch in range(EPOCHS):
        for batch in given.batches(epoch, bounds, ALONE):
            given.normalise(batch.images)
    return EPOCHS * given.n_train / (time.perf_counter() - started)


def train(path: Path, model: str, length: str) -> Trained:
    """Train in a process of its own; images per second, and its peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        words = ["train", model, "--data", str(path), "--out", str(run), "--set", length]
        process = subprocess.Popen(
            [sys.executable, "-m", "glyphlab", *words, "--set", "min_steps=0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, _peak_megabytes(process.pid))
            time.sleep(SECONDS_BETWEEN_LOOKS)
        if process.returncode:
            raise RuntimeError(f"glyphlab {' '.join(words)} failed.")
        info = json.loads((run / "run.json").read_text())
        history = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    return {
        "images_per_second": statistics.median(e["images_per_second"] for e in history),
        "seconds": info["seconds"],
        "validation_accuracy": info["validation_accuracy"],
        "n_train": info["n_train"],
        "peak_megabytes": peak,
    }


def _peak_megabytes(process: int) -> float:
    """The most that a process has had resident; what `wait` tells begins with its parent's."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def write_both(images: Dataset, folder: Path) -> tuple[Path, Path]:
    """The same images in one file, and in shards."""
    whole = folder / "whole.safetensors"
    save_dataset(images, whole)
    parts = np.array_split(np.arange(len(images)), PARTS)
    return whole, write_shards(images, parts, folder / "parts")


def many() -> Path:
    """Five million images in shards, made where they are not there."""
    folder = Path("runs/bench/many")
    if not holds_shards(folder):
        write_many(load_glyphs().train, MANY, MANY // 50, folder)
    return folder


def feed_lines(results: Mapping[str, Sequence[float]]) -> list[str]:
    """The table of what feeds a training."""
    rows = []
    for threads in THREADS:
        one, shards = results[f"one file, {threads}"], results[f"shards, {threads}"]
        rows.append((f"{threads}", spread(one), spread(shards), f"{median_ratio(shards, one):.2f}"))
    return list(table(("threads", "one file, images/s", "shards", "shards by one file"), rows))


def train_lines(results: Mapping[str, Sequence[Trained]]) -> list[str]:
    """The table of trainings."""
    rows = [
        (
            name,
            f"{some[0]['n_train']:,.0f}",
            spread([each["images_per_second"] for each in some]),
            spread([1e6 / each["images_per_second"] for each in some], ".1f"),
            f"{max(each['peak_megabytes'] for each in some):,.0f}",
            f"{some[0]['validation_accuracy']:.4f}",
        )
        for name, some in results.items()
    ]
    heads = ("training on", "images", "images/s", "µs per image", "peak MB", "validation")
    return list(table(heads, rows))


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=Path)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--models", nargs="+", default=["logistic", "lenet5"])
    parser.add_argument("--steps", type=int, default=1_500)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/sharded.json"))
    parser.add_argument("--quick", action="store_true", help="20,000 images, once, 200 steps")
    options = parser.parse_args()
    images, steps, repeats = options.images, options.steps, options.repeats
    if options.quick:
        images, steps, repeats = 20_000, 200, 1
    shards = options.shards or many()
    everything = open_dataset(shards)
    with tempfile.TemporaryDirectory(dir="runs/bench") as folder:
        whole, parts = write_both(everything.subset(np.arange(images)), Path(folder))
        few = Path(folder) / "few.safetensors"
        save_dataset(everything.subset(np.arange(FEW)), few)
        fed = take_turns(
            {
                f"{name}, {threads}": partial(feed, path, threads)
                for threads in THREADS
                for name, path in (("one file", whole), ("shards", parts))
            },
            repeats,
        )
        lines, trained = feed_lines(fed), {}
        for model in options.models:
            places = {
                "one file, few": few,
                "one file": whole,
                "shards": parts,
                "all shards": shards,
            }
            ways: dict[str, Callable[[], Trained]] = {
                name: partial(train, path, model, f"steps={steps}") for name, path in places.items()
            }
            trained[model] = take_turns(ways, repeats)
            lines += ["", f"{model}, {steps:,} steps of {BATCH}", *train_lines(trained[model])]
    facts = {"machine": machine(), "repeats": repeats, "fed": fed, "trained": trained}
    publish("sharded", facts, lines, options.out)


if __name__ == "__main__":
    main()
