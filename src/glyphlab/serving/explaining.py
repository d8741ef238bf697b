"""Why a model says what it says of an image."""

from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.evaluation.saliency import saliency
from glyphlab.prediction.predictor import Predictor
from glyphlab.report.images import data_uri, overlay, png

NEAREST = 5


class Explainer:
    """Shows what a model saw, where it looked, and which training images are nearest.

    Parameters
    ----------
    predictor : Predictor
    """

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    @property
    def examples(self) -> int:
        """Training images that are kept to show the nearest of."""
        return 0

    def explain(self, images: UInt8[np.ndarray, "n size size channels"]) -> list[dict[str, Any]]:
        """For each image `seen`, `looked` and `nearest`, as they are sent.

        Where it looked is how strongly each pixel moves the balance between the two likeliest
        classes, see `saliency`.
        """
        classifier = self._predictor.classifier
        order = np.argsort(-classifier.logits(images), axis=1, kind="stable").astype(np.int64)
        strengths = saliency(
            classifier, images, order[:, 0], order[:, -1 if order.shape[1] < 2 else 1]
        )
        return [
            {
                "seen": data_uri(png(image)),
                "looked": data_uri(png(overlay(image, strength))),
                "nearest": [],
            }
            for image, strength in zip(images, strengths, strict=True)
        ]
