"""What cleaning is worth: accuracy on real notMNIST_small with and without it.

Usage: python benchmarks/cleaning.py [--model glyphnet] [--seeds 5] [--quick]
Trained: the real large sample as it is; without duplicates, copies of test images and conflicts;
and also without likely label errors and outliers. All by the model's default Recipe on all images
(validation = 0). Tested: notMNIST_small_half, whole and without the images that the sample repeats.
Nothing is chosen here.
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import glyphlab
from glyphlab import Audit, Dataset
from glyphlab.cli.console import progress_bar
from glyphlab.cli.training_view import watch_training
from glyphlab.evaluation.statistics import mean_interval
from measuring import machine, publish, table

COPIES = ("duplicates", "leaks", "conflicts")
WAYS: Mapping[str, Mapping[str, Any] | None] = {
    "as it is": None,
    "without duplicates, leaks, conflicts": {"drop": COPIES},
    "without label errors and outliers, too": {"drop": (*COPIES, "label-errors", "outliers")},
}


def cleaned(train: Dataset, audit: Audit, way: Mapping[str, Any] | None) -> Dataset:
    """The training images of one way."""
    return train if way is None else glyphlab.clean(train, audit, **way).dataset


def accuracies(
    train: Dataset, test: Dataset, leaked: list[int], *, model: str, seed: int
) -> tuple[float, float]:
    """Accuracy on all test images, and on those that are not leaked."""
    recipe = glyphlab.default_recipe(model).replace(seed=seed, validation=0.0)
    out = Path("runs/cleaning") / train.fingerprint[:12] / model / f"seed{seed}"
    with watch_training(f"{len(train):,} images, seed {seed}") as report:
        run = glyphlab.fit(model, train, recipe, out=out, resume=True, report=report)
    evaluation = glyphlab.evaluate(run, test)
    return evaluation.accuracy, float(np.delete(evaluation.correct, leaked).mean())


def lines_of(results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The table."""
    rows = [
        (name, f"{result['n']:,}", _mean(result["all"]), _mean(result["without_leaks"]))
        for name, result in results.items()
    ]
    yield from table(("trained on", "images", "all test images", "those without a copy"), rows)


def _mean(values: list[float]) -> str:
    made = mean_interval(values)
    if made.ci95 is None:
        return f"{made.mean:.4f}"
    return f"{made.mean:.4f} ({made.ci95.low:.4f} – {made.ci95.high:.4f})"


def main() -> None:
    """Train, test and publish."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="glyphnet")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/cleaning.json"))
    parser.add_argument("--quick", action="store_true", help="glyphnet-small, one seed")
    options = parser.parse_args()
    model, seeds = ("glyphnet-small", 1) if options.quick else (options.model, options.seeds)
    train = glyphlab.load(options.data / "notMNIST_large_sample.tar.gz")
    test = glyphlab.load(options.data / "notMNIST_small_half.tar.gz")
    audit = glyphlab.audit(train, test, bar=progress_bar)
    leaked = [leak.index for leak in audit.leaks]
    results: dict[str, dict[str, Any]] = {}
    for name, way in WAYS.items():
        images = cleaned(train, audit, way)
        runs = [accuracies(images, test, leaked, model=model, seed=seed) for seed in range(seeds)]
        results[name] = {
            "n": len(images),
            "all": [every for every, _ in runs],
            "without_leaks": [own for _, own in runs],
        }
    facts = {"machine": machine(), "model": model, "seeds": seeds, "results": results}
    head = f"{model}, {seeds} seeds; {len(leaked):,} of {len(test):,} test images are leaked"
    publish("cleaning", facts, [head, *lines_of(results)], options.out)


if __name__ == "__main__":
    main()
