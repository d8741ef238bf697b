"""glyphlab: prediction by a Classifier, as `glyphlab evaluate` and a user's own code call it."""

import json

import torch
from predicting import random_images, read_task, time_ways

from glyphlab import Classifier, build

CLASSES = "ABCDEFGHIJ"


def main() -> None:
    """Time what the JSON argument asks for."""
    task, options = read_task()
    torch.manual_seed(0)
    module = build(task.model, (28, 28, 1), len(CLASSES), **options["arguments"]).eval()
    classifier = Classifier(module, task.model, CLASSES, (28, 28, 1), [0.5], [0.29])
    precision = options["precision"]
    bulk = {precision: lambda images: classifier.probabilities(images, precision=precision)}
    timed = time_ways(task, random_images(task.images), bulk, {"float32": classifier.probabilities})
    print(json.dumps(timed))


if __name__ == "__main__":
    main()
