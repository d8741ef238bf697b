"""ONNX models, computed by ONNX Runtime."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from glyphlab.exporting.onnx_model import IMAGES, PROBABILITIES
from glyphlab.extras import extra

BATCH = 256


def open_session(model: bytes, threads: int) -> Any:
    """An ONNX model, opened to be run on the CPU by so many threads; others may share it.

    Raises
    ------
    InputError
        If ONNX Runtime is not installed.
    """
    with extra("export", "ONNX Runtime"):
        import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class OnnxPredictor:
    """What an ONNX model says of images, on as many threads as PyTorch uses.

    Parameters
    ----------
    model : bytes

    Raises
    ------
    InputError
        If ONNX Runtime is not installed.
    """

    def __init__(self, model: bytes) -> None:
        self._session = open_session(model, torch.get_num_threads())

    def __call__(
        self, images: UInt8[np.ndarray, "n height width channels"], batch_size: int = BATCH
    ) -> Float32[np.ndarray, "n classes"]:
        """Probabilities of images; at least one."""
        starts = range(0, len(images), batch_size)
        parts = [np.ascontiguousarray(images[k : k + batch_size]) for k in starts]
        return np.concatenate(
            [self._session.run([PROBABILITIES], {IMAGES: part})[0] for part in parts]
        )
