"""What several processes change in the accuracy of a training.

Usage: python benchmarks/agreement.py [DATA] [--models glyphnet-small …] [--seeds 3] [--out FILE]
DATA is ../shared/data/notMNIST_small_half.tar.gz by default. Each model is trained for the same
steps by 1, 2 and 4 processes, each with one thread, with the same seeds; told is the accuracy on a
fifth of the images that is held out, and the mean difference from one process, seed by seed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import glyphlab
from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from measuring import machine, publish, table

WORKERS = (1, 2, 4)
Found = dict[int, list[float]]


def accuracy(
    model: str, workers: int, seed: int, *, steps: int, data: Path, test: Dataset
) -> float:
    """Train by the command, and test."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        words = ["train", model, "--data", str(data), "--out", str(run), "--workers", str(workers)]
        words += ["--set", f"steps={steps}", "--set", f"seed={seed}", "--set", "precision=float32"]
        done = subprocess.run(
            [sys.executable, "-m", "glyphlab", *words],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return float(glyphlab.evaluate(run, test).accuracy)


def lines_of(results: Mapping[str, Found]) -> list[str]:
    """The table."""
    rows = [
        (
            model,
            str(workers),
            f"{statistics.mean(some):.4f} ({min(some):.4f}–{max(some):.4f})",
            f"{statistics.mean(a - b for a, b in zip(some, found[1], strict=True)):+.4f}",
        )
        for model, found in results.items()
        for workers, some in found.items()
    ]
    heads = ("model", "processes", "accuracy: mean (range)", "difference from one")
    return list(table(heads, rows))


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default="../shared/data/notMNIST_small_half.tar.gz")
    parser.add_argument("--models", nargs="+", default=["lenet5", "conv-pool", "glyphnet-small"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/agreement.json"))
    parser.add_argument("--quick", action="store_true", help="LeNet-5, one seed, 50 steps")
    options = parser.parse_args()
    models, seeds, steps = options.models, options.seeds, options.steps
    if options.quick:
        models, seeds, steps = ["lenet5"], 1, 50
    loaded = glyphlab.load(options.data)
    whole = loaded if isinstance(loaded, Dataset) else loaded.train
    train, test = glyphlab.split(whole, 0.2, seed=0)
    results: dict[str, Found] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "train.safetensors"
        save_dataset(train, data)
        for model in models:
            results[model] = {
                workers: [
                    accuracy(model, workers, seed, steps=steps, data=data, test=test)
                    for seed in range(seeds)
                ]
                for workers in WORKERS
            }
            print(model, results[model], file=sys.stderr)
    facts = {"machine": machine(), "seeds": seeds, "steps": steps, "n_test": len(test)}
    publish("agreement", {**facts, "results": results}, lines_of(results), options.out)


if __name__ == "__main__":
    main()
