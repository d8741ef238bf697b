"""Files that are read after some of their bytes were changed.

Usage: python torture/mutate.py [--times 5000] [--seed 0] [--readers npz …] [--out FILE]
Each reader is given a good small file, and then `--times` mutations of it: bytes changed, cut out,
put in, doubled, numbers made large, the end cut off. A good answer is a result, or one sentence
(`GlyphlabError`). Told of each reader: how many mutations were read, how many refused, and in how
many it crashed with another exception, took more than `SECONDS`, or the process grew by more than
`MEGABYTES`. What crashed is kept beside the output.
"""

import argparse
import gzip
import io
import random
import resource
import sys
import tarfile
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np

import glyphlab
from glyphlab.auditing.decisions import load_decisions, no_decisions, save_decisions
from glyphlab.data.dataset import Dataset
from glyphlab.data.decode import Undecodable, decode
from glyphlab.data.formats import open_file, save_dataset
from glyphlab.data.ids import Ids
from glyphlab.data.ingest import load
from glyphlab.data.shards import ShardIndex, describe_shard, read_index, write_index
from glyphlab.errors import GlyphlabError
from glyphlab.files import write_json
from glyphlab.models.classifier import Classifier
from glyphlab.training.recipe import default_recipe, load_recipe
from glyphlab.training.run import HISTORY, INFO, WEIGHTS, Run

SECONDS, MEGABYTES = 5.0, 500
LARGE = [0, 1, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1]
Reader = Callable[[Path], object]


def letters(n: int = 12) -> Dataset:
    """A few images of two classes."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (n, 8, 8, 1), dtype=np.uint8)
    ids = Ids.from_strings([f"{'ab'[i % 2]}/{i}.png" for i in range(n)])
    return Dataset(images, np.arange(n) % 2, ids, ("a", "b"), "letters")


def pictures() -> dict[str, bytes]:
    """The same as PNG files in class folders."""
    some = letters()
    return {
        name: cv2.imencode(".png", image)[1].tobytes()
        for name, image in zip(some.ids, some.images, strict=True)
    }


def packed_tar() -> bytes:
    """A tar of them."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in pictures().items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def packed_zip() -> bytes:
    """A zip of them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pictures().items():
            archive.writestr(name, content)
    return made.getvalue()


def packed_npz() -> bytes:
    """Their arrays."""
    made, some = io.BytesIO(), letters()
    np.savez_compressed(made, images=some.images, labels=some.labels)
    return made.getvalue()


def packed_idx() -> bytes:
    """Their pixels, as MNIST's files hold them."""
    some = letters()
    head = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in (len(some), 8, 8))
    return head + some.images.tobytes()


def trained(place: Path) -> Path:
    """The Run of a short training."""
    recipe = default_recipe("logistic").replace(steps=2, batch_size=4, validation=0.2)
    return glyphlab.fit("logistic", letters(40), recipe, out=place / "run").path


def good_files(place: Path) -> Mapping[str, tuple[str, bytes, Reader]]:
    """Each reader: the name of a file, what is in it, and what reads it."""
    save_dataset(letters(), place / "a.safetensors")
    info = describe_shard(place / "a.safetensors", letters())
    write_index(ShardIndex("letters", ("a", "b"), (8, 8, 1), (info,)), place)
    run = trained(place)
    audit = glyphlab.audit(letters(40), judge_labels=False)
    save_decisions(place / "d.json", no_decisions(audit))
    png = next(iter(pictures().values()))
    jpeg = cv2.imencode(".jpg", letters().images[0])[1].tobytes()
    labels = bytes([0, 0, 8, 1]) + (12).to_bytes(4, "big") + bytes([0, 1] * 6)

    def idx(path: Path) -> object:
        (path.parent / "train-labels-idx1-ubyte").write_bytes(labels)
        return load(path.parent, size=8)

    def in_run(name: str) -> Reader:
        good = (run / name).read_bytes()

        def read(path: Path) -> object:
            (run / name).write_bytes(path.read_bytes())
            try:
                found = Run(run)
                return found.info, found.recipe, found.history
            finally:
                (run / name).write_bytes(good)

        return read

    def dataset(path: Path) -> object:
        return open_file(path).fingerprint  # Of all that is in it.

    def image(path: Path) -> object:
        return decode(path.read_bytes(), 8, "grey")

    def archive(path: Path) -> object:
        return load(path, size=8)

    return {
        "Dataset file": ("a.safetensors", (place / "a.safetensors").read_bytes(), dataset),
        "shard index": ("index.json", (place / "index.json").read_bytes(), read_index),
        "weights": ("w.safetensors", (run / WEIGHTS).read_bytes(), Classifier.load),
        "run.json": ("x.json", (run / INFO).read_bytes(), in_run(INFO)),
        "history": ("x.jsonl", (run / HISTORY).read_bytes(), in_run(HISTORY)),
        "Recipe": ("r.toml", default_recipe("lenet5").to_toml().encode(), load_recipe),
        "decisions": ("d.json", (place / "d.json").read_bytes(), load_decisions),
        "PNG": ("i.png", png, image),
        "JPEG": ("i.jpg", jpeg, image),
        "tar": ("a.tar", packed_tar(), archive),
        "tar.gz": ("a.tar.gz", gzip.compress(packed_tar(), 1), archive),
        "zip": ("a.zip", packed_zip(), archive),
        "npz": ("a.npz", packed_npz(), archive),
        "IDX": ("train-images-idx3-ubyte", packed_idx(), idx),
    }


