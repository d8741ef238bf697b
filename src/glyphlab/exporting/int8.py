"""ONNX models in eight bits: smaller, and faster where the processor multiplies bytes well."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.evaluation.statistics import PairedDifference
from glyphlab.exporting.agreement import Predict
from glyphlab.exporting.onnx_model import IMAGES, state_facts
from glyphlab.exporting.silence import in_silence
from glyphlab.extras import extra

CALIBRATION = 512
"""Images by which the ranges of features are set."""
_BATCH = 64
_TIMED, _ROUNDS = 1_024, 5


@dataclass(frozen=True)
class Int8:
    """A quantised model beside the one that it was made of.

    Attributes
    ----------
    calibrated_on : str
        Name of the Dataset.
    n_calibration : int
        Images of it by which the ranges were set.
    same_class : float
        Share of the images looked at that both models give one class.
    size_ratio, speed_ratio : float
        Bytes and images per second as shares of the float32 model's; the best of five rounds.
    evaluation : Evaluation or None
        On the images to check with.
    difference : PairedDifference or None
        Its accuracy minus the float32 model's, image by image.
    """

    calibrated_on: str
    n_calibration: int
    same_class: float
    size_ratio: float
    speed_ratio: float
    evaluation: Evaluation | None
    difference: PairedDifference | None

    def to_json(self) -> dict[str, Any]:
        """All of it under stable keys."""
        made, found = self.evaluation, self.difference
        return {
            "calibrated_on": self.calibrated_on,
            "n_calibration": self.n_calibration,
            "same_class": self.same_class,
            "size_ratio": self.size_ratio,
            "speed_ratio": self.speed_ratio,
            "evaluation": made and made.to_json(),
            "difference": found and found.difference,
            "difference_ci95": found and list(found.ci95),
        }


def quantised(
    model: bytes,
    images: UInt8[np.ndarray, "n height width channels"],
    facts: Mapping[str, str],
) -> bytes:
    """Quantise a model that `onnx_model` made, statically: QDQ, weights by channel.

    Weights take seven bits of eight: processors without dot products of bytes (AVX2) add two
    products in 16 bits, which those of eight bits overflow. There eight bits cost the ladder's
    models 0.2 to 5 points of accuracy, and seven at most 0.2; see docs/export.md. The softmax stays
    in float32, so that probabilities are no multiples of 1/256.

    Parameters
    ----------
    model : bytes
    images : uint8 [n, height, width, channels]
        Training images, by whose features the ranges are set.
    facts : mapping of str to str
        What the result says of itself.

    Raises
    ------
    InputError
        If the packages of the extra `export` are not installed.
    """
    with extra("export", "int8"):
        import onnx
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process
    with TemporaryDirectory(prefix="glyphlab-") as name, in_silence():
        folder = Path(name)
        (folder / "float32.onnx").write_bytes(model)
        quant_pre_process(folder / "float32.onnx", folder / "folded.onnx", skip_symbolic_shape=True)
        nodes = onnx.load(folder / "folded.onnx").graph.node
        quantize_static(
            folder / "folded.onnx",
            folder / "int8.onnx",
            _Batches(images),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=[node.name for node in nodes if node.op_type == "Softmax"],
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        made = onnx.load(folder / "int8.onnx")
    state_facts(made, facts)
    onnx.checker.check_model(made, full_check=True)
    return bytes(made.SerializeToString(deterministic=True))


def speed_ratio(
    fast: Predict, slow: Predict, images: UInt8[np.ndarray, "n height width channels"]
) -> float:
    """Images per second of one model as a share of another's, asked in turns."""
    some = images[:_TIMED]
    best = [float("inf"), float("inf")]
    for _ in range(_ROUNDS):
        for place, predict in enumerate((fast, slow)):
            started = time.perf_counter()
            predict(some)
            best[place] = min(best[place], time.perf_counter() - started)
    return best[1] / best[0]


class _Batches:
    """Images in batches, as ONNX Runtime asks for them."""

    def __init__(self, images: UInt8[np.ndarray, "n height width channels"]) -> None:
        self._parts: Iterator[np.ndarray[Any, Any]] = (
            np.ascontiguousarray(images[k : k + _BATCH]) for k in range(0, len(images), _BATCH)
        )

    def get_next(self) -> dict[str, np.ndarray[Any, Any]] | None:
        """The next batch; None at the end."""
        part = next(self._parts, None)
        return None if part is None else {IMAGES: part}
