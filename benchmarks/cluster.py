"""What a cluster costs beside plain processes: short trainings, two at once on one thread each.

    python benchmarks/cluster.py [--trainings 20] [--epochs 3] [--repeats 3] [--out FILE] [--quick]

Half of the trainings are of logistic regression, half of mlp, on the built-in letters, each with a
seed of its own. One side is `train_all` on a cluster of Ray that is started here with two cores, as
`glyphlab lab --on ray` does it: the images are sent, progress is told, and each run's folder comes
back. The other side is two plain processes that train by `glyphlab.fit` straight into the folders,
and know the images before. Both sides have started, and imported PyTorch, before the clock does.
The weights of both must be equal, bit for bit.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from measuring import machine, median_ratio, publish, spread, table, take_turns

AT_ONCE = 2
RAY, PROCESSES = "Ray", "two processes"
os.environ |= {"OMP_NUM_THREADS": "1", "RAY_ADDRESS": "local"}

import glyphlab  # noqa: E402  # by so many threads
from glyphlab.lab.trainings import Training, train_all  # noqa: E402
from glyphlab.lab.watching import Note  # noqa: E402
from glyphlab.places.opening import open_place  # noqa: E402
from glyphlab.places.place import Place, Task  # noqa: E402
from glyphlab.training.status import Status  # noqa: E402


def letters() -> glyphlab.Dataset:
    """The built-in training images."""
    loaded = glyphlab.load("glyphs:train")
    assert isinstance(loaded, glyphlab.Dataset)
    return loaded


def all_trainings(folder: Path, count: int, epochs: int) -> list[Training]:
    """Of both models in turn, each with a seed of its own."""
    dataset = letters()
    models = [("logistic", "mlp")[number % 2] for number in range(count)]
    return [
        Training(
            f"{model}, seed {seed}",
            model,
            dataset,
            glyphlab.default_recipe(model).replace(epochs=epochs, seed=seed, device="cpu"),
            folder / f"{model}-{seed}",
        )
        for seed, model in enumerate(models)
    ]


@contextmanager
def watch(titles: Sequence[str]) -> Iterator[Note]:
    """Be told of progress, as a terminal is, and show nothing."""

    def note(title: str, state: str, node: str = "", status: Status | None = None) -> None:
        pass

    yield note


def on_cluster(place: Place, count: int, epochs: int) -> float:
    """Seconds of all trainings on a cluster."""
    with tempfile.TemporaryDirectory() as folder:
        trainings = all_trainings(Path(folder), count, epochs)
        started = time.perf_counter()
        train_all(trainings, place, watch, Path(folder))
        seconds = time.perf_counter() - started
        _note_weights(trainings)
    return seconds


def in_processes(pool: ProcessPoolExecutor, count: int, epochs: int) -> float:
    """Seconds of all trainings in plain processes."""
    with tempfile.TemporaryDirectory() as folder:
        trainings = all_trainings(Path(folder), count, epochs)
        orders = [(each.model, each.recipe, each.out) for each in trainings]
        started = time.perf_counter()
        list(pool.map(_fit, orders))
        seconds = time.perf_counter() - started
        _note_weights(trainings)
    return seconds


_WEIGHTS: dict[str, dict[str, Any]] = {}
_HELD: list[glyphlab.Dataset] = []


def _note_weights(trainings: Sequence[Training]) -> None:
    """Remember what each training came to, and fail where another turn came to something else."""
    for training in trainings:
        weights = load_file(training.out / "weights.safetensors")
        first = _WEIGHTS.setdefault(training.title, weights)
        if not all(np.array_equal(first[name], weights[name]) for name in first):
            raise RuntimeError(f"{training.title} has not the same weights on both sides.")


def _start() -> None:
    import torch

    torch.set_num_threads(1)
    _HELD.append(letters())


def _fit(order: tuple[str, glyphlab.Recipe, Path]) -> None:
    model, recipe, out = order
    glyphlab.fit(model, _HELD[0], recipe, out=out, report=lambda status: None)


def _warm(seconds: float) -> None:
    import glyphlab.lab.trainings  # noqa: F401

    time.sleep(seconds)


def main() -> None:
    """Measure both sides in turn, print the table, and write JSON."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--trainings", type=int, default=20)
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--out", type=Path, default=Path("runs/bench/cluster.json"))
    options.add_argument("--quick", action="store_true", help="all in small")
    asked = options.parse_args()
    if asked.quick:
        asked.trainings, asked.epochs, asked.repeats = 4, 1, 2
    with (
        ProcessPoolExecutor(AT_ONCE, get_context("spawn"), _start) as pool,
        open_place("ray") as place,
    ):
        if place.at_once != AT_ONCE:
            sys.exit(f"This machine has {place.at_once} cores; the comparison is made for two.")
        list(pool.map(_warm, [1.0] * AT_ONCE))
        list(place.run([Task("warm", _warm, (1.0,)) for _ in range(AT_ONCE)]))
        given = (asked.trainings, asked.epochs)
        seconds = take_turns(
            {
                RAY: lambda: on_cluster(place, *given),
                PROCESSES: lambda: in_processes(pool, *given),
            },
            asked.repeats,
        )
    _publish(seconds, asked)


def _publish(seconds: dict[str, list[float]], asked: argparse.Namespace) -> None:
    ratio = median_ratio(seconds[RAY], seconds[PROCESSES])
    more = statistics.median(a - b for a, b in zip(seconds[RAY], seconds[PROCESSES], strict=True))
    facts: dict[str, Any] = {
        "trainings": asked.trainings,
        "epochs": asked.epochs,
        "at_once": AT_ONCE,
        "seconds": seconds,
        "ratio": ratio,
        "seconds_more": more,
        "machine": machine(("glyphlab", "torch", "numpy", "ray")),
    }
    lines = [
        *table(
            (f"{asked.trainings} trainings, {AT_ONCE} at once", "seconds"),
            [(side, spread(values, ".1f")) for side, values in seconds.items()],
        ),
        f"Ray takes {ratio:.3f} times as long (median of {asked.repeats} turns): {more:+.1f} s.",
    ]
    publish("What does a cluster cost beside plain processes?", facts, lines, asked.out)


if __name__ == "__main__":
    main()
