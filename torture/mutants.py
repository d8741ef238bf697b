"""Change the code, one thing at a time, and see whether a test notices.

Usage: python torture/mutants.py [--processes 2] [MODULE …], a MODULE such as data.ids
mutmut makes the changes (mutants) in a copy of the code, the folder `mutants`, and runs for each
those tests that come by the changed function. pyproject.toml says which modules and which tests.
What has been tried already is tried again only where the function has changed, or where its
module is named. Told of each module: how many mutants there are, how many a test noticed (also by
never ending), how many none noticed, and the names of these; `mutmut show NAME` shows one.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

MADE = Path("mutants/src/glyphlab")
NOTICED, TOO_LONG, UNTRIED = {1, 3, -11}, {36, -24, 24, 152, -9}, {None, 2, 255}
"""What pytest, or the system, answers for a mutant."""


def table(made: Path) -> str:
    """What became of the mutants of each module, and the names of those that nothing noticed."""
    rows = ["| module | mutants | noticed | never ended | not noticed | not tried |"]
    rows.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    unnoticed: list[str] = []
    for path in sorted(made.rglob("*.py.meta")):
        answers = json.loads(path.read_text())["exit_code_by_key"]
        counts = Counter(map(kind, answers.values()))
        if not answers:
            continue
        name = path.relative_to(made).as_posix().removesuffix(".py.meta")
        figures = (counts[each] for each in ("noticed", "too long", "not noticed", "untried"))
        rows.append(" | ".join((f"| {name}", f"{len(answers):,}", *map(str, figures))) + " |")
        unnoticed += [key for key, code in answers.items() if kind(code) == "not noticed"]
    return "\n".join([*rows, "", *unnoticed])


def kind(code: int | None) -> str:
    """What an exit status says of a mutant."""
    if code in UNTRIED:
        return "untried"
    if code in TOO_LONG:
        return "too long"
    return "noticed" if code in NOTICED else "not noticed"


def main() -> int:
    """Try the mutants, and tell of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    names = [f"glyphlab.{module}.*" for module in options.modules]
    mutmut = Path(sys.executable).with_name("mutmut")
    done = subprocess.run(
        [mutmut, "run", "--max-children", str(options.processes), *names], check=False
    )
    print(table(MADE))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
