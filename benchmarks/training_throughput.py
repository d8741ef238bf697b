"""Images per second of training, by glyphlab and by its peers, on the same work.

    python benchmarks/training_throughput.py [--repeats 3] [--models conv2,glyphnet]
        [--batches 32,128,512] [--seconds 3] [--bfloat16] [--quick] [--out FILE]

The work: the same network and batch, random grey images of 28×28, cross-entropy, plain SGD, nothing
augmented, no dropout. Each way runs in a process of its own, all take turns, and a peer that offers
two ways to do the same (Keras's `fit` and `train_on_batch`, PyTorch's two layouts of memory) counts
with the faster one. Peers get float32 images that are normalised already, and compute in float32,
as they do unless told otherwise; glyphlab gathers and normalises bytes, and computes as
`glyphlab train` does by default. Where peers differ, they do less: the border of lenet5-classic is
zeros. For reference, glyphlab's own Recipe (AdamW, augmentation and dropout) is timed, too. The
first step, with what it compiles, is told apart.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from measuring import machine, median_ratio, peer_python, publish, run_script, table, take_turns

PARAMETERS = {
    "conv2": 225_898,
    "conv-pool": 54_410,
    "lenet5": 83_774,
    "lenet5-classic": 61_706,
    "glyphnet": 308_074,
}
OURS, RECIPE = "glyphlab", "glyphlab, own Recipe"
PEERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Keras": ("keras_training.py", {"jit": False}),
    "Keras, jit_compile": ("keras_training.py", {"jit": True}),
    "PyTorch": ("torch_training.py", {"compiled": False}),
    "PyTorch, compiled": ("torch_training.py", {"compiled": True}),
    "JAX": ("jax_training.py", {}),
}
IN_BFLOAT16: dict[str, tuple[str, dict[str, Any]]] = {
    "PyTorch, bfloat16": ("torch_training.py", {"compiled": False, "bfloat16": True}),
    "PyTorch, compiled, bfloat16": ("torch_training.py", {"compiled": True, "bfloat16": True}),
}
Answer = dict[str, Any]
Way = Callable[[], Answer]


def ways(task: Mapping[str, Any], bfloat16: bool) -> dict[str, Way]:
    """Every way of training by name, each to be timed by calling it."""
    script, python = "peers/glyphlab_training.py", peer_python()
    ours: dict[str, Way] = {
        name: partial(run_script, sys.executable, script, {**task, "own_recipe": name == RECIPE})
        for name in (OURS, RECIPE)
    }
    peers = PEERS | (IN_BFLOAT16 if bfloat16 else {})
    return ours | {
        name: partial(run_script, python, f"peers/{file}", {**task, **options})
        for name, (file, options) in peers.items()
    }


def check_parameters(model: str, answers: Mapping[str, Sequence[Answer]]) -> None:
    """Refuse to compare networks of different size."""
    for way, told in answers.items():
        if told[0]["parameters"] != PARAMETERS[model]:
            raise SystemExit(f"{way} has {told[0]['parameters']:,} parameters in {model}.")


def paces(answers: Sequence[Answer]) -> list[float]:
    """Images per second, turn by turn."""
    return [answer["images_per_second"] for answer in answers]


def measured(task: Mapping[str, Any], repeats: int, bfloat16: bool) -> dict[str, Any]:
    """All ways on one network and batch, and how far glyphlab is ahead of the best peer."""
    print(f"{task['model']}, batches of {task['batch_size']}", file=sys.stderr)
    answers = take_turns(ways(task, bfloat16), repeats)
    check_parameters(task["model"], answers)
    best = max(PEERS, key=lambda name: median(paces(answers[name])))
    return {
        **task,
        "best_peer": best,
        "times_best_peer": median_ratio(paces(answers[OURS]), paces(answers[best])),
        "peak_share": median(answer["peak_share"] for answer in answers[OURS]),
        "ways": answers,
    }


def lines(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Two tables: images per second, then the seconds of the first step."""
    names = list(results[0]["ways"])
    header = ["images/s", "batch", *names, "best peer", "glyphlab by best peer", "of the peak"]
    yield from table(header, [_pace_row(result, names) for result in results])
    yield ""
    header = ["seconds of the first step", "batch", *names]
    yield from table(header, [_first_row(result, names) for result in results])


def _pace_row(result: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    cells = [f"{median(paces(result['ways'][name])):,.0f}" for name in names]
    ratio, share = f"{result['times_best_peer']:.2f}×", f"{result['peak_share']:.1%}"
    return [result["model"], str(result["batch_size"]), *cells, result["best_peer"], ratio, share]


def _first_row(result: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    first = [
        median(answer["first_step_seconds"] for answer in result["ways"][name]) for name in names
    ]
    return [result["model"], str(result["batch_size"]), *(f"{seconds:.1f}" for seconds in first)]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", default=",".join(PARAMETERS))
    parser.add_argument("--batches", default="32,128,512")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="timed for each way and turn")
    parser.add_argument("--bfloat16", action="store_true", help="PyTorch in bfloat16 as well")
    parser.add_argument("--quick", action="store_true", help="one network, one batch, once")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/training_throughput.json"))
    options = parser.parse_args()
    if options.quick:
        options.models, options.batches = "conv-pool", "128"
        options.repeats, options.seconds = 1, 0.3
    tasks = [
        {"model": model, "batch_size": int(size), "seconds": options.seconds}
        for model in options.models.split(",")
        for size in options.batches.split(",")
    ]
    results = [measured(task, options.repeats, options.bfloat16) for task in tasks]
    facts = {"machine": machine(), "n": options.repeats, "results": results}
    publish("Training throughput", facts, list(lines(results)), options.out)


if __name__ == "__main__":
    main()
