"""Files that are read after some of their bytes were changed.

Usage: python torture/mutate.py [--times 5000] [--seed 0] [--readers npz …] [--out FILE]
Each reader is given a good small file, and then `--times` mutations of it: bytes changed, cut out,
put in, doubled, numbers made large, the end cut off. A good answer is a result, or one sentence
(`GlyphlabError`). Told of each reader: how many mutations were read, how many refused, and in how
many it crashed with another exception, took more than five seconds, or the process grew by more
than 500 MB. What crashed is kept beside the output. `fuzz.py` does the same guided by coverage.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from blind import mutated
from glyphlab.files import write_json
from judge import BAD, WORDS, judge
from readers import Reader, readers
from tables import table


def attack(name: str, good: Reader, times: int, seed: int, kept: Path) -> Counter[str]:
    """Give a reader mutations of a good file."""
    generator, tally = random.Random(f"{seed} {name}"), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        path = Path(place) / good.file
        path.write_bytes(good.content)
        good.read(path)  # It must be good.
        for _ in range(times):
            given = mutated(good.content, generator)
            path.write_bytes(given)
            outcome = judge(good.read, path)
            tally[outcome.word] += 1
            if outcome.word in BAD:
                digest = f"{name.replace(' ', '-')}-{tally.total()}"
                kept.mkdir(parents=True, exist_ok=True)
                (kept / digest).write_bytes(given)
                print(f"  {digest}: {outcome.word} {outcome.detail}", file=sys.stderr)
    return tally


def main() -> None:
    """Attack, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--readers", nargs="+")
    parser.add_argument("--out", type=Path, default=Path("runs/torture/mutate.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        good = readers(Path(place))
        tallies = {}
        for name in options.readers or good:
            print(name, file=sys.stderr)
            kept = options.out.parent / "kept"
            tallies[name] = attack(name, good[name], options.times, options.seed, kept)
    rows = {n: (tally.total(), *(tally[w] for w in WORDS)) for n, tally in tallies.items()}
    print(table(("reader", "tried", *WORDS), rows))
    write_json(options.out, tallies)
    sys.exit(any(tally[bad] for tally in tallies.values() for bad in BAD))


if __name__ == "__main__":
    main()
