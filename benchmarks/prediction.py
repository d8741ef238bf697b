"""Prediction: how many images a second in bulk, and how long one image takes, beside the peers.

    python benchmarks/prediction.py [--models conv2,glyphnet] [--repeats 5] [--bfloat16]
        [--out FILE] [--quick]

glyphlab predicts as `glyphlab evaluate` does, in the precision that the hardware multiplies in, and
in float32; it starts from pixels and ends in probabilities. The peers are given images that are
normalised already and end in logits: Keras `predict` and, for one image, a call of the model as a
compiled function, with and without XLA; PyTorch, eager, in float32 and, beside the comparison where
`--bfloat16` asks for it, in bfloat16. Of each, the best of several batch sizes and layouts counts.
Each turn of each is a process of its own.
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from measuring import (
    machine,
    median_ratio,
    peer_python,
    publish,
    run_script,
    spread,
    table,
    take_turns,
)

MODELS = ("conv2", "conv-pool", "lenet5", "lenet5-classic", "glyphnet", "mlp", "logistic")
OURS, EXACT, ONE_VIEW = "glyphlab", "glyphlab float32", "glyphlab, one view"
KERAS, TORCH, TORCH_LOW = "Keras", "PyTorch float32", "PyTorch bfloat16"
PEERS = (KERAS, TORCH)
BULK = (OURS, EXACT, KERAS, TORCH, TORCH_LOW)
Taken = dict[str, list[dict[str, Any]]]


def ways_of(
    model: str, size: Mapping[str, Any], bfloat16: bool
) -> dict[str, Callable[[], dict[str, Any]]]:
    """Every way of predicting with one network."""
    task = {"model": model, **size}

    def ours(precision: str, arguments: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
        options = {**task, "precision": precision, "arguments": arguments}
        return partial(run_script, sys.executable, "peers/glyphlab_prediction.py", options)

    def peer(script: str, **options: Any) -> Callable[[], dict[str, Any]]:
        return partial(run_script, peer_python(), f"peers/{script}_prediction.py", task | options)

    ways = {
        OURS: ours("auto", {}),
        EXACT: ours("float32", {}),
        KERAS: peer("keras"),
        TORCH: peer("torch", bfloat16=False),
    }
    if bfloat16:
        ways[TORCH_LOW] = peer("torch", bfloat16=True)
    if model == "glyphnet":
        ways[ONE_VIEW] = ours("auto", {"views": 1})
    return ways


def rates(taken: Taken, way: str) -> list[float]:
    """Images per second in each turn."""
    return [turn["images_per_second"] for turn in taken[way]]


def best_peer(taken: Taken) -> str:
    """The peer that is fastest in bulk."""
    return max(PEERS, key=lambda way: statistics.median(rates(taken, way)))


def bulk_row(model: str, taken: Taken) -> list[str]:
    """A network's line in the table of many images."""
    peer, ours = best_peer(taken), ONE_VIEW if ONE_VIEW in taken else OURS
    ratio = median_ratio(rates(taken, ours), rates(taken, peer))
    cells = [spread(rates(taken, way)) for way in BULK if way in taken]
    if ours == ONE_VIEW:
        cells[0] += f"; one view {spread(rates(taken, ours))}"
    return [model, *cells, f"{ratio:.1f}× {peer}"]


def one_row(model: str, taken: Taken) -> list[str]:
    """A network's line in the table of single images."""
    ours, keras = taken[EXACT], taken[KERAS]
    predict = [min(t["all_p50_ms"][w] for w in ("predict", "predict, XLA")) for t in keras]
    cells = [spread([turn[name] for turn in ours], ".3f") for name in ("p50_ms", "p99_ms")]
    if ONE_VIEW in taken:
        cells[0] += f"; one view {spread([turn['p50_ms'] for turn in taken[ONE_VIEW]], '.3f')}"
    peers = [predict, *([turn["p50_ms"] for turn in taken[way]] for way in PEERS)]
    return [model, *cells, *(spread(waits, ".3f") for waits in peers)]


def main() -> None:
    """Measure, alternating between the ways, and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=lambda names: names.split(","), default=list(MODELS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--bfloat16", action="store_true", help="PyTorch in bfloat16 as well")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/prediction.json"))
    parser.add_argument("--quick", action="store_true", help="all of it in small")
    options = parser.parse_args()
    repeats = 1 if options.quick else options.repeats
    size = {"images": 8192, "seconds": 1.0, "singles": 2000}
    if options.quick:
        size = {"images": 256, "seconds": 0.02, "singles": 20}
    results = {}
    for model in options.models:
        print(model, file=sys.stderr)
        results[model] = take_turns(ways_of(model, size, options.bfloat16), repeats)
    lines = [
        f"Many images, images/s: median of {repeats} (range); ratio of the same turns.",
        *table(
            ("network", *(BULK if options.bfloat16 else BULK[:-1]), "by the best peer"),
            [bulk_row(model, taken) for model, taken in results.items()],
        ),
        "",
        f"One image, ms: median of {repeats} (range) of p50, p99 of {size['singles']} or of 5 s.",
        *table(
            ("network", "glyphlab p50", "glyphlab p99", "Keras predict", "Keras call", TORCH),
            [one_row(model, taken) for model, taken in results.items()],
        ),
    ]
    facts = {"n": repeats, "size": size, "machine": machine(), "results": results}
    publish("prediction", facts, lines, options.out)


if __name__ == "__main__":
    main()
