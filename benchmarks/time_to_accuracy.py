"""How long until 94 % of notMNIST_small, or 99 % of MNIST, are recognised, from a cold process.

    python benchmarks/time_to_accuracy.py [--only notmnist mnist] [--seeds 5]
        [--peer-seeds 2] [--epochs 4] [--quick]

Ours is `glyphnet-small` by its default Recipe on all training images, read from their archives;
the seconds run from the start of the process to the evaluated result. Peers are Keras and PyTorch
loops with Adam and no augmentation on arrays that were decoded before; after each epoch they are
tested, and stop when the accuracy is reached: neither decoding nor testing counts against them.
The notebook's procedure (its first network) is timed on two of its 530 batches and extrapolated.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import glyphlab
from measuring import machine, peer_python, publish, run_script, spread, table

NOTEBOOK_BATCHES = 530
PEERS = {
    "Keras, the notebook's first network, Adam": ("until_keras.py", "conv2"),
    "Keras, its MNIST example's network, Adam": ("until_keras.py", "example"),
    "PyTorch, the same network, Adam": ("until_torch.py", "example"),
}


@dataclass(frozen=True)
class Question:
    """Which accuracy is to be reached on what."""

    name: str
    target: float
    train: tuple[str, ...]
    test: str


QUESTIONS = (
    Question(
        "notmnist", 0.94, ("glyphs:train", "notMNIST_large_sample.tar.gz"),
        "notMNIST_small_half.tar.gz",
    ),
    Question("mnist", 0.99, ("mnist_png.tar.gz:train",), "mnist_png.tar.gz:test"),
)  # fmt: skip


def main() -> None:
    """Measure, and publish the table."""
    options = parse()
    answers = {
        question.name: measure(question, options)
        for question in QUESTIONS
        if question.name in (options.only or question.name)
    }
    facts = {"machine": machine(), "seeds": options.seeds, "questions": answers}
    lines = [line for name, answer in answers.items() for line in page(name, answer)]
    publish("time to accuracy", facts, lines, options.out)


def measure(question: Question, options: argparse.Namespace) -> dict[str, Any]:
    """Ours and the peers in turns, a seed a turn; then the notebook, once."""
    train = [source_of(source, options.data) for source in question.train]
    test = source_of(question.test, options.data)
    arrays = write_arrays(question.name, train, test, options.out.parent)
    python, ours, peers = peer_python(), [], {name: [] for name in PEERS}
    for seed in range(options.seeds):
        print(f"  {question.name}, seed {seed}: ours", file=sys.stderr)
        task = {"train": train, "test": test, "seed": seed}
        ours.append(timed_script(sys.executable, "train_and_test.py", task))
        for name, (script, network) in PEERS.items() if seed < options.peer_seeds else ():
            print(f"  {question.name}, seed {seed}: {name}", file=sys.stderr)
            task = {"arrays": str(arrays), "network": network, "target": question.target}
            task |= {"seed": seed, "epochs": options.epochs}
            peers[name].append(timed_script(python, f"peers/{script}", task))
    answer = {"target": question.target, "ours": ours, "peers": peers}
    if question.name == "notmnist":
        procedure = {"model": "conv2", "batches": 2}
        measured = run_script(python, "peers/notebook_keras.py", procedure)
        answer["notebook_seconds"] = measured["seconds_per_batch"] * NOTEBOOK_BATCHES
    return answer


def timed_script(python: Path | str, script: str, task: dict[str, Any]) -> dict[str, Any]:
    """What a script told, and the seconds of its process less those in which peers are tested."""
    start = time.perf_counter()
    told = run_script(python, script, task)
    seconds = time.perf_counter() - start - told.get("testing_seconds", 0.0)
    return {**told, "seconds": seconds}


def source_of(source: str, data: Path) -> str:
    """A built-in Dataset's name as it is, a file with its folder."""
    return source if source.startswith("glyphs") else str(data / source)


def write_arrays(name: str, train: list[str], test: str, folder: Path) -> Path:
    """Images as float32 [n, 28, 28, 1] of 0 to 1, and labels, for the peers to load."""
    parts = {
        "train": glyphlab.concatenate([glyphlab.load(source) for source in train]),
        "test": glyphlab.load(test),
    }
    path = folder / f"{name}-arrays.npz"
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {f"{part}_images": np.float32(d.images) / 255 for part, d in parts.items()}
    np.savez(path, **arrays, **{f"{part}_labels": d.labels for part, d in parts.items()})
    return path


def page(name: str, answer: Mapping[str, Any]) -> Iterator[str]:
    """The table of one question: seconds to the target, and how they compare."""
    ours = [run["seconds"] for run in answer["ours"]]
    accuracies = [run["accuracy"] for run in answer["ours"]]
    reached = sum(accuracy >= answer["target"] for accuracy in accuracies)
    training = [run["train_seconds"] for run in answer["ours"]]
    reached_of = f"{reached} of {len(ours)}"
    rows = [
        (
            "glyphlab, whole process",
            spread(ours, ".1f"),
            reached_of,
            spread(accuracies, ".4f"),
            "1",
        ),
        ("glyphlab, training alone", spread(training, ".1f"), "", "", ""),
    ]
    for peer, runs in answer["peers"].items():
        rows.append(peer_row(peer, runs, statistics.median(ours)))
    if "notebook_seconds" in answer:
        seconds = answer["notebook_seconds"]
        ratio = f"{seconds / statistics.median(ours):,.0f}"
        rows.append(("the notebook's task 1, extrapolated", f"{seconds:,.0f}", "", "", ratio))
    yield f"\n{name}: time to {answer['target']:.0%}\n"
    yield from table(("way", "seconds: median (range)", "reached", "accuracy", "times ours"), rows)


def peer_row(name: str, runs: list[dict[str, Any]], ours: float) -> tuple[str, ...]:
    """A peer that never reached the target is shown with the time of all of its epochs."""
    reached = sum(run["reached"] for run in runs)
    seconds = [run["seconds"] for run in runs]
    sign = "" if reached == len(runs) else "> "
    return (
        name,
        sign + spread(seconds, ".1f"),
        f"{reached} of {len(runs)}",
        spread([run["accuracy"] for run in runs], ".4f"),
        f"{sign}{statistics.median(seconds) / ours:.1f}",
    )


def parse() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="*", choices=[question.name for question in QUESTIONS])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--peer-seeds", type=int, default=2, help="of the peers, which take long")
    parser.add_argument("--epochs", type=int, default=4, help="after which a peer gives up")
    parser.add_argument("--quick", action="store_true", help="one seed, two epochs of the peers")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/time_to_accuracy.json"))
    options = parser.parse_args()
    if options.quick:
        options.seeds = options.peer_seeds = 1
        options.epochs = 2
    return options


if __name__ == "__main__":
    main()
