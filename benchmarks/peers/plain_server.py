"""A model served the plain way: a FastAPI handler that calls it once for each request."""

import io
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, UploadFile
from PIL import Image

CLASSES = "ABCDEFGHIJ"


def by_torch(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Probabilities of one image float32 [28, 28] by PyTorch."""
    import torch
    from torch_prediction import network

    module = network(name).eval()

    def probabilities(levels: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            logits = module(torch.from_numpy(levels)[None, None])
            return torch.softmax(logits, dim=1)[0].numpy()

    return probabilities


def by_keras(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """The same by Keras, as a compiled function, which is much faster than `predict`."""
    import tensorflow
    from keras_prediction import network

    model = network(name)
    call = tensorflow.function(lambda images: tensorflow.nn.softmax(model(images, training=False)))
    return lambda levels: call(levels[None, :, :, None])[0].numpy()


def application(probabilities: Callable[[np.ndarray], np.ndarray]) -> FastAPI:
    """The handler, which FastAPI calls on one of its threads."""
    app = FastAPI()

    @app.get("/healthz")
    def healthy() -> str:
        return "ok"

    @app.post("/api/predict")
    def predict(image: UploadFile) -> dict[str, Any]:
        opened = Image.open(io.BytesIO(image.file.read())).convert("L").resize((28, 28))
        levels = (np.asarray(opened, np.float32) / 255 - 0.5) / 0.29
        said = probabilities(levels)
        best = int(said.argmax())
        return {
            "class": CLASSES[best],
            "probability": float(said[best]),
            "probabilities": said.tolist(),
        }

    return app


def main() -> None:
    """Serve what the JSON argument names, until the process is ended."""
    task = json.loads(sys.argv[1])
    made = {"PyTorch": by_torch, "Keras": by_keras}[task["by"]](task["model"])
    made(np.zeros((28, 28), np.float32))
    uvicorn.run(application(made), port=task["port"], log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