def mutated(content: bytes, generator: random.Random) -> bytes:
    """Change a few places of it."""
    found = bytearray(content)
    for _ in range(generator.choice([1, 1, 1, 2, 4, 8])):
        place = generator.randrange(len(found) + 1)
        # Headers are short, and decide most.
        place = min(place, generator.randrange(200)) if generator.random() < 0.5 else place
        length = generator.choice([1, 1, 2, 4, 8, 32])
        match generator.randrange(6):
            case 0:
                found[place : place + length] = generator.randbytes(length)
            case 1:
                del found[place : place + length]
            case 2:
                found[place:place] = generator.randbytes(length)
            case 3:
                found[place:place] = found[place : place + 8 * length]
            case 4:
                size, order = generator.choice([2, 4, 8]), generator.choice(["big", "little"])
                number = generator.choice(LARGE) % 2 ** (8 * size)
                found[place : place + size] = number.to_bytes(size, order)  # type: ignore[arg-type]
            case _:
                del found[place + generator.randrange(200) :]
        if not found:
            break
    return bytes(found)


def attack(
    name: str, good: tuple[str, bytes, Reader], times: int, seed: int, kept: Path
) -> Counter[str]:
    """Give a reader mutations of a good file."""
    file, content, read = good
    generator, tally = random.Random(f"{seed} {name}"), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        path = Path(place) / file
        path.write_bytes(content)
        read(path)  # It must be good.
        for _ in range(times):
            given = mutated(content, generator)
            path.write_bytes(given)
            before, begun = _peak_megabytes(), time.perf_counter()
            outcome = _outcome(read, path)
            if time.perf_counter() - begun > SECONDS:
                outcome = "hung"
            elif _peak_megabytes() - before > MEGABYTES:
                outcome = "leaked"
            tally[outcome.partition(":")[0]] += 1
            if outcome not in ("read", "refused"):
                digest = f"{name.replace(' ', '-')}-{tally.total()}"
                kept.mkdir(parents=True, exist_ok=True)
                (kept / digest).write_bytes(given)
                print(f"  {digest}: {outcome}", file=sys.stderr)
    return tally


def _outcome(read: Reader, path: Path) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(path)
    except (GlyphlabError, Undecodable):
        return "refused"
    except Exception as error:
        return f"crashed: {type(error).__name__}: {str(error)[:200]}"
    return "read"


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Attack, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--readers", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("runs/torture/mutate.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        good = good_files(Path(place))
        tallies = {}
        for name in options.readers or good:
            print(name, file=sys.stderr)
            kept = options.out.parent / "kept"
            tallies[name] = attack(name, good[name], options.times, options.seed, kept)
    columns = ("read", "refused", "crashed", "hung", "leaked")
    print(f"| reader | tried | {' | '.join(columns)} |")
    print("| --- | ---: |" + " ---: |" * len(columns))
    for name, tally in tallies.items():
        print(f"| {name} | {tally.total():,} | {' | '.join(str(tally[c]) for c in columns)} |")
    write_json(options.out, tallies)
    sys.exit(any(tally[bad] for tally in tallies.values() for bad in columns[2:]))


if __name__ == "__main__":
    main()
