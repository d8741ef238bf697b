"""Commands during which the power goes, at every call that changes a file there is.

Usage: python torture/power.py [--times 50] [--jobs …] [--out FILE]
It needs a C compiler and Linux. Each job is done undisturbed once, and its calls that change a file
or folder are counted, as by `failing_writes.py`. Then all its processes are killed at its first
call; at its second, and so on; of more than `--times` calls so many are taken, evenly. What was
written by then and not yet brought to the disk (fsync) is lost: zeros stand in its place, or the
file ends before it, in turns. What was renamed is taken to be so, as on file systems that keep a
journal. Afterwards the job is done once more. Told of each job: how often it was tried, how many
files lost something, and of how many tries what `kill.py` tells.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from commands import run
from disk import NEVER, Disk, staged
from jobs import FAULTS, Job, Tally, argument_parser, attack, look, show

COUNTS = ("calls", "tried", "files that lost bytes")
LOSSES = ("zeros", "cut off")


def torment(job: Job, times: int, disk: Disk, show: Callable[[str], None]) -> Tally:
    """Let the power go at one call of a job after another, and see what is left."""
    tally = Tally()
    with staged(job, disk) as stage:
        tally.count("calls", stage.calls)
        for turn, call in enumerate(stage.some_calls(times)):
            loss = LOSSES[turn % len(LOSSES)]
            what = f"call {call} of {stage.calls}, {loss}"
            show(what)
            with stage.set(call, NEVER) as here:
                run(job.work, job.words, here)
                disk.work()
                tally.count("tried")
                for path, size in disk.waiting(here):
                    tally.count("files that lost bytes")
                    lose(path, size, loss)
                look(job, here, stage.usual, tally, what)
    return tally


def lose(path: Path, size: int, loss: str) -> None:
    """Leave so many bytes of a file, and behind them zeros or nothing."""
    end = path.stat().st_size
    os.truncate(path, size)
    if loss == "zeros":
        os.truncate(path, end)


def main() -> None:
    """Let the power go, and tell."""
    options = argument_parser(__doc__, times=50, out="runs/torture/power.json").parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        disk = Disk(Path(place), error=None)
        attack(options, lambda job: torment(job, options.times, disk, show), COUNTS, FAULTS)


if __name__ == "__main__":
    main()
