"""The whole lab on 529,113 images: all seven models trained and tested, from the archive.

    python benchmarks/whole_lab.py [--batches 3] [--out FILE] [--quick]

One process of `glyphlab lab` reads the archive, trains every model by its default Recipe, tests
each on the 4,800 built-in test letters, and writes the report. The peer is the notebook's procedure
with its three networks in Keras, timed on some of its 530 batches and extrapolated; reading and
testing do not count against it.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from measuring import machine, peer_python, publish, run_command, run_script, table
from rendered import LARGE, rendered_archive

NETWORKS = ("conv2", "conv-pool", "lenet5")
NOTEBOOK_BATCH = 1_000
Model = Mapping[str, Any]


def whole_lab(archive: Path) -> tuple[dict[str, float], list[Model]]:
    """Seconds and memory of the command, and what it says of each model."""
    with tempfile.TemporaryDirectory(dir="runs/bench") as home:
        out, told = Path(home) / "lab", Path(home) / "lab.json"
        words = ["lab", "--data", str(archive), "--test", "glyphs:test"]
        taken = run_command([*words, "--out", str(out), "--json", str(told)], Path(home))
        return taken, json.loads(told.read_text())["results"]


def notebook(images: int, batches: int) -> dict[str, float]:
    """Seconds of the notebook's three trainings on so many images, extrapolated."""
    python, script = peer_python(), "peers/notebook_keras.py"
    return {
        name: run_script(python, script, {"model": name, "batches": batches})["seconds_per_batch"]
        * (images / NOTEBOOK_BATCH)
        for name in NETWORKS
    }


def lines(
    images: int, taken: Mapping[str, float], models: list[Model], peer: Mapping[str, float]
) -> Iterator[str]:
    """A table of models, then the whole."""
    yield f"{images:,} images, once:\n"
    rows = [
        (
            model["model"],
            f"{model['train_seconds']:.0f}",
            f"{model['accuracy']:.4f}",
            f"{peer[model['model']]:,.0f}" if model["model"] in peer else "–",
        )
        for model in models
    ]
    whole, theirs, peak = taken["seconds"], sum(peer.values()), taken["peak_megabytes"]
    rows.append(("**the whole command**", f"**{whole:.0f}**", "", f"{theirs:,.0f}"))
    header = ("model", "glyphlab: seconds", "accuracy on glyphs:test", "the notebook: seconds")
    yield from table(header, rows)
    yield ""
    yield (
        f"Seven models in {whole / 60:.1f} min, {peak:,.0f} MB resident at most; "
        f"the notebook's three, extrapolated: {theirs / 60:.1f} min ({theirs / whole:.0f}×)."
    )


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--batches", type=int, default=3, help="of the notebook's, timed")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/whole_lab.json"))
    parser.add_argument("--quick", action="store_true", help="10,000 images")
    options = parser.parse_args()
    images, batches = (10_000, 1) if options.quick else (LARGE, options.batches)
    peer = notebook(images, batches)
    taken, models = whole_lab(rendered_archive(images))
    facts = {"machine": machine(), "images": images, "batches": batches}
    facts |= {"command": taken, "models": models, "notebook_seconds": peer}
    publish("the whole lab", facts, list(lines(images, taken, models, peer)), options.out)


if __name__ == "__main__":
    main()
