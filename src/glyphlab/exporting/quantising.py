"""An exported ONNX model in eight bits beside it, and what that costs and gains."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.evaluation.evaluating import check_fits
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.evaluation.statistics import paired_difference
from glyphlab.exporting.int8 import CALIBRATION, Int8, quantised, speed_ratio
from glyphlab.exporting.onnx_runtime import OnnxPredictor
from glyphlab.files import write_bytes
from glyphlab.models.classifier import Classifier
from glyphlab.training.run import Run

ENDING = ".int8.onnx"


def calibration_images(
    run: Run, classifier: Classifier, given: Dataset | None, check: Dataset | None
) -> Dataset:
    """Some training images, drawn at random but always the same, to set eight bits by.

    Raises
    ------
    InputError
        If there are none, they don't fit, or are the test images.
    """
    images = given if given is not None else run.examples
    if images is None or not len(images):
        raise InputError(
            f"int8 is set by training images, and {run.path} keeps none; give them by --calibrate."
        )
    check_fits(classifier, images)
    if check is not None and images.fingerprint == check.fingerprint:
        raise InputError(
            f"{check.name} can't be both what int8 is set by and what it is tested on; calibrate "
            "on training images."
        )
    drawn = np.random.default_rng(0).permutation(len(images))[:CALIBRATION]
    return images.subset(np.sort(drawn))


def quantise(
    model: Path,
    facts: dict[str, str],
    calibrate: Dataset,
    *,
    images: UInt8[np.ndarray, "n height width channels"],
    ours: Float32[np.ndarray, "n classes"],
    evaluation: Evaluation | None,
) -> Int8:
    """Write the quantised model beside a model, and compare them.

    Parameters
    ----------
    model : Path
        The float32 model; the other has `ENDING` in place of its ending.
    facts : dict
        What both say of themselves.
    calibrate : Dataset
    images : uint8 [n, height, width, channels]
        Those that `ours` is of; where there is no evaluation, the calibration images are looked at.
    ours : float32 [n, classes]
        Probabilities by the float32 model.
    evaluation : Evaluation or None
        Of the float32 model on `images`.
    """
    whole = model.read_bytes()
    method = f"int8, static, set by {len(calibrate):,} images of {calibrate.name}"
    small = quantised(whole, calibrate.images, {**facts, "quantisation": method})
    write_bytes(model.with_name(model.stem + ENDING), small)
    slow, fast = OnnxPredictor(whole), OnnxPredictor(small)
    if evaluation is None:
        images, ours = calibrate.images, slow(calibrate.images)
    started = time.perf_counter()
    said = fast(images)
    seconds = time.perf_counter() - started
    tested = evaluation and replace(
        evaluation, probabilities=said, model=f"{evaluation.model} (int8)", seconds=seconds
    )
    return Int8(
        calibrated_on=calibrate.name,
        n_calibration=len(calibrate),
        same_class=float((said.argmax(axis=1) == ours.argmax(axis=1)).mean()),
        size_ratio=len(small) / len(whole),
        speed_ratio=speed_ratio(fast, slow, images),
        evaluation=tested,
        difference=(
            paired_difference(tested.correct, evaluation.correct)
            if tested is not None and evaluation is not None
            else None
        ),
    )
