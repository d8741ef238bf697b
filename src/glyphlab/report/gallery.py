"""The images behind the cells of confusion matrices, each kept once for all models of a page."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.language import say
from glyphlab.report.images import data_uri, png

PER_CELL = 12
MOST_BYTES = 2_000_000
"""Of all images together, so that a page stays small enough to be sent."""


def gallery(
    evaluations: Mapping[str, Evaluation], images: UInt8[np.ndarray, "n height width channels"]
) -> dict[str, Any]:
    """Choose images for every cell: mistakes that the model is surest of, and least sure hits.

    Parameters
    ----------
    evaluations : mapping of str to Evaluation
        By the place of the model in the page.
    images : uint8 [n, height, width, channels]

    Returns
    -------
    dict
        `cells` has for each place and cell, named "true-predicted" by class indices, the numbers of
        its images; `images` the address and the id of each. Every cell gets its first image before
        any gets a second, until `MOST_BYTES` are reached.
    """
    ranked = {
        (place, cell): chosen
        for place, evaluation in evaluations.items()
        for cell, chosen in _cells(evaluation)
    }
    shown: dict[int, list[str]] = {}
    cells: dict[str, dict[str, list[int]]] = {place: {} for place in evaluations}
    used = 0
    for row in zip_longest(*ranked.values()):
        for (place, cell), index in zip(ranked, row, strict=True):
            if index is None:
                continue
            if index not in shown:
                address = data_uri(png(images[index]))
                used += len(address)
                if used > MOST_BYTES:
                    return {"cells": cells, "images": shown}
                shown[index] = [address, _name(evaluations[place], index)]
            cells[place].setdefault(cell, []).append(index)
    return {"cells": cells, "images": shown}


def _cells(evaluation: Evaluation) -> Iterator[tuple[str, list[int]]]:
    confidence = evaluation.probabilities.max(axis=1)
    pairs = evaluation.labels * len(evaluation.classes) + evaluation.predictions
    order = np.argsort(np.where(evaluation.correct, confidence, -confidence), kind="stable")
    for pair in np.unique(pairs).tolist():
        true, predicted = divmod(pair, len(evaluation.classes))
        chosen = order[pairs[order] == pair][:PER_CELL]
        yield f"{true}-{predicted}", chosen.tolist()


def _name(evaluation: Evaluation, index: int) -> str:
    return evaluation.ids[index] if evaluation.ids is not None else image_name(index)


def image_name(index: int) -> str:
    """What an image without an id is called."""
    return say("image-number", number=str(index))
