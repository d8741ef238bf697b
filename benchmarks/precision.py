"""bfloat16 beside float32: how fast each model trains in either on this processor.

    python benchmarks/precision.py [--models logistic,mlp,…] [--repeats 2] [--out FILE] [--quick]

Short trainings on the built-in letters, in turns. `precision = "auto"` should take the faster.
"""

import argparse
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

import glyphlab
from glyphlab.models.precision import choose_precision
from measuring import machine, median_ratio, publish, spread, table, take_turns

STEPS = {
    "logistic": 300,
    "mlp": 200,
    "conv2": 60,
    "conv-pool": 100,
    "lenet5": 150,
    "glyphnet-small": 40,
    "glyphnet": 15,
}
PRECISIONS = ("float32", "bfloat16")


def images_per_second(model: str, precision: str, steps: int) -> float:
    """The pace of a short training."""
    train, _ = glyphlab.load("glyphs")
    recipe = glyphlab.default_recipe(model).replace(steps=steps, device="cpu", precision=precision)
    with TemporaryDirectory() as folder:
        run = glyphlab.fit(model, train, recipe, out=Path(folder) / "run")
    return run.info.images_per_second or 0.0


def main() -> None:
    """Measure, alternating between the precisions, and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=",".join(STEPS))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/precision.json"))
    parser.add_argument("--quick", action="store_true", help="little of all, to see that it works")
    options = parser.parse_args()
    if options.quick:
        options.models, options.repeats = "logistic", 1
    rows, paces = [], {}
    for model in options.models.split(","):
        ways = {
            precision: partial(images_per_second, model, precision, STEPS[model])
            for precision in PRECISIONS
        }
        taken = paces[model] = take_turns(ways, options.repeats)
        ratio = median_ratio(taken["bfloat16"], taken["float32"])
        rows.append([model, *(spread(taken[name]) for name in PRECISIONS), f"{ratio:.2f}"])
    chosen = str(choose_precision("auto", torch.device("cpu"))).removeprefix("torch.")
    lines = [
        f"Images a second, n = {options.repeats}; auto is {chosen} here.",
        "",
        *table(["model", *PRECISIONS, "ratio"], rows),
    ]
    facts = {"machine": machine(), "auto": chosen, "paces": paces}
    publish("precision", facts, lines, options.out)


if __name__ == "__main__":
    main()
