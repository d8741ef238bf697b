"""Commands whose disk is full, or broken, from one write on, for every write there is.

Usage: python torture/failing_writes.py [--times 200] [--error ENOSPC] [--jobs …] [--out FILE]
It needs a C compiler and Linux: faults.c is put between the commands and the system. Each job is
done undisturbed once, and its calls that change a file or folder are counted: to make, write, cut
off, rename, and to wait until it is on the disk. Then the job is done with its first call failing,
and all after it; with its second, and all after; and so on, and once more each with that call alone
failing. Of more than `--times` calls so many are taken, evenly. Afterwards the job is done once
more, with a disk that works. Told of each job: how often it was tried, how often it did its work
all the same or gave up with status 2, and of how many of these it ended in any other way or with a
traceback, claimed success without its results, and as of `kill.py`.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from commands import run
from disk import NEVER, Disk
from glyphlab.files import write_json
from jobs import FAULTS, JOBS, Job, Tally, Usual, look, prepare, print_table, results, undisturbed

COUNTS = ("calls", "tried", "did its work", "gave up")
MORE_FAULTS = ("no sentence", "false success", *FAULTS)


def torment(job: Job, times: int, disk: Disk, show: Callable[[str], None]) -> Tally:
    """Let a job's calls fail, one after another, and see what is left."""
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
        for first in np.unique(np.linspace(1, calls, min(calls, times)).round().astype(int)):
            for last in (NEVER, int(first)):
                what = f"call {first} of {calls}{', and all after' if last == NEVER else ' alone'}"
                show(what)
                disk.work()
                shutil.copytree(clean, here)
                disk.fail(here, int(first), last)
                _try_once(job, here, usual, tally, what)
                disk.work()
                look(job, here, usual, tally, what)
                shutil.rmtree(here)
    return tally


def _try_once(job: Job, here: Path, usual: Usual, tally: Tally, what: str) -> None:
    status, said = run(job.work, job.words, here)
    tally.count("tried")
    if status not in (0, 2) or "Traceback" in said:
        tally.note("no sentence", f"{what}: status {status}: {said.strip()[-500:]}")
    elif status == 2:
        tally.count("gave up")
    else:
        tally.count("did its work")
        if results(job, here) != usual.digests:
            tally.note("false success", f"{what}: {said.strip()[-300:]}")


def _show(what: str) -> None:
    print(f"  {what}", file=sys.stderr)


def main() -> None:
    """Let writes fail, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--error", default="ENOSPC")
    parser.add_argument("--jobs", nargs="+", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--out", type=Path, default=Path("runs/torture/failing_writes.json"))
    options = parser.parse_args()
    tallies = {}
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        disk = Disk(Path(place), options.error)
        for name in options.jobs:
            print(name, file=sys.stderr)
            tallies[name] = torment(JOBS[name], options.times, disk, _show)
            write_json(options.out, {name: vars(tally) for name, tally in tallies.items()})
    print_table(tallies, COUNTS, MORE_FAULTS)
    sys.exit(any(tally.faults for tally in tallies.values()))


if __name__ == "__main__":
    main()
