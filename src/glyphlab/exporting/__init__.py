"""A trained model for other programs, and weights from them."""

import os

# ONNX Runtime reports its use to its makers, from its import on, where it is not told otherwise.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
