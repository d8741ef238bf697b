"""A classifier as an ONNX model, normalisation inside."""

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from glyphlab.exporting.silence import in_silence
from glyphlab.extras import extra
from glyphlab.models.classifier import Classifier, apply_head, scale_and_shift
from glyphlab.version import __version__

if TYPE_CHECKING:
    import onnx

OPSET = 18
"""The newest set of operators that PyTorch's exporter writes without converting."""
IMAGES, LOGITS, PROBABILITIES = "images", "logits", "probabilities"
"""Names of the input, uint8 [batch, height, width, channels], and of the outputs."""


class _FromPixels(nn.Module):
    """A classifier's module with all that is done before and after it."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.module, self.head = classifier.module, classifier.head
        device = next((w.device for w in self.module.parameters()), torch.device("cpu"))
        numbers = tuple(classifier.mean), tuple(classifier.std)
        for name, values in zip(("scale", "shift"), scale_and_shift(*numbers, device), strict=True):
            self.register_buffer(name, values)

    def forward(
        self, images: UInt8[Tensor, "batch height width channels"]
    ) -> tuple[Float[Tensor, "batch classes"], Float[Tensor, "batch classes"]]:
        """Logits and probabilities of pixels from 0 to 255."""
        levels = images.permute(0, 3, 1, 2).float()
        normalised = levels * self.get_buffer("scale") + self.get_buffer("shift")
        logits = apply_head(self.module(normalised), self.head)
        return logits, torch.softmax(logits, dim=1)


def onnx_model(classifier: Classifier, facts: Mapping[str, str] | None = None) -> bytes:
    """A classifier as ONNX, for any number of images at once.

    Parameters
    ----------
    classifier : Classifier
    facts : mapping of str to str, optional
        What the model says of itself, its `metadata_props`.

    Returns
    -------
    bytes
        A model from `images`, uint8 [batch, height, width, channels] with pixels from 0 to 255, to
        `logits` and `probabilities`, float32 [batch, classes]. It has passed ONNX's checker.

    Raises
    ------
    InputError
        If the packages of the extra `export` are not installed.
    """
    with extra("export", "ONNX"):
        import onnx
        import onnxscript  # noqa: F401
    two = torch.zeros((2, *classifier.image_shape), dtype=torch.uint8)
    wrapped = _FromPixels(classifier)
    training = classifier.module.training
    try:
        with in_silence(), warnings.catch_warnings(action="ignore"):
            program = torch.onnx.export(
                wrapped.eval(),
                (two.to(wrapped.get_buffer("scale").device),),
                input_names=[IMAGES],
                output_names=[LOGITS, PROBABILITIES],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    finally:
        classifier.module.train(training)
    assert program is not None
    model = program.model_proto
    _forget_the_exporter(model)
    state_facts(model, facts or {})
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def state_facts(model: "onnx.ModelProto", facts: Mapping[str, str]) -> None:
    """Let a model say who made it, and these facts and no others."""
    model.producer_name, model.producer_version = "glyphlab", __version__
    del model.metadata_props[:]
    for key, value in facts.items():
        model.metadata_props.add(key=key, value=value)


def _forget_the_exporter(model: "onnx.ModelProto") -> None:
    """Leave out where in whose folders each operation was written."""
    model.graph.doc_string = ""
    for part in (*model.graph.node, *model.graph.value_info, model.graph, *model.graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    for end in (*model.graph.input, *model.graph.output):
        del end.metadata_props[:]
