"""Commands that write, what they read, and what must come of them."""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from safetensors import SafetensorError, safe_open

import glyphlab
from commands import Work, glyphlab_command, run
from glyphlab.data.dataset import Dataset
from glyphlab.data.download import SOURCES
from glyphlab.data.formats import save_dataset
from glyphlab.data.glyphs import load_glyphs
from glyphlab.data.transfer import RemoteFile
from glyphlab.files import write_json
from slow_server import serve

FAULTS = ("second run failed", "other bytes", "half file", "leftovers")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Job:
    """A command, and what must come of it.

    Attributes
    ----------
    words : sequence of str
        It is started in a folder that `prepare` has filled.
    results : sequence of str
        Patterns of the files whose bytes must be those of an undisturbed run.
    again : sequence of str
        Words more for the second start, where there is a run to go on with.
    work : callable
        What is done with the words.
    tells_times : bool
        Whether its results tell how long something took, so that no two are the same.
    """

    words: Sequence[str]
    results: Sequence[str]
    again: Sequence[str] = ()
    work: Work = glyphlab_command
    tells_times: bool = False


def download(words: Sequence[str]) -> None:
    """The command `glyphlab`, to which a public data set lies at an address of this machine."""
    assert isinstance(SOURCES, dict)
    SOURCES[GOT] = (RemoteFile(Path("address").read_text()),)
    glyphlab_command(words)


