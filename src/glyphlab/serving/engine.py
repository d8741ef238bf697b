"""How served models compute: by ONNX Runtime, several times as fast for few images as PyTorch.

Making ONNX of a model takes seconds, so a process of its own does it once, and keeps it. Until then
PyTorch computes.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from glyphlab.data.glyphs import cache_folder
from glyphlab.exporting.onnx_model import IMAGES, LOGITS, onnx_model
from glyphlab.exporting.onnx_runtime import open_session
from glyphlab.files import write_bytes
from glyphlab.models.classifier import Classifier
from glyphlab.processes import start_python
from glyphlab.version import __version__

Engine = Callable[[UInt8[np.ndarray, "n height width channels"]], Float32[np.ndarray, "n classes"]]
"""From images to logits; threads may share it."""
TOLERANCE = 1e-4
KEPT = 32
"""Models whose ONNX is kept."""
_log = logging.getLogger(__name__)


class _Differs(Exception):
    """A model says otherwise as ONNX."""


def kept_engine(classifier: Classifier, weights: Path) -> Engine | None:
    """The engine that is kept for the weights in a file; None if there is none that is right.

    Parameters
    ----------
    classifier : Classifier
    weights : Path
        The file that it was read from.
    """
    try:
        return _checked(_kept_file(weights).read_bytes(), classifier)
    except Exception:  # missing, or damaged in whatever way: it can be made again
        return None


async def keep_elsewhere(weights: Path) -> None:
    """Let another process `keep`, while this one serves."""
    code = f"from glyphlab.serving.engine import keep; keep({str(weights)!r})"
    process = start_python(code)
    try:
        await asyncio.to_thread(process.wait)
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def keep(weights: Path | str) -> None:
    """Make ONNX of the weights in a file, and keep it if it says the same.

    A module that ONNX can't express goes on by PyTorch.
    """
    file = Path(weights)
    try:
        classifier = Classifier.load(file)
        model = onnx_model(classifier)
        _checked(model, classifier)
        kept = _kept_file(file)
        write_bytes(kept, model)
    except Exception as error:  # exporters fail in ways of their own
        _log.warning("%s can't be computed as ONNX (%s), so slower", file, error)
    else:
        _forget_oldest(kept.parent)


def _kept_file(weights: Path) -> Path:
    digest = sha256(f"{__version__} {torch.__version__} ".encode())
    digest.update(weights.read_bytes())
    return cache_folder() / "onnx" / f"{digest.hexdigest()}.onnx"


def _checked(model: bytes, classifier: Classifier) -> Engine:
    """An engine of this model, if it says of some images what the classifier says."""
    engine = _by_onnx_runtime(model)
    noise = np.random.default_rng(0).integers(0, 256, (3, *classifier.image_shape), np.uint8)
    expected = classifier.logits(noise)
    difference = np.abs(engine(noise) - expected).max()
    if not difference <= TOLERANCE * (1 + np.abs(expected).max()):
        raise _Differs(f"its logits differ by {difference:.2g}")
    return engine


def _by_onnx_runtime(model: bytes) -> Engine:
    session = open_session(model, threads=1)

    def logits(
        images: UInt8[np.ndarray, "n height width channels"],
    ) -> Float32[np.ndarray, "n classes"]:
        return np.asarray(session.run([LOGITS], {IMAGES: images})[0])

    return logits


def _forget_oldest(folder: Path) -> None:
    with suppress(OSError):
        kept = sorted(folder.glob("*.onnx"), key=lambda file: file.stat().st_mtime)
        for file in kept[:-KEPT]:
            file.unlink()
