"""How each exported file is used, as lines to copy."""

from glyphlab.exporting.quantising import ENDING
from glyphlab.language import say
from glyphlab.models.classifier import Classifier


def uses(format_: str, stem: str, classifier: Classifier, int8: bool) -> list[str]:
    """Blocks of Markdown that show the use of what was written.

    Parameters
    ----------
    format_ : {"onnx", "safetensors", "python", "card"}
    stem : str
        Name of the files, without endings.
    classifier : Classifier
    int8 : bool
        Whether there is a quantised model, too.
    """
    height, width, channels = classifier.image_shape
    shape = f"{height}, {width}, {channels}"
    if format_ == "onnx":
        blocks = [say("card-use-onnx"), _python(_ONNX.format(stem=stem, shape=shape))]
        return [*blocks, say("card-use-int8", file=f"`{stem}{ENDING}`")] if int8 else blocks
    if format_ == "safetensors":
        return [
            say("card-use-safetensors"),
            _python(_SAFETENSORS.format(stem=stem)),
            say("card-use-import"),
            f"```\nglyphlab import {stem}.safetensors --out runs/{stem}\n```",
        ]
    if format_ == "python":
        return [
            say("card-use-python"),
            f"```\npython {stem}.py letter.png\n```",
            _python(_PYTHON.format(stem=stem, shape=shape)),
        ]
    return [say("card-use-glyphlab"), "```\nglyphlab predict RUN letter.png\n```"]


_ONNX = """\
import json

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("{stem}.onnx")
classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
images = np.zeros((1, {shape}), np.uint8)
logits, probabilities = session.run(None, {{"images": images}})
print(classes[probabilities[0].argmax()])"""

_SAFETENSORS = """\
from safetensors.torch import load_file

state = load_file("{stem}.safetensors")"""

_PYTHON = """\
import numpy as np

import {stem}

images = np.zeros((1, {shape}), np.uint8)
probabilities = {stem}.predict(images)[0]
print({stem}.CLASSES[probabilities.argmax()])"""


def _python(code: str) -> str:
    return f"```python\n{code}\n```"
