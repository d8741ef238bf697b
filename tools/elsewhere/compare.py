"""How far what was said elsewhere is from what was said here; exit status 1 above 1e-5.

Usage: python tools/elsewhere/compare.py FOLDER, in the folder where all of it was said.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

TOLERANCE = 1e-5
COLUMNS = ("probability", "second_probability")


def main(folder: Path) -> int:
    """Print a table, and tell whether all is the same."""
    lines = [
        "| model | environment | packages | images | same class | largest difference |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    good = True
    for file in sorted(Path().glob("*.here.json")):
        model = file.name.removesuffix(".here.json")
        for environment, (ours, theirs, same) in compared(model).items():
            difference = float(np.abs(ours - theirs).max())
            good &= difference <= TOLERANCE and bool(same.all())
            lines.append(
                f"| `{model}` | {environment} | {packages(folder / environment)} | {len(ours):,} "
                f"| {same.mean():.1%} | {difference:.1e} |"
            )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if good else 1


def compared(model: str) -> dict[str, tuple[Any, Any, Any]]:
    """For each environment: what was said here and there, and which images have one class."""
    here, there = (rows(f"{model}.{name}.json") for name in ("here", "predict"))
    assert [row["image"] for row in here] == [row["image"] for row in there]
    pairs = [[[row[key] for key in COLUMNS] for row in some] for some in (here, there)]
    same = [a["class"] == b["class"] for a, b in zip(here, there, strict=True)]
    found = {"predict": (np.array(pairs[0]), np.array(pairs[1]), np.array(same))}
    ours = np.load(f"{model}.npy")
    for name in ("python", "onnx"):
        theirs = np.array(json.loads(Path(f"{model}.{name}.json").read_text()))
        found[name] = (ours, theirs, ours.argmax(axis=1) == theirs.argmax(axis=1))
    return found


def rows(file: str) -> list[dict[str, Any]]:
    """What `glyphlab predict` said of each image."""
    predictions: list[dict[str, Any]] = json.loads(Path(file).read_text())["predictions"]
    return predictions


def packages(environment: Path) -> int:
    """How many are installed beside pip and what it needs."""
    (site,) = environment.glob("lib/python*/site-packages")
    names = {path.name.partition("-")[0].lower() for path in site.glob("*.dist-info")}
    return len(names - {"pip", "setuptools", "wheel"})


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
