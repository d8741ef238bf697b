"""Commands that are killed by SIGKILL at random moments, and started again.

Usage: python torture/kill.py [--times 50] [--seed 0] [--jobs ingest …] [--out FILE]
Each job is a command that writes. It is run undisturbed once; then, `--times` times, it is killed
at a random moment of that time and run again to its end. Told of each job: how often it was killed
before it had ended, and of how many of these the second run failed, the results were other bytes,
a file under its final name was half, or more files lay about than after an undisturbed run.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open

from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.glyphs import load_glyphs
from glyphlab.files import write_json

SECONDS_AT_MOST = 600
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Job:
    """A command, and what must come of it.

    Attributes
    ----------
    words : sequence of str
        It is started in a folder that has `images`, `images.tar`, and `fonts`.
    results : sequence of str
        Patterns of the files whose bytes must be those of an undisturbed run.
    again : sequence of str
        Words more for the second start.
    """

    words: Sequence[str]
    results: Sequence[str]
    again: Sequence[str] = ()


QUICK = ("--set", "epochs=12", "--set", "device=cpu", "--set", "batch_size=64")
LEARN = ("--data", "images.safetensors")
JOBS: Mapping[str, Job] = {
    "ingest": Job(
        ("data", "add", "images.tar", "--name", "mine", "--force"), ["home/**/*.safetensors"]
    ),
    "sharded ingest": Job(
        ("data", "add", "images.tar", "--name", "mine", "--shard-size", "100", "--force"),
        ["home/**/*.safetensors"],
    ),
    "render": Job(
        (
            *("data", "render", "--fonts", "fonts", "--letters", "ABCDE", "--count", "2000"),
            *("--out", "rendered.safetensors"),
        ),
        ["rendered*.safetensors"],
    ),
    "audit": Job(
        ("data", "audit", "images.safetensors", "--no-labels", "--out", "audit"),
        ["audit/audit.html"],
    ),
    "training": Job(
        ("train", "conv-pool", *LEARN, "--out", "run", *QUICK),
        ["run/weights.safetensors", "run/recipe.toml"],
        ("--resume",),
    ),
    "training by two processes": Job(
        ("train", "conv-pool", *LEARN, "--out", "run", *QUICK, "--workers", "2"),
        ["run/weights.safetensors", "run/recipe.toml"],
        ("--resume",),
    ),
    "lab": Job(
        ("lab", *LEARN, "--models", "logistic,mlp", "--no-audit", "--out", "lab", *QUICK),
        ["lab/runs/**/weights.safetensors", "lab/runs/**/evaluation*.safetensors"],
    ),
    "tune": Job(
        ("tune", "logistic", *LEARN, "--trials", "3", "--confirm", "1", "--out", "search", *QUICK),
        ["search/best.toml", "search/trials/**/weights.safetensors"],
    ),
}


@dataclass
class Tally:
    """What came of killing a job."""

    killed: int = 0
    ended_before: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)

    def note(self, fault: str, what: str) -> None:
        """Note a fault."""
        self.faults.setdefault(fault, []).append(what)


class Usual(NamedTuple):
    """What an undisturbed run leaves: the digests of its results, and the names of all files."""

    digests: Mapping[str, str]
    names: Sequence[str]


def prepare(place: Path) -> None:
    """What the jobs read: a thousand letters in a file, and as pictures in an archive; fonts."""
    train = load_glyphs().train
    some = train.subset(np.linspace(0, len(train) - 1, 1_000).astype(np.int64), "letters")
    plain = Dataset(some.images, some.labels, some.ids, some.classes, "letters")
    save_dataset(plain, place / "images.safetensors")
    plain.to_folder(place / "images")
    subprocess.run(["tar", "-cf", "images.tar", "images"], cwd=place, check=True)
    import matplotlib

    (place / "fonts").mkdir()
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in ("DejaVuSans.ttf", "DejaVuSerif.ttf", "STIXGeneral.ttf"):
        shutil.copy(fonts / name, place / "fonts")


def start(words: Sequence[str], here: Path) -> "subprocess.Popen[str]":
    """Start a command; its own processes end with its group."""
    return subprocess.Popen(
        [sys.executable, "-m", "glyphlab", *words],
        cwd=here,
        env={**os.environ, "GLYPHLAB_HOME": str(here / "home"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(words: Sequence[str], here: Path) -> tuple[int, str]:
    """Run a command to its end; its status, and what it said."""
    process = start(words, here)
    _, said = process.communicate(timeout=SECONDS_AT_MOST)
    return process.returncode, said


def digests(here: Path, patterns: Sequence[str]) -> dict[str, str]:
    """The checksums of all files of these patterns."""
    found = sorted({path for pattern in patterns for path in here.glob(pattern)})
    return {path.relative_to(here).as_posix(): digest(path) for path in found}


def digest(path: Path) -> str:
    """The checksum of a file; of safetensors, whose header has no order, of what it holds."""
    found = hashlib.sha256()
    if path.suffix != ".safetensors":
        found.update(path.read_bytes())
        return found.hexdigest()
    with safe_open(path, "numpy") as file:
        found.update(repr(sorted((file.metadata() or {}).items())).encode())
        for name in sorted(file.keys()):
            array = file.get_tensor(name)
            found.update(f"{name} {array.shape} {array.dtype}".encode())
            found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def written(here: Path) -> Iterator[Path]:
    """Every file that the job wrote."""
    read = {"images", "images.tar", "images.safetensors", "fonts"}
    for path in sorted(here.rglob("*")):
        if path.is_file() and path.relative_to(here).parts[0] not in read:
            yield path


def half_files(here: Path) -> list[str]:
    """The files under a final name that are not whole."""
    checks: Mapping[str, Callable[[Path], object]] = {
        ".json": lambda path: json.loads(path.read_text()),
        ".jsonl": lambda path: [json.loads(line) for line in path.read_text().splitlines()],
        ".safetensors": lambda path: safe_open(path, "numpy").keys(),
        ".html": lambda path: path.read_text().rstrip().endswith("</html>") or 1 / 0,
    }
    wrong = []
    for path in written(here):
        check = checks.get(path.suffix)
        hidden = any(part.startswith(".") for part in path.relative_to(here).parts)
        if check is None or hidden:
            continue
        try:
            check(path)
        except (ValueError, SafetensorError, ZeroDivisionError):
            wrong.append(path.relative_to(here).as_posix())
    return wrong


def names(here: Path) -> list[str]:
    """The names of all files written, without the numbers in those that are hidden."""
    found = (path.relative_to(here).as_posix() for path in written(here))
    return sorted(_NUMBER.sub("N", name) if "/." in f"/{name}" else name for name in found)


def torment(job: Job, times: int, seed: int, show: Callable[[str], None]) -> Tally:
    """Kill a job at random moments, and see what is left."""
    tally, generator = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        clean = Path(name) / "clean"
        clean.mkdir()
        prepare(clean)
        whole = Path(name) / "whole"
        shutil.copytree(clean, whole)
        begun = time.perf_counter()
        status, said = run(job.words, whole)
        seconds = time.perf_counter() - begun
        if status:
            raise RuntimeError(f"{' '.join(job.words)} failed undisturbed: {said[-2000:]}")
        usual = Usual(digests(whole, job.results), names(whole))
        if not usual.digests:
            raise RuntimeError(f"{' '.join(job.words)} wrote nothing of {job.results}")
        for turn in range(times):
            here = Path(name) / "here"
            shutil.copytree(clean, here)
            after = generator.uniform(0.05, 1.0) * seconds
            what = f"turn {turn}, after {after:.2f} s of {seconds:.2f}"
            show(what)
            _kill_once(job, here, after, tally)
            _look(job, here, usual, tally, what)
            shutil.rmtree(here)
    return tally


def _kill_once(job: Job, here: Path, after: float, tally: Tally) -> None:
    process = start(job.words, here)
    try:
        process.communicate(timeout=after)
        tally.ended_before += 1
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=SECONDS_AT_MOST)  # Until its own processes have let go.
        tally.killed += 1


def _look(job: Job, here: Path, usual: "Usual", tally: Tally, what: str) -> None:
    for half in half_files(here):
        tally.note("half file", f"{what}: {half}")
    goes_on = (here / "run" / "run.json").exists() or not job.again
    status, said = run([*job.words, *(job.again if goes_on else ())], here)
    if status:
        tally.note("second run failed", f"{what}: {said.strip()[-300:]}")
        return
    if digests(here, job.results) != usual.digests:
        tally.note("other bytes", what)
    more = [name for name in names(here) if name not in usual.names]
    if more:
        tally.note("leftovers", f"{what}: {', '.join(more[:5])}")


def _show(what: str) -> None:
    print(f"  {what}", file=sys.stderr)


def main() -> None:
    """Kill, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", nargs="+", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--out", type=Path, default=Path("runs/torture/kill.json"))
    options = parser.parse_args()
    tallies = {}
    for name in options.jobs:
        print(name, file=sys.stderr)
        tallies[name] = torment(JOBS[name], options.times, options.seed, _show)
    faults = ("second run failed", "other bytes", "half file", "leftovers")
    print("| job | killed | ended before | " + " | ".join(faults) + " |")
    print("| --- | ---: | ---: |" + " ---: |" * len(faults))
    for name, tally in tallies.items():
        counts = " | ".join(str(len(tally.faults.get(fault, []))) for fault in faults)
        print(f"| {name} | {tally.killed} | {tally.ended_before} | {counts} |")
    write_json(options.out, {name: vars(tally) for name, tally in tallies.items()})
    sys.exit(any(tally.faults for tally in tallies.values()))


if __name__ == "__main__":
    main()
