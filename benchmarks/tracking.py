"""What telling a tool of a training costs in each epoch: tiny trainings with and without it.

python benchmarks/tracking.py
"""

import os
import platform
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import glyphlab
from glyphlab.training.status import Status

REPEATS, EPOCHS = 5, 40
LOGS = ("nothing", "tensorboard", "mlflow")


def milliseconds(data: glyphlab.Dataset, log: str, out: Path) -> list[tuple[float, float]]:
    """Of each epoch but the first: by the clock, and of computing in all threads."""
    ends: list[tuple[float, float]] = []

    def note(status: Status) -> None:
        if status.entry:
            ends.append((time.perf_counter(), time.process_time()))

    recipe = glyphlab.default_recipe("logistic").replace(epochs=EPOCHS, device="cpu")
    glyphlab.fit(
        "logistic",
        data,
        recipe,
        out=out,
        log=[] if log == "nothing" else [log],
        report=note,
    )
    return [(1_000 * (b[0] - a[0]), 1_000 * (b[1] - a[1])) for a, b in pairwise(ends)]


def main() -> None:
    """Measure the three in turn, and print the median epoch of each."""
    data = glyphlab.load("glyphs")
    data = data.train if isinstance(data, glyphlab.TrainTest) else data
    data = data.subset(range(0, len(data), len(data) // 500))
    times: dict[str, list[tuple[float, float]]] = {log: [] for log in LOGS}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for repeat in range(REPEATS):
            for log in LOGS:
                times[log] += milliseconds(data, log, Path(folder) / f"{log}-{repeat}")
    print(f"{REPEATS} trainings of {EPOCHS} epochs each, in turn; {platform.machine()}")
    for log, each in times.items():
        clock, computing = map(statistics.median, zip(*each, strict=True))
        print(f"{log:12} {clock:7.1f} ms an epoch by the clock, {computing:7.1f} of computing")


if __name__ == "__main__":
    main()
