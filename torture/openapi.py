"""Requests that the server's OpenAPI document allows, and such as it doesn't, by the thousand.

Usage: python torture/openapi.py [--requests 5000] [--seed 0] [--out FILE]
Schemathesis makes them up from the document; every answer must be one that the document tells of,
by status, content type, headers and body, and none a failure of the server. Half of those for
predictions are allowed, half are not; the other operations are asked as often as they can differ.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from schemathesis import GenerationMode
from tests.serving.documented import OPERATIONS, PREDICT, statuses
from tests.serving.running import Server, served

import goods
from glyphlab.files import write_json

MODES = {"allowed": GenerationMode.POSITIVE, "not allowed": GenerationMode.NEGATIVE}


def ask_all(server: Server, requests: int, seed: int) -> Iterator[tuple[str, Counter[int], str]]:
    """What was asked, the statuses of the answers, and what was wrong with one of them, if any."""
    for operation in OPERATIONS:
        modes = MODES if operation is PREDICT else {"allowed": GenerationMode.POSITIVE}
        for word, mode in modes.items():
            name = f"{operation.label}, {word}"
            print(name, file=sys.stderr)
            try:
                yield name, statuses(server, operation, mode, requests // 2, seed), ""
            except Exception as error:  # of any kind: what schemathesis says of a bad answer
                yield name, Counter(), f"{type(error).__name__}: {error}"


def main() -> None:
    """Ask, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/torture/openapi.json"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as place:
        run = goods.trained(Path(place))
        with served([run]) as server:
            found = list(ask_all(server, asked.requests, asked.seed))
    print("| asked | requests | statuses | failures |\n| --- | ---: | --- | ---: |")
    facts: dict[str, Any] = {}
    for name, seen, problem in found:
        told = ", ".join(f"{status}: {count:,}" for status, count in sorted(seen.items()))
        print(f"| {name} | {seen.total():,} | {told} | {int(bool(problem))} |")
        facts[name] = {"statuses": dict(seen), "problem": problem}
        print(problem, file=sys.stderr)
    write_json(asked.out, facts)
    sys.exit(any(problem for _, _, problem in found))


if __name__ == "__main__":
    main()
