"""A crowded machine: how fast a training is beside programs that use the cores, by its threads.

    python benchmarks/crowded.py [--models logistic,lenet5] [--beside 0,1,2,4] [--quick]

So many processes that only count run beside `glyphlab train` on the built-in letters. It trains by
one thread and by as many as there are cores, in turns; told is the median of images a second, and
of the ratio of the two.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from glyphlab.processes import available_cores
from measuring import machine, median_ratio, publish, spread, table, take_turns

COUNT = "while True: pass"


@contextmanager
def programs(number: int) -> Iterator[None]:
    """Let so many other programs run."""
    running = [subprocess.Popen([sys.executable, "-c", COUNT]) for _ in range(number)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def images_per_second(model: str, steps: int, threads: int) -> float:
    """The pace of a short training, in a process of its own."""
    with TemporaryDirectory() as name:
        words = ["train", model, "--data", "glyphs", "--out", f"{name}/run", "--json", "-"]
        done = subprocess.run(
            [sys.executable, "-m", "glyphlab", *words, "--set", f"steps={steps}"],
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            capture_output=True,
            check=True,
        )
    return float(json.loads(done.stdout)["images_per_second"])


def main() -> None:
    """Measure, alternating between the numbers of threads, and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default="logistic,lenet5")
    parser.add_argument("--beside", default="0,1,2,4")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/crowded.json"))
    parser.add_argument("--quick", action="store_true", help="little of all, to see that it works")
    options = parser.parse_args()
    if options.quick:
        options.models, options.beside, options.steps, options.repeats = "logistic", "0,1", 20, 1
    cores = available_cores()
    facts, rows = {}, []
    for model in options.models.split(","):
        for beside in map(int, options.beside.split(",")):
            ways = {
                str(threads): partial(images_per_second, model, options.steps, threads)
                for threads in (1, cores)
            }
            with programs(beside):
                paces = take_turns(ways, options.repeats)
            one, all_cores = paces["1"], paces[str(cores)]
            ratio = median_ratio(all_cores, one)
            rows.append([model, str(beside), spread(one), spread(all_cores), f"{ratio:.2f}"])
            facts[f"{model}, {beside} beside"] = paces
    header = ["model", "programs beside", "one thread", f"{cores} threads", "ratio"]
    lines = [f"Images a second, n = {options.repeats}.", "", *table(header, rows)]
    publish("crowded", {"machine": machine(), "paces": facts}, lines, options.out)


if __name__ == "__main__":
    main()