GOT = "notmnist-small"
QUICK = ("--set", "epochs=6", "--set", "device=cpu", "--set", "batch_size=64")
LEARN = ("--data", "images.safetensors")
JOBS: Mapping[str, Job] = {
    "download": Job(
        ("data", "get", GOT), ["home/**/*.safetensors", "home/downloads/**/*.tar"], work=download
    ),
    "ingest": Job(
        ("data", "add", "images.tar", "--name", "mine", "--force"), ["home/**/*.safetensors"]
    ),
    "sharded ingest": Job(
        ("data", "add", "images.tar", "--name", "mine", "--shard-size", "100", "--force"),
        ["home/**/*.safetensors"],
    ),
    "sharded ingest, packed": Job(
        ("data", "add", "images.tar.gz", "--name", "mine", "--shard-size", "100", "--force"),
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
    "report": Job(
        (
            "compare",
            "trained/logistic",
            "trained/mlp",
            "--test",
            "images.safetensors",
            "--out",
            "page",
        ),
        ["page/*.html"],
        tells_times=True,
    ),
    "tune": Job(
        ("tune", "logistic", *LEARN, "--trials", "2", "--confirm", "1", "--out", "search", *QUICK),
        ["search/best.toml", "search/trials/**/weights.safetensors"],
    ),
}
READ = {
    *("images", "images.tar", "images.tar.gz", "images.safetensors", "fonts", "trained", "address"),
}
"""What `prepare` makes."""


def prepare(place: Path) -> None:
    """Letters in a file, and as pictures in an archive, which is served; fonts; trained models."""
    train = load_glyphs().train
    some = train.subset(np.linspace(0, len(train) - 1, 1_000).astype(np.int64), "letters")
    plain = Dataset(some.images, some.labels, some.ids, some.classes, "letters")
    save_dataset(plain, place / "images.safetensors")
    plain.to_folder(place / "images")
    subprocess.run(["tar", "-cf", "images.tar", "images"], cwd=place, check=True)
    subprocess.run(["tar", "-czf", "images.tar.gz", "images"], cwd=place, check=True)
    (place / "address").write_text(serve(place / "images.tar"))
    import matplotlib

    (place / "fonts").mkdir()
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in ("DejaVuSans.ttf", "DejaVuSerif.ttf", "STIXGeneral.ttf"):
        shutil.copy(fonts / name, place / "fonts")
    for model in ("logistic", "mlp"):
        recipe = glyphlab.default_recipe(model).replace(epochs=1, device="cpu")
        glyphlab.fit(model, plain, recipe, out=place / "trained" / model)


class Usual(NamedTuple):
    """What an undisturbed run leaves: the digests of its results, and the names of all files."""

    digests: Mapping[str, str]
    names: Sequence[str]


@dataclass
class Tally:
    """What came of disturbing a job: how often it was tried, and what went wrong."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)

    def count(self, what: str, n: int = 1) -> None:
        """Count something."""
        self.counts[what] = self.counts.get(what, 0) + n

    def note(self, fault: str, what: str) -> None:
        """Note a fault."""
        self.faults.setdefault(fault, []).append(what)


def undisturbed(job: Job, clean: Path, here: Path) -> Usual:
    """Do a job in a folder that is made as a copy of `clean`.

    Raises
    ------
    RuntimeError
        If it fails, or does not write what it should.
    """
    shutil.copytree(clean, here)
    status, said = run(job.work, job.words, here)
    if status:
        raise RuntimeError(f"{' '.join(job.words)} failed undisturbed: {said[-2000:]}")
    usual = Usual(results(job, here), names(here))
    if not usual.digests:
        raise RuntimeError(f"{' '.join(job.words)} wrote nothing of {job.results}")
    return usual


def look(job: Job, here: Path, usual: Usual, tally: Tally, what: str) -> None:
    """See what a disturbed run has left, do the job again, and see what came of it."""
    for half in half_files(here):
        tally.note("half file", f"{what}: {half}")
    goes_on = (here / "run" / "run.json").exists() or not job.again
    status, said = run(job.work, [*job.words, *(job.again if goes_on else ())], here)
    if status:
        tally.note("second run failed", f"{what}: {said.strip()[-300:]}")
        return
    found = results(job, here)
    if found != usual.digests:
        other = {path for path, _ in found.items() ^ usual.digests.items()}
        tally.note("other bytes", f"{what}: {', '.join(sorted(other)[:5])}")
    more = [name for name in names(here) if name not in usual.names]
    if more:
        tally.note("leftovers", f"{what}: {', '.join(more[:5])}")


def digests(here: Path, patterns: Sequence[str]) -> dict[str, str]:
    """The checksums of all files of these patterns."""
    found = sorted({path for pattern in patterns for path in here.glob(pattern)})
    return {path.relative_to(here).as_posix(): digest(path) for path in found}


def results(job: Job, here: Path) -> dict[str, str]:
    """What a job wrote: the paths of its results, and their checksums if these can be compared."""
    found = digests(here, job.results)
    return dict.fromkeys(found, "") if job.tells_times else found


def digest(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def written(here: Path) -> Iterator[Path]:
    """Every file that the job wrote."""
    for path in sorted(here.rglob("*")):
        if path.is_file() and path.relative_to(here).parts[0] not in READ:
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


def argument_parser(about: str | None, times: int, out: str) -> argparse.ArgumentParser:
    """What every attack on jobs is told; `about` is its module's docstring."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=times)
    parser.add_argument("--jobs", nargs="+", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--out", type=Path, default=Path(out))
    return parser


def attack(
    options: argparse.Namespace,
    torment: Callable[[Job], Tally],
    counts: Sequence[str],
    faults: Sequence[str],
) -> NoReturn:
    """Torment each job, write and print what came of it, and exit with 1 if that was a fault."""
    tallies = {}
    for name in options.jobs:
        print(name, file=sys.stderr)
        tallies[name] = torment(JOBS[name])
        write_json(options.out, {name: vars(tally) for name, tally in tallies.items()})
    print_table(tallies, counts, faults)
    sys.exit(any(tally.faults for tally in tallies.values()))


def show(what: str) -> None:
    """Say what is tried now."""
    print(f"  {what}", file=sys.stderr)


def print_table(tallies: Mapping[str, Tally], counts: Sequence[str], faults: Sequence[str]) -> None:
    """Print what came of each job, and what its faults were."""
    print("| job | " + " | ".join((*counts, *faults)) + " |")
    print("| --- |" + " ---: |" * len((*counts, *faults)))
    for name, tally in tallies.items():
        numbers = [tally.counts.get(what, 0) for what in counts]
        numbers += [len(tally.faults.get(fault, [])) for fault in faults]
        print(f"| {name} | {' | '.join(map(str, numbers))} |")
    for name, tally in tallies.items():
        for fault, found in tally.faults.items():
            print(f"{name}, {fault}: " + "\n  ".join(found[:5]), file=sys.stderr)
