"""Why a model says what it says of an image."""

from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.evaluation.saliency import saliency
from glyphlab.prediction.neighbours import Neighbours
from glyphlab.prediction.predictor import Predictor
from glyphlab.report.images import data_uri, overlay, png

NEAREST = 5


class Explainer:
    """Shows what a model saw, where it looked, and which training images are nearest.

    Threads may share one.

    Parameters
    ----------
    predictor : Predictor
    """

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    @property
    def examples(self) -> int:
        """Training images that the nearest are shown of."""
        examples = self._predictor.run.examples
        return 0 if examples is None else len(examples)

    def prepare(self) -> None:
        """Compute what the first explanation would wait for."""
        _ = self._neighbours

    def explain(self, images: UInt8[np.ndarray, "n size size channels"]) -> list[dict[str, Any]]:
        """For each image `seen`, `looked` and `nearest`, as they are sent.

        Where it looked is how strongly each pixel moves the balance between the two likeliest
        classes, see `saliency`.
        """
        classifier = self._predictor.classifier
        order = np.argsort(-classifier.logits(images), axis=1, kind="stable").astype(np.int64)
        strengths = saliency(classifier, images, order[:, 0], order[:, 1])
        return [
            {
                "seen": data_uri(png(image)),
                "looked": data_uri(png(overlay(image, strength))),
                "nearest": nearest,
            }
            for image, strength, nearest in zip(
                images, strengths, self._nearest(images), strict=True
            )
        ]

    def _nearest(
        self, images: UInt8[np.ndarray, "n size size channels"]
    ) -> list[list[dict[str, str]]]:
        if self._neighbours is None:
            return [[] for _ in images]
        examples = self._neighbours.examples
        indices, _ = self._neighbours.nearest(images, NEAREST)
        return [
            [
                {
                    "image": data_uri(png(examples.images[place])),
                    "class": examples.classes[examples.labels[place]],
                    "id": examples.ids[place],
                }
                for place in row
            ]
            for row in indices.tolist()
        ]

    @cached_property
    def _neighbours(self) -> Neighbours | None:
        examples = self._predictor.run.examples
        if examples is None or not len(examples):
            return None
        return Neighbours(self._predictor.classifier, examples)
