"""How well wrong labels are found: labels flipped by a known seed, beside the usual route.

    python benchmarks/label_errors.py [--data ../shared/data] [--only mnist glyphs]
        [--epochs 15] [--seeds 1] [--quick]

The images are the test parts of MNIST and of the built-in letters, which decided nothing about how
label errors are found. Uniform flips give any other class, confusable ones the class whose mean
image is nearest. Ours is `out_of_sample` and `find_label_errors`, end to end. The usual route is
cleanlab, as it comes, on probabilities of Keras's MNIST convolutional example, trained on the same
five folds for the example's 15 epochs; its ranking is shown by both of cleanlab's common scores.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int64

import glyphlab
from flips import flip
from glyphlab.auditing.label_errors import find_label_errors
from glyphlab.auditing.out_of_sample import MODEL, assign_folds, out_of_sample
from glyphlab.data.dataset import Dataset
from measuring import OWN_PACKAGES, machine, peer_python, publish, run_script, table

SETS = {"mnist": "mnist_png.tar.gz:test", "glyphs": "glyphs:test"}
SHARES, KINDS, FOLDS = (0.065, 0.2), ("uniform", "confusable"), 5
FLIP_SEED = 2026
SCORES = {"self-confidence": "self_confidence", "normalised margin": "normalized_margin"}
OURS, USUAL = "glyphlab", "cleanlab on Keras's example"


def main() -> None:
    """Measure every case, ours and the usual route in turns, and publish the table."""
    options = parse()
    cases = [
        measure(name, share, kind, seed, options)
        for name, share, kind, seed in product(
            options.only, SHARES[: options.shares], KINDS[: options.shares], range(options.seeds)
        )
    ]
    facts = {"machine": machine((*OWN_PACKAGES, "cleanlab")), "folds": FOLDS, "cases": cases}
    publish("label errors", {**facts, "epochs": options.epochs}, list(page(cases)), options.out)


def measure(
    name: str, share: float, kind: Any, seed: int, options: argparse.Namespace
) -> dict[str, Any]:
    """One set of images with a share of its labels flipped."""
    clean = read(name, options.data, options.images)
    labels = flip(clean.labels, clean.images, share, kind, FLIP_SEED + seed)
    dataset = Dataset(clean.images, labels, clean.ids, clean.classes, name, clean.source)
    wrong = labels != clean.labels
    print(f"  {name}, {share:.1%} {kind}, seed {seed}: {len(labels):,} images", file=sys.stderr)
    return {
        "dataset": name,
        "n": len(labels),
        "kind": kind,
        "share": share,
        "seed": seed,
        OURS: ours(dataset, wrong, seed, options.recipe),
        USUAL: usual(dataset, wrong, seed, options),
    }


def read(name: str, data: Path, images: int | None) -> Dataset:
    """A set of images, or the first of them in random order."""
    source = SETS[name]
    loaded = glyphlab.load(source if source.startswith("glyphs") else f"{data / source}")
    if isinstance(loaded, glyphlab.TrainTest):
        raise SystemExit(f"{source} has two parts; name one.")
    order = np.random.default_rng(0).permutation(len(loaded))
    return loaded.subset(np.sort(order[:images]))


def ours(
    dataset: Dataset, wrong: Bool[np.ndarray, " n"], seed: int, recipe: glyphlab.Recipe | None
) -> dict[str, Any]:
    """Our route from images to a ranked list."""
    started = time.perf_counter()
    said, _ = out_of_sample(dataset, folds=FOLDS, seed=seed, recipe=recipe)
    found = find_label_errors(said.probabilities, dataset.labels, said.judged)
    return {
        "seconds": time.perf_counter() - started,
        "average_precision": average_precision(found.scores, wrong),
        "noise_rate": found.noise_rate,
        "noise_rate_ci95": found.noise_rate_ci95,
        **precision_and_recall(found.indices, wrong),
    }


def usual(
    dataset: Dataset, wrong: Bool[np.ndarray, " n"], seed: int, options: argparse.Namespace
) -> dict[str, Any]:
    """The usual route: the example's probabilities, and cleanlab with its defaults."""
    from cleanlab.count import estimate_joint
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    folder = options.out.parent
    folder.mkdir(parents=True, exist_ok=True)
    arrays, out = folder / "label-errors-arrays.npz", folder / "label-errors-probabilities.npy"
    folds = assign_folds(dataset.labels, FOLDS, seed)
    np.savez(arrays, images=dataset.images, labels=dataset.labels, folds=folds)
    task = {"arrays": str(arrays), "out": str(out), "classes": len(dataset.classes)}
    task |= {"epochs": options.epochs, "seed": seed}
    told = run_script(peer_python(), "peers/keras_out_of_sample.py", task)
    said = np.load(out)
    scores = {
        name: get_label_quality_scores(dataset.labels, said, method=method)
        for name, method in SCORES.items()
    }
    listed = find_label_issues(
        dataset.labels, said, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    return {
        "seconds": told["seconds"],
        "average_precision": {name: average_precision(s, wrong) for name, s in scores.items()},
        "noise_rate": 1 - float(estimate_joint(dataset.labels, said).trace()),
        **precision_and_recall(listed, wrong),
    }


def average_precision(scores: Float[np.ndarray, " n"], wrong: Bool[np.ndarray, " n"]) -> float:
    """Mean over the wrong images of the share that is wrong down to each, lowest score first."""
    found = wrong[np.argsort(scores, kind="stable")]
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return float(precision[found].mean())


def precision_and_recall(
    listed: Int64[np.ndarray, " k"], wrong: Bool[np.ndarray, " n"]
) -> dict[str, float]:
    """How much of the list is wrong, and how much of what is wrong is listed."""
    hits = int(wrong[listed].sum())
    return {"precision": hits / max(1, len(listed)), "recall": hits / int(wrong.sum())}


def page(cases: list[dict[str, Any]]) -> Iterator[str]:
    """The table: two lines for each case."""
    header = ("images", "wrong", "way", "average precision", "precision", "recall")
    rows = [row(case, way) for case in cases for way in (OURS, USUAL)]
    yield from table((*header, "estimated wrong", "seconds"), rows)
    yield ""
    yield f"The usual route's average precision is by {' / by '.join(SCORES)}."


def row(case: Mapping[str, Any], way: str) -> tuple[str, ...]:
    """One way's line."""
    told, ap = case[way], case[way]["average_precision"]
    precisions = list(ap.values()) if isinstance(ap, dict) else [ap]
    return (
        f"{case['dataset']}, {case['n']:,}",
        f"{case['share']:.1%} {case['kind']}",
        way,
        " / ".join(f"{precision:.4f}" for precision in precisions),
        f"{told['precision']:.3f}",
        f"{told['recall']:.3f}",
        f"{told['noise_rate']:.1%}",
        f"{told['seconds']:.0f}",
    )


def parse() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="*", choices=list(SETS), default=list(SETS))
    parser.add_argument("--epochs", type=int, default=15, help="of the usual route")
    parser.add_argument("--seeds", type=int, default=1, help="of flips, folds and trainings")
    parser.add_argument("--quick", action="store_true", help="all of it in small")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/label_errors.json"))
    options = parser.parse_args()
    options.images, options.shares, options.recipe = None, len(SHARES), None
    if options.quick:
        options.images, options.shares, options.epochs = 500, 1, 1
        options.recipe = glyphlab.default_recipe(MODEL).replace(steps=40)
    return options


if __name__ == "__main__":
    main()
