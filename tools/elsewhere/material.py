"""Train three models and write what elsewhere is to be used: runs, exports and images.

Usage: python tools/elsewhere/material.py FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np

import glyphlab

N, STEPS = 500, 200
MODELS = {"lenet5": {}, "conv-pool": {"pooling": "mean"}, "glyphnet-small": {}}


def main(folder: Path) -> None:
    """Write them; the probabilities to be reached are those in float32 here."""
    train, test = glyphlab.load("glyphs")
    drawn = np.random.default_rng(0).permutation(len(test))[:N]
    paths = test.subset(np.sort(drawn)).to_folder(folder / "images")
    images = glyphlab.load(folder / "images")
    assert sorted(images.ids) == sorted(paths)
    np.save(folder / "images.npy", images.images)
    (folder / "images.json").write_text(json.dumps(list(images.ids)))
    for model, arguments in MODELS.items():
        recipe = glyphlab.default_recipe(model).replace(steps=STEPS)
        module = glyphlab.build(model, train.image_shape, len(train.classes), **arguments)
        run = glyphlab.fit(module, train, recipe, out=folder / "runs" / model)
        for format_ in ("python", "onnx"):
            glyphlab.export(run, format_, folder / "exports" / format_ / model)
        np.save(folder / f"{model}.npy", run.classifier.probabilities(images.images))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
