"""What eight bits cost and gain: every model's int8 ONNX file beside its float32 one.

    python benchmarks/quantised.py [--models mlp,lenet5] [--data ../shared/data] [--repeats 5]
        [--runs runs/quantised] [--out FILE] [--quick]

Each model is trained by its default Recipe on the notMNIST large sample, exported with int8 that is
set by the training images that the run keeps, and both files are tested on notMNIST's small half.
Runs that are finished are kept, so that a stopped benchmark goes on. Nothing is chosen by the test
images. Both files are timed in turns in one process, on as many threads as OMP_NUM_THREADS says.
"""

import argparse
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

import glyphlab
from glyphlab.cli.training_view import watch_training
from glyphlab.exporting.export import Export
from glyphlab.exporting.int8 import speed_ratio
from glyphlab.exporting.onnx_runtime import OnnxPredictor
from glyphlab.models import names
from glyphlab.training.run import Run
from measuring import OWN_PACKAGES, machine, publish, table

TRAIN, TEST = "notMNIST_large_sample.tar.gz", "notMNIST_small_half.tar.gz"
QUICK_STEPS = 20
HEADER = (
    "model",
    "float32 bytes",
    "int8",
    "speed: median (range)",
    "same class",
    "accuracy float32",
    "int8",
    "difference (95 % interval)",
)


def main() -> None:
    """Train, export, test and time each model."""
    options = parse()
    train, test = (glyphlab.load(options.data / name) for name in (TRAIN, TEST))
    measured = []
    for model in options.models:
        run = trained(model, train, options)
        with TemporaryDirectory(prefix="glyphlab-") as folder:
            made = glyphlab.export(run, "onnx", Path(folder) / "out", check=test, int8=True)
            measured.append(facts(run, made, speeds(made, test, options.repeats)))
    about = machine((*OWN_PACKAGES, "onnxruntime")) | {"threads": str(torch.get_num_threads())}
    lines = page(measured, about, options.repeats)
    publish("quantised", {"machine": about, "models": measured}, list(lines), options.out)


def trained(model: str, train: glyphlab.Dataset, options: argparse.Namespace) -> Run:
    """The run of a model by its default Recipe, from before or new."""
    recipe = glyphlab.default_recipe(model)
    if options.quick:
        recipe = recipe.replace(steps=QUICK_STEPS)
    with watch_training(model) as report:
        out = options.runs / model
        return glyphlab.fit(model, train, recipe, out=out, resume=True, report=report)


def speeds(made: Export, test: glyphlab.Dataset, repeats: int) -> list[float]:
    """Images per second by the int8 file as shares of the float32 file's."""
    small, whole = (
        OnnxPredictor((made.folder / name).read_bytes()) for name in sorted(onnx_files(made))
    )
    return [speed_ratio(small, whole, test.images) for _ in range(repeats)]


def onnx_files(made: Export) -> list[str]:
    """Names of both models; the one in eight bits is the first in order."""
    return [name for name in made.files if name.endswith(".onnx")]


def facts(run: Run, made: Export, ratios: Sequence[float]) -> dict[str, Any]:
    """What was measured of one model."""
    small, whole = sorted(onnx_files(made))
    told = made.to_json()
    return {
        "model": run.info.model,
        "n_train": run.info.n_train,
        "seconds": run.info.seconds,
        "bytes_float32": made.files[whole],
        "bytes_int8": made.files[small],
        "speed_ratios": list(ratios),
        "largest_difference": told["agreement"]["largest_difference"],
        "accuracy_float32": told["evaluation"]["accuracy"],
        **told["int8"],
    }


def page(measured: Sequence[dict[str, Any]], about: dict[str, str], repeats: int) -> Iterator[str]:
    """Lines of Markdown."""
    first = measured[0]
    yield (
        f"Trained on {first['n_train']:,} images, int8 set by {first['n_calibration']:,} of them, "
        f"tested on {first['evaluation']['n']:,}; speeds from {repeats} timings. "
        f"{', '.join(f'{key} {value}' for key, value in about.items())}."
    )
    yield ""
    yield from table(HEADER, [row(each) for each in measured])


def row(each: dict[str, Any]) -> tuple[str, ...]:
    """A model's row of the table."""
    low, high = each["difference_ci95"]
    ratios = each["speed_ratios"]
    return (
        f"`{each['model']}`",
        f"{each['bytes_float32']:,}",
        f"{each['bytes_int8']:,} ({each['size_ratio']:.2f} ×)",
        f"{statistics.median(ratios):.2f} × ({min(ratios):.2f}–{max(ratios):.2f})",
        f"{each['same_class']:.2%}",
        f"{each['accuracy_float32']:.4f}",
        f"{each['evaluation']['accuracy']:.4f}",
        f"{100 * each['difference']:+.2f} ({100 * low:+.2f} to {100 * high:+.2f})",
    )


def parse() -> argparse.Namespace:
    """The words of the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(names()))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--repeats", type=int, default=5, help="Timings of each pair.")
    parser.add_argument("--runs", type=Path, default=Path("runs/quantised"))
    parser.add_argument("--out", type=Path, default=Path("runs/bench/quantised.json"))
    parser.add_argument("--quick", action="store_true", help="A few steps of two models.")
    options = parser.parse_args()
    if options.quick:
        options.models, options.repeats = ["logistic", "lenet5"], 1
        options.runs = options.runs / "quick"
    return options


if __name__ == "__main__":
    main()
