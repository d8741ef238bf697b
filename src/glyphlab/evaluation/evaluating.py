"""From Run and Dataset to Evaluation."""

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32

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
    return evaluation_of(run, dataset, predicted(run.classifier, dataset, precision))


class Predicted(NamedTuple):
    """What a classifier says of a Dataset, and what that cost.

    Attributes
    ----------
    probabilities : float32 [n, classes]
    seconds : float
        Of predicting all images.
    operations : int
        Of one prediction.
    """

    probabilities: Float32[np.ndarray, "n classes"]
    seconds: float
    operations: int


def predicted(classifier: Classifier, dataset: Dataset, precision: Precision = "auto") -> Predicted:
    """Predict every image of a Dataset.

    Raises
    ------
    InputError
        If classes or image shape differ.
    """
    check_fits(classifier, dataset)
    started = time.perf_counter()
    probabilities = classifier.probabilities(dataset.images, precision=precision)
    return Predicted(probabilities, time.perf_counter() - started, _operations(classifier))


def evaluation_of(run: Run, dataset: Dataset, found: Predicted) -> Evaluation:
    """What a Run says on a Dataset, from what its classifier predicted."""
    return Evaluation(
        probabilities=found.probabilities,
        labels=dataset.labels,
        classes=dataset.classes,
        ids=dataset.ids,
        model=run.info.model,
        dataset=dataset.name,
        dataset_fingerprint=dataset.fingerprint,
        seed=run.seed,
        parameters=run.info.parameters,
        seconds=found.seconds,
        operations=found.operations,
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
