"""From Run and Dataset to Evaluation."""

import time
from pathlib import Path

import torch

from glyphlab.data.dataset import Dataset, shape_in_words
from glyphlab.errors import InputError
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.models.classifier import Classifier
from glyphlab.models.precision import Precision
from glyphlab.training.operations import prediction_flops
from glyphlab.training.run import Run


def evaluate(run: Run | str | Path, dataset: Dataset, precision: Precision = "auto") -> Evaluation:
    """Predict every image of a Dataset with a trained Run.

    Parameters
    ----------
    run : Run or path of its folder
    dataset : Dataset
        With the classes and the image shape that the run was trained on.
    precision : {"auto", "float32", "bfloat16"}
        Of products and convolutions. "auto" is bfloat16 where the hardware multiplies in it, which
        is also how a run is trained there by default; see docs/performance.md for what it changes.

    Returns
    -------
    Evaluation
        Probabilities float32 [n, classes] and what follows from them.

    Raises
    ------
    InputError
        If the run is not finished, or classes or image shape differ.
    """
    run = run if isinstance(run, Run) else Run(run)
    classifier = run.classifier
    check_fits(classifier, dataset)
    started = time.perf_counter()
    probabilities = classifier.probabilities(dataset.images, precision=precision)
    seconds = time.perf_counter() - started
    return Evaluation(
        probabilities=probabilities,
        labels=dataset.labels,
        classes=dataset.classes,
        ids=dataset.ids,
        model=run.info.model,
        dataset=dataset.name,
        dataset_fingerprint=dataset.fingerprint,
        seed=run.seed,
        parameters=run.info.parameters,
        seconds=seconds,
        operations=_operations(classifier),
        train_seconds=run.info.seconds,
    )


def _operations(classifier: Classifier) -> int:
    height, width, channels = classifier.image_shape
    device = next(classifier.module.parameters()).device
    return prediction_flops(
        classifier.module, torch.zeros(1, channels, height, width, device=device)
    )


def check_fits(classifier: Classifier, dataset: Dataset) -> None:
    """Refuse a Dataset that a classifier was not made for.

    Raises
    ------
    InputError
        Naming what differs.
    """
    if tuple(classifier.classes) != tuple(dataset.classes):
        raise InputError(
            f"{classifier.model} knows the classes {', '.join(classifier.classes)}, but "
            f"{dataset.name} has {', '.join(dataset.classes)}; test on the same classes."
        )
    if classifier.image_shape != dataset.image_shape:
        taken, given = map(shape_in_words, (classifier.image_shape, dataset.image_shape))
        raise InputError(
            f"{classifier.model} takes images of {taken}, but those of {dataset.name} are {given}; "
            "read them with that --size and --mode."
        )
