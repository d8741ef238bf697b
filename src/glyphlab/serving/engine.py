"""How served models compute: by ONNX Runtime, several times as fast for few images as PyTorch."""

import logging
from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, UInt8

from glyphlab.exporting.onnx_model import IMAGES, LOGITS, onnx_model
from glyphlab.models.classifier import Classifier

Engine = Callable[[UInt8[np.ndarray, "n height width channels"]], Float32[np.ndarray, "n classes"]]
"""From images to logits; threads may share it."""
TOLERANCE = 1e-4
_log = logging.getLogger(__name__)


def engine_of(classifier: Classifier) -> Engine:
    """What computes a classifier's logits, on the thread that asks.

    A module that ONNX can't express, or that says otherwise there, is computed by PyTorch.
    """
    try:
        engine = _by_onnx_runtime(onnx_model(classifier))
        noise = np.random.default_rng(0).integers(0, 256, (3, *classifier.image_shape), np.uint8)
        difference = float(np.abs(engine(noise) - classifier.logits(noise)).max())
        if difference <= TOLERANCE * (1 + float(np.abs(engine(noise)).max())):
            return engine
        _log.warning(
            "%s differs by %.2g as ONNX; PyTorch computes it", classifier.model, difference
        )
    except Exception as error:  # exporters fail in ways of their own on modules of the user's
        _log.warning("%s can't be made ONNX (%s); PyTorch computes it", classifier.model, error)
    return classifier.logits


def _by_onnx_runtime(model: bytes) -> Engine:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def logits(
        images: UInt8[np.ndarray, "n height width channels"],
    ) -> Float32[np.ndarray, "n classes"]:
        return np.asarray(session.run([LOGITS], {IMAGES: images})[0])

    return logits
