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

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from commands import run
from disk import NEVER, Disk
from glyphlab.files import write_json
from jobs import FAULTS, JOBS, Job, Tally, look, prepare, print_table, undisturbed

COUNTS = ("calls", "tried", "files that lost bytes")


def torment(job: Job, times: int, disk: Disk, show: Callable[[str], None]) -> Tally:
    """Let the power go at one call of a job after another, and see what is left."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        clean, here = Path(name) / "clean", Path(name) / "here"
        clean.mkdir()
        prepare(clean)
        disk.fail(here, NEVER, NEVER)
        usual = undisturbed(job, clean, here)
        calls = disk.calls
        tally.count("calls", calls)
        shutil.rmtree(here)
        tried = np.unique(np.linspace(1, calls, min(calls, times)).round().astype(int))
        for turn, call in enumerate(tried.tolist()):
            lose = (_become_zeros, os.truncate)[turn % 2]
            what = f"call {call} of {calls}, {'zeros' if lose is _become_zeros else 'cut off'}"
            show(what)
            disk.work()
            shutil.copytree(clean, here)
            disk.fail(here, call, NEVER)
            run(job.work, job.words, here)
            disk.work()
            tally.count("tried")
            for path, size in disk.waiting(here):
                tally.count("files that lost bytes")
                lose(path, size)
            look(job, here, usual, tally, what)
            shutil.rmtree(here)
    return tally


def _become_zeros(path: Path, size: int) -> None:
    """Let zeros stand behind so many bytes."""
    end = path.stat().st_size
    os.truncate(path, size)
    os.truncate(path, end)


def _show(what: str) -> None:
    print(f"  {what}", file=sys.stderr)


def main() -> None:
    """Let the power go, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--jobs", nargs="+", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--out", type=Path, default=Path("runs/torture/power.json"))
    options = parser.parse_args()
    tallies = {}
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        disk = Disk(Path(place), error=None)
        for name in options.jobs:
            print(name, file=sys.stderr)
            tallies[name] = torment(JOBS[name], options.times, disk, _show)
            write_json(options.out, {name: vars(tally) for name, tally in tallies.items()})
    print_table(tallies, COUNTS, FAULTS)
    sys.exit(any(tally.faults for tally in tallies.values()))


if __name__ == "__main__":
    main()
