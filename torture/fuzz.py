"""Files that a fuzzer makes up, which watches which code of glyphlab each of them reaches.

Usage: python torture/fuzz.py [--runs 20000] [--seed 0] [--readers npz …] [--jobs 2] [--out FILE]
It needs `pip install 'glyphlab[torture]'` (Atheris, which has libFuzzer in it; Linux). Each reader
has a process of its own, since libFuzzer ends its own; it starts from a good file and some changed
ones (`blind.py`, `reshape.py`), and goes on from whatever reached new code. Good and bad answers
are those of `mutate.py`. Told beside them: the code that was reached, as libFuzzer counts edges
(`cov`) and edges by how often they were passed (`ft`). What crashed is kept beside the output, one
file for each place at which it did.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from readers import Reader

SEEDS = 40
SECONDS, MEGABYTES = 5, 4_000
ATTEMPTS = 5
"""Processes for a reader; another one goes on where libFuzzer ended one for a hang."""
_OUTCOMES, _KEPT = "outcomes", "kept"
_REACHED = re.compile(r"\bcov: (\d+) ft: (\d+)")


class Fuzzed(NamedTuple):
    """What came of the inputs to a reader, and how much of the code they reached."""

    outcomes: Counter[str]
    edges: int
    features: int


def fuzz(name: str, runs: int, seed: int, kept: Path) -> Fuzzed:
    """Fuzz a reader in processes of its own until so many inputs were tried."""
    outcomes, edges, features = Counter[str](), 0, 0
    for attempt in range(ATTEMPTS):
        with tempfile.TemporaryDirectory(prefix="torture-") as place:
            left = runs - outcomes.total()
            words = ["--child", name, "--place", place, "--runs", left, "--seed", seed + attempt]
            command = [sys.executable, __file__, *map(str, words), "--kept", str(kept)]
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, errors="replace"
            )
            outcomes += _outcomes(Path(place) / _OUTCOMES)
            if done.returncode:
                outcomes["hung"] += 1
                print(f"{name} ended by itself:\n{done.stderr[-2_000:]}", file=sys.stderr)
        for edges_then, features_then in _REACHED.findall(done.stderr):
            edges, features = max(edges, int(edges_then)), max(features, int(features_then))
        if outcomes.total() >= runs:
            break
    print(f"{name}: {dict(outcomes)}, {edges} edges", file=sys.stderr)
    return Fuzzed(outcomes, edges, features)


def _outcomes(file: Path) -> Counter[str]:
    """What the process noted: a line for each input, also where it was ended."""
    return Counter(file.read_text().split()) if file.exists() else Counter()


def child(name: str, place: Path, runs: int, seed: int, kept: Path) -> None:
    """Fuzz a reader until libFuzzer ends this process."""
    import atheris

    (place / "goods").mkdir()
    with atheris.instrument_imports(include=["glyphlab"]):
        from readers import readers

        reader = readers(place / "goods")[name]
        path = place / reader.file
        path.write_bytes(reader.content)
        reader.read(path)  # It must be good, and imports what it needs.
    seeds = place / "seeds"
    write_seeds(reader, seeds, seed)
    words = [
        *(name, f"-runs={runs}", f"-seed={seed + 1}", f"-timeout={SECONDS}"),
        *(f"-rss_limit_mb={MEGABYTES}", f"-max_len={4 * len(reader.content) + 4_096}"),
        *(f"-artifact_prefix={place}/", str(seeds)),
    ]

    def mutate(data: bytes, size: int) -> bytes:
        # Looked up at each call: libFuzzer's own takes its place when fuzzing begins.
        return bytes(atheris.Mutate(data, size))

    change = partial(changed, reader, mutate)
    atheris.Setup(words, _trial(reader, path, place / _OUTCOMES, kept, name), custom_mutator=change)
    atheris.Fuzz()


def _trial(
    reader: "Reader", path: Path, noted: Path, kept: Path, name: str
) -> Callable[[bytes], None]:
    """What libFuzzer calls with each input; it never raises, so that one crash ends nothing."""
    from judge import BAD, judge

    notes = os.open(noted, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    seen = set[str]()

    def trial(content: bytes) -> None:
        path.write_bytes(content)
        outcome = judge(reader.read, path)
        os.write(notes, f"{outcome.word}\n".encode())
        where = outcome.detail.partition(":")[0] + outcome.detail.partition(" at ")[2][:40]
        if outcome.word in BAD and where not in seen:
            seen.add(where)
            kept.mkdir(parents=True, exist_ok=True)
            file = kept / f"{name.replace(' ', '-')}-{outcome.word}-{len(seen)}"
            file.write_bytes(content)
            file.with_suffix(".txt").write_text(outcome.detail)

    return trial


def write_seeds(reader: "Reader", folder: Path, seed: int) -> None:
    """What fuzzing starts from: the good file, and changes of it of both kinds."""
    from blind import mutated

    folder.mkdir()
    chance = random.Random(seed)
    contents = [reader.content]
    for _ in range(SEEDS):
        contents.append(mutated(reader.content, chance))
        contents.append(reshaped(reader, reader.content, chance) or reader.content)
    for number, content in enumerate(contents):
        (folder / str(number)).write_bytes(content)


def changed(
    reader: "Reader", mutate: Callable[[bytes, int], bytes], data: bytes, size: int, seed: int
) -> bytes:
    """An input that is like another one: half of the time one that keeps to the form."""
    chance = random.Random(seed)
    found = reshaped(reader, data, chance) if chance.random() < 0.5 else None
    return mutate(data, size) if found is None else found[:size]


def reshaped(reader: "Reader", content: bytes, chance: random.Random) -> bytes | None:
    """A change that keeps to the form of a file; None if the form has none, or the file not it."""
    if reader.reshape is None:
        return None
    try:
        return reader.reshape(content, chance)
    except Exception:  # What was changed before is seldom whole.
        return None


def main() -> None:
    """Fuzz, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--readers", nargs="+")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("runs/torture/fuzz.json"))
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    kept = (asked.kept or asked.out.parent / _KEPT).absolute()
    if asked.child:
        child(asked.child, asked.place, asked.runs, asked.seed, kept)
        return
    from readers import readers

    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        names = asked.readers or list(readers(Path(place)))
    with ThreadPoolExecutor(asked.jobs) as pool:
        each = partial(fuzz, runs=asked.runs, seed=asked.seed, kept=kept)
        found = dict(zip(names, pool.map(each, names), strict=True))
    _tell(found, asked.out)


def _tell(found: dict[str, Fuzzed], out: Path) -> None:
    from glyphlab.files import write_json
    from judge import BAD, WORDS
    from tables import table

    rows = {
        name: (
            *(fuzzed.outcomes.total(), *(fuzzed.outcomes[word] for word in WORDS)),
            *(fuzzed.edges, fuzzed.features),
        )
        for name, fuzzed in found.items()
    }
    print(table(("reader", "tried", *WORDS, "edges", "features"), rows))
    write_json(out, {name: fuzzed._asdict() for name, fuzzed in found.items()})
    sys.exit(any(fuzzed.outcomes[bad] for fuzzed in found.values() for bad in BAD))


if __name__ == "__main__":
    main()
