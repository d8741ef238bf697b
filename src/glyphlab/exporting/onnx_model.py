"""A classifier as an ONNX model, normalisation inside."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from glyphlab.extras import extra
from glyphlab.models.classifier import Classifier, apply_head

IMAGES, LOGITS = "images", "logits"
"""Names of the input, uint8 [batch, height, width, channels], and of the output."""


class _FromPixels(nn.Module):
    """A classifier's module with all that is done before and after it."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.module, self.head = classifier.module, classifier.head
        for name, numbers in (("mean", classifier.mean), ("std", classifier.std)):
            self.register_buffer(name, torch.tensor(numbers).view(-1, 1, 1))

    def forward(
        self, images: UInt8[Tensor, "batch height width channels"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of pixels from 0 to 255."""
        levels = images.permute(0, 3, 1, 2).float() / 255
        mean, std = self.get_buffer("mean"), self.get_buffer("std")
        return apply_head(self.module((levels - mean) / std), self.head)


def onnx_model(classifier: Classifier) -> bytes:
    """A classifier as ONNX, for any number of images at once.

    Parameters
    ----------
    classifier : Classifier

    Returns
    -------
    bytes
        A model from `images`, uint8 [batch, height, width, channels], to `logits`, float32
        [batch, classes].

    Raises
    ------
    InputError
        If the packages of the extra `export` are not installed.
    """
    with extra("export", "ONNX"):
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    two = torch.zeros((2, *classifier.image_shape), dtype=torch.uint8)
    with _in_silence():
        program = torch.onnx.export(
            _FromPixels(classifier).eval(),
            (two,),
            input_names=[IMAGES],
            output_names=[LOGITS],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    return bytes(program.model_proto.SerializeToString())


@contextmanager
def _in_silence() -> Iterator[None]:
    """PyTorch's exporter tells of its own deprecations, which nobody here can act on."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
