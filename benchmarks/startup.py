"""Start-up: how long `glyphlab --help`, a completion, one image and one evaluation take from cold.

    python benchmarks/startup.py [--models conv2,glyphnet] [--repeats 10] [--out FILE] [--quick]

Each is a new process, timed from its start to its end; files are in the system's cache. Beside
them, what any program of this kind pays: Python alone, and importing torch.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from glyphlab import Dataset, Recipe, fit, save_dataset
from measuring import machine, publish, spread, table, take_turns

CLASSES = "ABCDEFGHIJ"
PREDICT = """
import numpy
from glyphlab import Classifier
image = numpy.zeros((1, 28, 28, 1), numpy.uint8)
print(Classifier.load("{weights}").probabilities(image))
"""
COMPLETE = """
import os
os.environ["_GLYPHLAB_COMPLETE"] = "complete_bash"
os.environ |= {{"COMP_WORDS": "{words}", "COMP_CWORD": "{at}"}}
from glyphlab.cli import main
main([])
"""
WANTED = {"glyphlab --help": 0.4, "one image": 2.5}


def random_dataset() -> Dataset:
    """A hundred random images of ten classes."""
    images = np.random.default_rng(0).integers(0, 256, (100, 28, 28, 1), np.uint8)
    names = [str(number) for number in range(100)]
    return Dataset(images, np.arange(100) % 10, names, tuple(CLASSES), "random", "random")


def seconds_of(words: Sequence[str]) -> float:
    """Seconds that a new process of Python takes."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - started


def commands(models: Sequence[str], folder: Path) -> dict[str, list[str]]:
    """What is started: the words behind `python`."""
    dataset, file = random_dataset(), folder / "random.safetensors"
    save_dataset(dataset, file)
    started = {
        "Python alone": ["-c", "pass"],
        "import torch": ["-c", "import torch"],
        "glyphlab --help": ["-m", "glyphlab", "--help"],
        "completing a command": ["-c", COMPLETE.format(words="glyphlab tra", at=1)],
        "completing a model": ["-c", COMPLETE.format(words="glyphlab train le", at=2)],
        "completing a Dataset": ["-c", COMPLETE.format(words="glyphlab lab --data gl", at=3)],
        "glyphlab models": ["-m", "glyphlab", "models"],
    }
    for model in models:
        run = fit(model, dataset, Recipe(epochs=1, min_steps=1), out=folder / model).path
        predict = PREDICT.format(weights=run / "weights.safetensors")
        started[f"one image, {model}"] = ["-c", predict]
        evaluate = ["evaluate", str(run), "--data", str(file)]
        started[f"glyphlab evaluate, 100 images, {model}"] = ["-m", "glyphlab", *evaluate]
    return started


def main() -> None:
    """Measure, alternating between the commands, and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--models",
        type=lambda names: [name for name in names.split(",") if name],
        default=["conv2", "glyphnet"],
        help="to predict and evaluate by; '' for none",
    )
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/startup.json"))
    parser.add_argument("--quick", action="store_true", help="all of it in small")
    options = parser.parse_args()
    repeats = 2 if options.quick else options.repeats
    with TemporaryDirectory() as folder:
        ways: dict[str, Callable[[], float]] = {
            name: partial(seconds_of, words)
            for name, words in commands(options.models, Path(folder)).items()
        }
        taken = take_turns(ways, repeats)
    rows = [
        [name, spread(seconds, ".2f"), *(f"{limit} s" for limit in [wanted(name)] if limit)]
        for name, seconds in taken.items()
    ]
    lines = [
        f"Seconds from start to end of a process: median of {repeats} (range).",
        *table(("command", "seconds", "wanted"), [[*row, "–"][:3] for row in rows]),
    ]
    facts = {"n": repeats, "machine": machine(), "seconds": taken}
    publish("startup", facts, lines, options.out)


def wanted(name: str) -> float | None:
    """The most that is wanted, where something is."""
    return next((limit for begins, limit in WANTED.items() if name.startswith(begins)), None)


if __name__ == "__main__":
    main()
