"""Networks of Keras's, brought to glyphlab by their weights: whether they say the same.

    python benchmarks/keras_weights.py [--out FILE] [--quick]

Keras trains each network for one epoch on the built-in letters and names the test letters. Its
weights are turned into PyTorch's axes, as docs/coming-from-keras.md says, and imported by
`glyphlab.import_weights`. Shown are the largest difference of a probability and the letters of
which the two name different classes.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

import glyphlab
from measuring import OWN_PACKAGES, machine, peer_python, publish, run_script, table

LAYERS = {
    "logistic": ["dense"],
    "mlp": ["hidden.0", "hidden.1", "dense"],
    "conv2": ["conv1", "conv2", "dense"],
    "conv-pool": ["conv", "dense"],
    "lenet5": ["conv1", "conv2", "dense1", "dense2", "dense3"],
}
AXES = {1: (0,), 2: (1, 0), 4: (3, 2, 0, 1)}
"""Of a bias; of Dense: inputs, outputs; of Conv2D: height, width, inputs, outputs."""


def main() -> None:
    """Train, convert, compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/keras_weights.json"))
    parser.add_argument("--quick", action="store_true", help="two networks on few letters")
    asked = parser.parse_args()
    names = ["logistic", "conv-pool"] if asked.quick else list(LAYERS)
    train, test = glyphlab.load("glyphs")
    if asked.quick:
        _, train = glyphlab.split(train, 0.02)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        versions = train_in_keras(folder, names, train, test)
        rows = [compared(folder, model, test) for model in names]
    facts = {"machine": machine(OWN_PACKAGES) | versions, "n": len(test), "networks": rows}
    columns = ("network", "largest difference of a probability", "other classes named")
    shown = [(r["network"], f"{r['difference']:.1e}", str(r["other"])) for r in rows]
    lines = table(columns, shown)
    publish("Does a network of Keras's say the same here?", facts, list(lines), asked.out)


def train_in_keras(
    folder: Path, names: list[str], train: glyphlab.Dataset, test: glyphlab.Dataset
) -> dict[str, Any]:
    """Let Keras leave weights and probabilities of each network in the folder."""
    arrays = folder / "arrays.npz"
    np.savez(arrays, images=train.images, labels=train.labels, test=test.images)
    options = {"arrays": str(arrays), "out": str(folder), "networks": names}
    classes = {"classes": len(train.classes)}
    return run_script(peer_python().absolute(), "peers/keras_weights.py", options | classes)


def compared(folder: Path, name: str, test: glyphlab.Dataset) -> dict[str, Any]:
    """Import one network's weights, and compare what it says with what it said in Keras."""
    with np.load(folder / f"{name}.npz") as saved:
        weights = list(saved.values())
    file = folder / f"{name}.safetensors"
    save_file(from_keras(weights, LAYERS[name]), file)
    run = glyphlab.import_weights(file, folder / name, model=name, classes=test.classes)
    here, there = run.classifier.probabilities(test.images), np.load(folder / f"{name}.npy")
    return {
        "network": name,
        "difference": float(np.abs(here - there).max()),
        "other": int((here.argmax(1) != there.argmax(1)).sum()),
    }


def from_keras(weights: list[Any], layers: list[str]) -> dict[str, Any]:
    """What `model.get_weights()` gives, under PyTorch's names and with PyTorch's axes."""
    keys = [f"{layer}.{part}" for layer in layers for part in ("weight", "bias")]
    turned = [np.ascontiguousarray(w.transpose(AXES[w.ndim])) for w in weights]
    return dict(zip(keys, turned, strict=True))


if __name__ == "__main__":
    main()
