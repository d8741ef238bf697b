"""Memory of long work: a training of many epochs, and images added by the million.

Usage: python torture/memory.py [--epochs 200] [--images 5000000] [--out FILE]
Ten times a second the anonymous memory of the command and all its processes is read from /proc
(pages of files that are mapped are not counted: the system drops them at will). Told is the highest
of each tenth of the time. It grows if the highest of the seventh to ninth is above that of the
third to fifth by more than `GROWTH` of it: what begins the work, or ends it, is left out.
"""

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.glyphs import load_glyphs
from glyphlab.files import write_json

GROWTH = 0.1
PICTURES = 1_000
"""Different ones in the archive."""
IMAGES_OF_A_SHARD = 100_000


def letters(n: int) -> Dataset:
    """Some of the built-in images."""
    train = load_glyphs().train
    some = train.subset(np.linspace(0, len(train) - 1, n).astype(np.int64), "letters")
    return Dataset(some.images, some.labels, some.ids, some.classes, "letters")


def write_archive(path: Path, count: int) -> None:
    """So many small PNG files in class folders; pictures come again and again."""
    some = letters(PICTURES)
    contents = [cv2.imencode(".png", image)[1].tobytes() for image in some.images]
    folders = [some.classes[label] for label in some.labels]
    with path.open("wb") as file:
        for number in range(count):
            which = number % PICTURES
            entry = tarfile.TarInfo(f"{folders[which]}/{number}.png")
            entry.size = len(contents[which])
            file.write(entry.tobuf(tarfile.USTAR_FORMAT))
            file.write(contents[which])
            file.write(bytes(-entry.size % tarfile.BLOCKSIZE))
        file.write(bytes(2 * tarfile.BLOCKSIZE))


def jobs(here: Path, epochs: int, images: int) -> Iterator[tuple[str, Sequence[str]]]:
    """Each command's name and words; what it reads is made when it is asked for."""
    save_dataset(letters(2_000), here / "letters.safetensors")
    learn = ("--data", "letters.safetensors", "--set", f"epochs={epochs}", "--set", "device=cpu")
    yield f"training, {epochs} epochs", ("train", "conv-pool", *learn, "--out", "run")
    write_archive(here / "many.tar", images)
    shards = ("--shard-size", str(IMAGES_OF_A_SHARD))
    yield f"data add, {images:,} images", ("data", "add", "many.tar", "--name", "many", *shards)


def measure(words: Sequence[str], here: Path) -> list[tuple[float, float]]:
    """Seconds and megabytes, ten times a second, while a command is done.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    environment = {**os.environ, "GLYPHLAB_HOME": str(here / "home")}
    said = (here / "said").open("w+")
    begun, seen = time.perf_counter(), []
    process = subprocess.Popen(
        [sys.executable, "-m", "glyphlab", *words],
        cwd=here,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=said,
    )
    while process.poll() is None:
        seen.append((time.perf_counter() - begun, sum(map(_megabytes, _family(process.pid)))))
        time.sleep(0.1)
    said.seek(0)
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)}: {said.read()[-2000:]}")
    return seen


def _family(process: int) -> Iterator[int]:
    """A process, and all that it started."""
    yield process
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = file.read_text().split()
        except OSError:  # It has ended.
            continue
        for child in children:
            yield from _family(int(child))


def _megabytes(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def by_tenths(seen: Sequence[tuple[float, float]]) -> list[float]:
    """The most megabytes in each tenth of the time."""
    end = seen[-1][0]
    tenths = [
        [megabytes for second, megabytes in seen if tenth <= 10 * second / end < tenth + 1]
        for tenth in range(10)
    ]
    return [max(tenth, default=float("nan")) for tenth in tenths]


def grows(tenths: Sequence[float]) -> bool:
    """Whether more is needed late than early, begin and end left out."""
    return bool(np.nanmax(tenths[6:9]) > (1 + GROWTH) * np.nanmax(tenths[2:5]))


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--images", type=int, default=5_000_000)
    parser.add_argument("--out", type=Path, default=Path("runs/torture/memory.json"))
    options = parser.parse_args()
    found: dict[str, list[float]] = {}
    print("| job | seconds | MB in each tenth of them | grows |")
    print("| --- | ---: | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        for job, words in jobs(Path(name), options.epochs, options.images):
            seen = measure(words, Path(name))
            tenths = found[job] = by_tenths(seen)
            told = ", ".join(f"{tenth:.0f}" for tenth in tenths)
            print(f"| {job} | {seen[-1][0]:.0f} | {told} | {'yes' if grows(tenths) else 'no'} |")
    write_json(options.out, found)
    sys.exit(any(map(grows, found.values())))


if __name__ == "__main__":
    main()
