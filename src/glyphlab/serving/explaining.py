"""Why a model says what it says of an image."""

from collections.abc import Mapping, Sequence
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

    def prepare(self) -> None:
        """Compute what the first explanation would wait for."""
        _ = self._neighbours

    def explained(
        self,
        images: UInt8[np.ndarray, "n size size channels"],
        answers: Sequence[Mapping[str, Any]],
    ) -> list[dict[str, Any]]:
        """The answers for some images with `seen`, `looked` and `nearest`, as they are sent.

        Where it looked is how strongly each pixel moves the balance between the two likeliest
        classes, see `saliency`.
        """
        classifier = self._predictor.classifier
        first, second = (
            np.array([classifier.classes.index(answer[key]) for answer in answers], np.int64)
            for key in ("class", "second")
        )
        strengths = saliency(classifier, images, first, second)
        return [
            {
                **answer,
                "seen": data_uri(png(image)),
                "looked": data_uri(png(overlay(image, strength))),
                "nearest": nearest,
            }
            for answer, image, strength, nearest in zip(
                answers, images, strengths, self._nearest(images), strict=True
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
        examples = self._predictor.examples
        if examples is None or not len(examples):
            return None
        return Neighbours(self._predictor.classifier, examples)
