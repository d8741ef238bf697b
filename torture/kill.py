"""Commands that are killed by SIGKILL at random moments, and started again.

Usage: python torture/kill.py [--times 50] [--seed 0] [--jobs ingest …] [--out FILE]
Each job is a command that writes. It is done undisturbed; then, until it was killed `--times`
times, it is killed at a random moment of that time, and done again to its end. Where it ended
before that moment, on a machine that is less busy by now, its time is known anew. Told of each job:
how often it was killed and how often it had ended, and of how many of both the second run failed,
the results were other bytes, a file under its final name was half, or more files lay about than
after an undisturbed run.
"""

import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from commands import Command
from jobs import FAULTS, Job, Tally, argument_parser, attack, look, prepare, show, undisturbed

COUNTS = ("killed", "ended before")


def torment(job: Job, times: int, seed: int, show: Callable[[str], None]) -> Tally:
    """Kill a job at random moments, and see what is left."""
    tally, generator = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        clean, here = Path(name) / "clean", Path(name) / "here"
        clean.mkdir()
        prepare(clean)
        # In the same folder, for a Dataset may hold where it came from.
        for _ in range(2):  # What is read once is in memory from then on.
            begun = time.perf_counter()
            usual = undisturbed(job, clean, here)
            seconds = time.perf_counter() - begun
            shutil.rmtree(here)
        while tally.counts.get("killed", 0) < times:
            shutil.copytree(clean, here)
            after = generator.uniform(0, 1) * seconds
            turn = sum(tally.counts.values())
            what = f"turn {turn}, after {after:.2f} s of {seconds:.2f}"
            show(what)
            begun = time.perf_counter()
            if not _kill_once(job, here, after, tally):
                seconds = time.perf_counter() - begun
            look(job, here, usual, tally, what)
            shutil.rmtree(here)
    return tally


def _kill_once(job: Job, here: Path, after: float, tally: Tally) -> bool:
    """Kill a command after a time; whether it had not ended before."""
    command = Command(job.work, job.words, here)
    if command.ends_within(after):
        tally.count("ended before")
        command.end()
        return False
    command.kill()
    tally.count("killed")
    return True


def main() -> None:
    """Kill, and tell."""
    parser = argument_parser(__doc__, times=50, out="runs/torture/kill.json")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    attack(options, lambda job: torment(job, options.times, options.seed, show), COUNTS, FAULTS)


if __name__ == "__main__":
    main()
