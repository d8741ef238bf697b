"""Read, train glyphnet-small by its Recipe, and test, as a user's own short script would."""

import json
import sys
from tempfile import TemporaryDirectory

import glyphlab

MODEL = "glyphnet-small"


def main() -> None:
    """Do what the JSON argument asks for, and print the accuracy and the training's seconds."""
    options = json.loads(sys.argv[1])
    parts = [glyphlab.load(source) for source in options["train"]]
    train = glyphlab.concatenate([part for part in parts if isinstance(part, glyphlab.Dataset)])
    recipe = glyphlab.default_recipe(MODEL).replace(seed=options["seed"], validation=0.0)
    with TemporaryDirectory() as folder:
        run = glyphlab.fit(MODEL, train, recipe, out=f"{folder}/run")
        evaluation = glyphlab.evaluate(run, glyphlab.load(options["test"]))
    print(json.dumps({"accuracy": evaluation.accuracy, "train_seconds": run.info.seconds}))


if __name__ == "__main__":
    main()
