"""How fast an archive of small PNGs becomes a Dataset, and how much memory that takes.

Usage: python benchmarks/images_in.py [--repeats 5] [--out FILE] [--quick]

Against the peers: we from the packed archive to the written Dataset, they from a folder that was
unpacked beforehand to the last batch in memory; imports don't count. Hugging Face, which takes
longest, reads fewer images. By size: the whole command `glyphlab data add ARCHIVE.tar.gz`, the
start of Python included. The archives are MNIST, and images rendered like notMNIST_large, see
`rendered.py`.
"""

import argparse
import statistics
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from measuring import (
    OWN_PACKAGES,
    machine,
    median_ratio,
    peer_python,
    publish,
    run_command,
    run_script,
    spread,
    table,
    take_turns,
)
from rendered import LARGE, rendered_archive

MNIST = Path("../shared/data/mnist_png.tar.gz")
FOLDERS = Path("runs/bench/folders")
BATCH = 1_000
PEERS = {
    "generator": "the notebook's: Keras ImageDataGenerator",
    "torch": "PyTorch folder loader, 2 worker processes, Pillow",
    "datasets": "Hugging Face datasets, imagefolder",
    "tf.data": "Keras image_dataset_from_directory, tf.data (not asked for)",
}
Result = dict[str, float]


class Archive(NamedTuple):
    """A `.tar.gz`, and how many images it holds."""

    path: Path
    images: int


def add_archive(archive: Archive) -> Result:
    """What `glyphlab data add` does, imports apart."""
    return run_script(sys.executable, "add_archive.py", {"archive": str(archive.path)})


def add_command(archive: Archive) -> Result:
    """Run `glyphlab data add`."""
    with tempfile.TemporaryDirectory(dir="runs/bench") as home:
        measured = run_command(["data", "add", str(archive.path), "--name=x"], Path(home))
    return {"images": archive.images, **measured}


def unpacked(archive: Archive, images: int) -> Path:
    """Give a folder of so many of its images, a folder per class; unpacked where it is absent."""
    folder = FOLDERS / f"{archive.path.name.removesuffix('.tar.gz')}-{images}"
    if folder.exists():
        return folder
    print(f"Unpacking {folder} …", file=sys.stderr)
    part, every, seen = folder.with_suffix(".part"), archive.images // images, 0
    with tarfile.open(archive.path) as tar:
        for member in tar:
            if not member.isfile():
                continue
            seen += 1
            if seen % every:
                continue
            name = Path(member.name)
            file = part / name.parent.name / f"{seen}-{name.name}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes((tar.extractfile(member) or sys.stdin.buffer).read())
    return part.rename(folder)


def read_folder(way: str, folder: Path) -> Result:
    """Let a peer read a folder in its own environment."""
    options = {"way": way, "folder": str(folder), "batch": BATCH}
    return run_script(peer_python(), "peers/image_folders.py", options)


def rates(results: Sequence[Result]) -> list[float]:
    """Images a second of each."""
    return [result["images"] / result["seconds"] for result in results]


def compare(archive: Archive, few: int, repeats: int) -> dict[str, list[Result]]:
    """We and the peers, in turns."""
    ways = {"glyphlab": partial(add_archive, archive)}
    for way in PEERS:
        images = few if way == "datasets" else archive.images
        ways[way] = partial(read_folder, way, unpacked(archive, images))
    return take_turns(ways, repeats)


def comparison_lines(archive: Archive, results: dict[str, list[Result]]) -> list[str]:
    """The table of one comparison."""
    ours = rates(results["glyphlab"])
    rows = [
        (
            PEERS.get(way, "**glyphlab data add**"),
            f"{some[0]['images']:,}",
            spread(rates(some)),
            f"{1e6 * statistics.median(r['cpu_seconds'] / r['images'] for r in some):,.1f}",
            f"{median_ratio(ours, rates(some)):.1f}",
        )
        for way, some in results.items()
    ]
    header = (
        "way",
        "images",
        "images/s: median (range)",
        "CPU µs an image",
        "glyphlab is × as fast",
    )
    return [f"\n{archive.path.name}:", *table(header, rows)]


def size_lines(results: dict[str, list[Result]]) -> list[str]:
    """The table of sizes; what each further image costs is free of the start's constant."""
    rows: list[tuple[str, ...]] = []
    before: Result = {"images": 0, "seconds": 0, "cpu_seconds": 0}
    for some in results.values():
        middle = {key: statistics.median(result[key] for result in some) for key in some[0]}
        more = middle["images"] - before["images"]
        rows.append(
            (
                f"{middle['images']:,.0f}",
                spread([result["seconds"] for result in some], ".2f"),
                spread(rates(some)),
                f"{1e6 * (middle['seconds'] - before['seconds']) / more:.1f}",
                f"{middle['cpu_seconds']:.2f}",
                f"{middle['peak_megabytes']:,.0f}",
            )
        )
        before = middle
    header = ("images", "seconds", "images/s", "µs a further image", "CPU seconds", "peak MB")
    return ["\nglyphlab data add, rendered images:", *table(header, rows)]


def main() -> None:
    """Measure, alternating, and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/images_in.json"))
    parser.add_argument("--quick", action="store_true", help="10,000 images, once")
    options = parser.parse_args()
    repeats = 1 if options.quick else options.repeats
    sizes = (1_000, 10_000) if options.quick else (10_000, 70_000, LARGE)
    archives = {size: Archive(rendered_archive(size), size) for size in sizes}
    compared = [archives[sizes[1]]]
    if MNIST.exists() and not options.quick:
        compared.insert(0, Archive(MNIST, 70_000))
    few = 1_000 if options.quick else 10_000
    comparisons = {a.path.name: compare(a, few, repeats) for a in compared}
    by_size = take_turns(
        {str(size): partial(add_command, archive) for size, archive in archives.items()}, repeats
    )
    lines = [f"{repeats} repeats, medians; {', '.join(machine(()).values())}"]
    for archive in compared:
        lines += comparison_lines(archive, comparisons[archive.path.name])
    lines += size_lines(by_size)
    facts: dict[str, Any] = {
        "machine": machine((*OWN_PACKAGES, "pillow", "isal")),
        "repeats": repeats,
        "comparisons": comparisons,
        "by_size": by_size,
    }
    publish("images in", facts, lines, options.out)


if __name__ == "__main__":
    main()
