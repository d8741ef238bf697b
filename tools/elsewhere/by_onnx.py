"""What an exported ONNX model says of the images; needs ONNX Runtime and NumPy.

Usage: python by_onnx.py MODEL, in the folder of the material.
"""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # it would report its use to its makers
import onnxruntime


def main(model: str) -> None:
    """Write the probabilities of all images as JSON."""
    for package in ("glyphlab", "torch", "onnx", "onnxscript", "PIL"):
        assert find_spec(package) is None, f"{package} is installed, which proves nothing"
    (file,) = Path("exports", "onnx", model).glob("*.onnx")
    session = onnxruntime.InferenceSession(file)
    (said,) = session.run(["probabilities"], {"images": np.load("images.npy")})
    Path(f"{model}.onnx.json").write_text(json.dumps(said.tolist()))


if __name__ == "__main__":
    main(sys.argv[1])
