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

import tempfile
from collections.abc import Callable
from pathlib import Path

from commands import run
from disk import NEVER, Disk, staged
from jobs import FAULTS, Job, Tally, Usual, argument_parser, attack, look, results, show

COUNTS = ("calls", "tried", "did its work", "gave up")
MORE_FAULTS = ("no sentence", "false success", *FAULTS)


def torment(job: Job, times: int, disk: Disk, show: Callable[[str], None]) -> Tally:
    """Let a job's calls fail, one after another, and see what is left."""
    tally = Tally()
    with staged(job, disk) as stage:
        tally.count("calls", stage.calls)
        for first in stage.some_calls(times):
            for last in (NEVER, first):
                which = "and all after" if last == NEVER else "alone"
                what = f"call {first} of {stage.calls}, {which}"
                show(what)
                with stage.set(first, last) as here:
                    _try_once(job, here, stage.usual, tally, what)
                    disk.work()
                    look(job, here, stage.usual, tally, what)
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


def main() -> None:
    """Let writes fail, and tell."""
    parser = argument_parser(__doc__, times=200, out="runs/torture/failing_writes.json")
    parser.add_argument("--error", default="ENOSPC")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        disk = Disk(Path(place), options.error)
        attack(options, lambda job: torment(job, options.times, disk, show), COUNTS, MORE_FAULTS)


if __name__ == "__main__":
    main()
