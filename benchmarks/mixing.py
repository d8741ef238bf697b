"""How well images are mixed where only a window of shards is in memory, and what that costs.

Usage: python benchmarks/mixing.py [DATA] [--model lenet5] [--seeds 3] [--out FILE] [--quick]
DATA is a Dataset or archive of real images; ../shared/data/notMNIST_large_sample.tar.gz by default.
They are written in 40 shards: mixed, as `glyphlab data add --shard-size` writes them, and, as the
worst that could be, in the order of their classes. Told of each way to mix them, over one epoch:
how far the classes of a batch of 128 are from those of all images (total variation, mean), how
often two images of a batch are from one shard, and the accuracy on a tenth that is held out, of
trainings by several seeds.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64

import glyphlab
from glyphlab.data.batches import batch_bounds
from glyphlab.data.dataset import Dataset
from glyphlab.data.ids import Ids
from glyphlab.data.opening import open_dataset
from glyphlab.training.group import ALONE
from glyphlab.training.preparation import make_feed
from glyphlab.training.recipe import Recipe, default_recipe
from measuring import machine, publish, table
from shard_files import write_shards

SHARDS = 40
BATCH = 128


def marked(images: Dataset, parts: Sequence[Int64[np.ndarray, " n"]]) -> Dataset:
    """Images whose first pixel is the number of the shard that they are written to."""
    pixels = np.array(images.images)
    for number, rows in enumerate(parts):
        pixels[rows, 0, 0, 0] = number
    return Dataset(pixels, images.labels, Ids.from_strings(images.ids), images.classes, "marked")


def mixed(path: Path, window: int) -> tuple[float, float]:
    """Mean distance of a batch's classes from all images', and share of pairs from one shard."""
    dataset = open_dataset(path)
    feed = make_feed(dataset, Recipe(window=window, validation=0), torch.device("cpu"))
    everything = feed.train_counts / feed.train_counts.sum()
    distances, pairs = [], []
    for batch in feed.batches(0, batch_bounds(feed.n_train, BATCH), ALONE):
        n = len(batch.labels)
        counts = np.bincount(batch.labels.numpy(), minlength=len(everything))
        distances.append(np.abs(counts / n - everything).sum() / 2)
        shards = batch.images[:, 0, 0, 0].mul(255).round().long().bincount().double()
        pairs.append(float((shards * (shards - 1)).sum() / (n * (n - 1))))
    return float(np.mean(distances)), float(np.mean(pairs))


def accuracies(path: Path, test: Dataset, model: str, window: int, seeds: int) -> list[float]:
    """Accuracy on images held out, by each seed."""
    found = []
    for seed in range(seeds):
        recipe = default_recipe(model).replace(window=window, seed=seed, validation=0.1)
        with tempfile.TemporaryDirectory() as folder:
            run = glyphlab.fit(model, open_dataset(path), recipe, out=Path(folder) / "run")
            found.append(glyphlab.evaluate(run, test).accuracy)
        print(f"  {path.name}, window {window}, seed {seed}: {found[-1]:.4f}", file=sys.stderr)
    return found


def lines_of(results: Mapping[str, tuple[float, float, Sequence[float]]]) -> list[str]:
    """The table."""
    rows = [
        (
            name,
            f"{distance:.3f}",
            f"{pairs:.3f}",
            f"{statistics.mean(found):.4f} ({min(found):.4f}–{max(found):.4f})",
        )
        for name, (distance, pairs, found) in results.items()
    ]
    heads = ("mixed", "batch from all classes", "pairs from one shard", "accuracy: mean (range)")
    return list(table(heads, rows))


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path("../shared/data/notMNIST_large_sample.tar.gz")
    parser.add_argument("data", nargs="?", default=str(default))
    parser.add_argument("--model", default="lenet5")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/mixing.json"))
    parser.add_argument("--quick", action="store_true", help="logistic regression, one seed")
    options = parser.parse_args()
    model, seeds = ("logistic", 1) if options.quick else (options.model, options.seeds)
    loaded = glyphlab.load(options.data)
    whole = loaded if isinstance(loaded, Dataset) else loaded.train
    train, test = glyphlab.split(whole, 0.1, seed=0)
    orders = {
        "mixed shards": np.random.default_rng(0).permutation(len(train)),
        "shards by class": np.argsort(train.labels, kind="stable"),
    }
    results = {}
    with tempfile.TemporaryDirectory() as name:
        for kind, order in orders.items():
            parts = np.array_split(order, SHARDS)
            place = write_shards(train, parts, Path(name) / kind)
            told = write_shards(marked(train, parts), parts, Path(name) / f"{kind} marked")
            for window in (1_000, 6, 1):
                at_once = _shards_at_once(place, window)
                found = accuracies(place, test, model, window, seeds)
                results[f"{kind}, {at_once} of {SHARDS} at once"] = (*mixed(told, window), found)
    facts = {"machine": machine(), "seeds": seeds, "model": model, "n": len(train)}
    publish("mixing", {**facts, "results": results}, lines_of(results), options.out)


def _shards_at_once(path: Path, window: int) -> int:
    from glyphlab.data.sharded import open_shards
    from glyphlab.training.shard_feed import ShardFeed

    feed = ShardFeed(open_shards(path), Recipe(window=window), torch.device("cpu"))
    return min(SHARDS, feed.shards_at_once)


if __name__ == "__main__":
    main()
