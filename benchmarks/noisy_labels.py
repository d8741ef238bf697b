"""Which way of training survives wrong labels, under noise that is known.

Usage: python benchmarks/noisy_labels.py [--model glyphnet] [--seeds 3] [--set steps=900]
                                         [--case NAME]… [--way NAME]… [--quick]
Trained: 5,000 images of MNIST's training part and of `glyphs`, a share of whose labels is flipped,
and four fifths of the real large sample with the labels that it has. Validated: 5,000 others of the
same training parts with their own labels (of `glyphs`, letters of other fonts), and the last fifth
of the large sample. No test image is touched. Each training is kept as a line of a file, so that a
stopped comparison goes on.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64

import glyphlab
from flips import Kind, flip
from glyphlab import Dataset
from glyphlab.data.splits import groups_from_ids, split
from glyphlab.evaluation.statistics import mean_interval
from glyphlab.files import write_text
from glyphlab.training.recipe import parse_settings
from measuring import machine, publish, table

N = 5_000
NOISE: tuple[tuple[float, Kind], ...] = (
    (0.0, "uniform"),
    *((share, kind) for share in (0.065, 0.2, 0.4) for kind in ("uniform", "confusable")),
)


@dataclass(frozen=True)
class Way:
    """A way of training: keys of the Recipe, and whether the audit's label errors are left out."""

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    drops_label_errors: bool = False


WAYS = (
    Way("cross entropy", {"label_smoothing": 0.0}),
    Way("label smoothing 0.1", {"label_smoothing": 0.1}),
    Way("label smoothing 0.3", {"label_smoothing": 0.3}),
    Way("generalised cross entropy", {"loss": "generalised_cross_entropy", "label_smoothing": 0.0}),
    Way("averaged weights", {"label_smoothing": 0.1, "average": 0.99}),
    Way("label errors dropped", {"label_smoothing": 0.1}, drops_label_errors=True),
)


@dataclass(frozen=True, eq=False)
class Case:
    """What is trained on and what it is validated on."""

    name: str
    train: Dataset
    validation: Dataset


def cases(data: Path, seed: int) -> Iterator[Case]:
    """Every Dataset under every noise; another seed draws other images, flips and folds."""
    for name, source in (("mnist", f"{data}/mnist_png.tar.gz:train"), ("glyphs", "glyphs:train")):
        train, validation = _parts(glyphlab.load(source), seed)
        for share, kind in NOISE:
            labels = flip(train.labels, train.images, share, kind, seed)
            title = f"{name}, {share:.1%} {kind}" if share else f"{name}, none"
            yield Case(title, _relabelled(train, labels), validation)
    real = glyphlab.load(data / "notMNIST_large_sample.tar.gz")
    yield Case("large sample, as it is", *split(real, 0.2, seed))


def _parts(dataset: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    groups = groups_from_ids(dataset) if dataset.name.startswith("glyphs") else None
    rest, held_out = split(dataset, 0.3, seed, groups)
    random = np.random.default_rng(seed)
    train, validation = (d.subset(random.permutation(len(d))[:N]) for d in (rest, held_out))
    return train, validation


def _relabelled(dataset: Dataset, labels: Int64[np.ndarray, " n"]) -> Dataset:
    return Dataset(dataset.images, labels, dataset.ids, dataset.classes, dataset.name)


def train_and_validate(
    case: Case, way: Way, model: str, seed: int, settings: Mapping[str, Any]
) -> float:
    """Validation accuracy of one training."""
    train = case.train
    if way.drops_label_errors:
        audit = glyphlab.audit(train, seed=seed)
        train = glyphlab.clean(train, audit, drop=("label-errors",)).dataset
    recipe = glyphlab.default_recipe(model).replace(
        **{**settings, **way.changes, "validation": 0.0, "seed": seed}
    )
    with tempfile.TemporaryDirectory() as folder:
        run = glyphlab.fit(model, train, recipe, out=Path(folder) / "run")
        return glyphlab.evaluate(run, case.validation).accuracy


def compare(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Every way on every case, with every seed; what is in the file already is not done again."""
    settings = parse_settings(options.set or [])
    path = options.out.with_suffix(".jsonl")
    done = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    for seed in range(options.seeds):
        for case in cases(options.data, seed):
            if options.case and case.name not in options.case:
                continue
            for way in options.ways:
                key = {"model": options.model, "case": case.name, "way": way.name, "seed": seed}
                key["settings"] = settings
                if any(key.items() <= entry.items() for entry in done):
                    continue
                accuracy = train_and_validate(case, way, options.model, seed, settings)
                done.append({**key, "accuracy": accuracy})
                print(json.dumps(done[-1]), flush=True)
                write_text(path, "".join(json.dumps(entry) + "\n" for entry in done))
    return [e for e in done if e["model"] == options.model and e["settings"] == settings]


def lines_of(entries: list[dict[str, Any]], ways: Sequence[Way]) -> Iterator[str]:
    """Mean validation accuracy with the half width of its interval; ways are columns."""
    rows = []
    for case in dict.fromkeys(entry["case"] for entry in entries):
        cells = [case]
        for way in ways:
            found = [e["accuracy"] for e in entries if (e["case"], e["way"]) == (case, way.name)]
            cells.append(_cell(found))
        rows.append(tuple(cells))
    yield from table(("images, wrong labels", *(way.name for way in ways)), rows)


def _cell(accuracies: list[float]) -> str:
    if not accuracies:
        return "–"
    mean = mean_interval(accuracies)
    half = f" ± {mean.ci95.high - mean.mean:.4f}" if mean.ci95 else ""
    return f"{mean.mean:.4f}{half}"


def main() -> None:
    """Compare and publish."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="glyphnet")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", action="append", help="a key of every Recipe, as steps=900")
    parser.add_argument("--case", action="append", metavar="NAME", help="only these images")
    parser.add_argument(
        "--way", action="append", choices=[way.name for way in WAYS], help="only these ways"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/bench/noisy_labels.json"))
    parser.add_argument("--quick", action="store_true", help="glyphnet-small, 50 steps, one seed")
    options = parser.parse_args()
    if options.quick:
        options.model, options.seeds, options.set = "glyphnet-small", 1, ["steps=50"]
        options.out = options.out.with_stem("noisy_labels-quick")
    options.ways = [way for way in WAYS if options.way is None or way.name in options.way]
    entries = compare(options)
    facts = {"machine": machine(), "seeds": options.seeds, "n": N, "results": entries}
    head = f"{options.model}, {', '.join(options.set or ['its own Recipe'])}, {options.seeds} seeds"
    publish("noisy labels", facts, [head, *lines_of(entries, options.ways)], options.out)


if __name__ == "__main__":
    main()
