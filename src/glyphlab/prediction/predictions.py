"""Predictions: what a model says of images, and how they are written down."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8
from PIL import Image

from glyphlab.data.dataset import Skipped
from glyphlab.language import say
from glyphlab.language.numerals import certainty
from glyphlab.notebook import Drawn, table_html

SHOWN = 20
COLUMNS = ("image", "class", "probability", "second", "second_probability", "unlike")
"""Of a table of predictions, as CSV."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model says of images.

    Attributes
    ----------
    model : str
    classes : tuple of str
    names : list of str
        Of the images, as they were given.
    images : uint8 [n, height, width, channels]
        What the model saw.
    probabilities : float32 [n, classes]
    unlike : bool [n] or None
        Which images are unlike all that the model was trained on, see
        `glyphlab.data.unlikeness`; None where that is not judged, as fewer than 100 images were
        held out.
    problems : list of Skipped
        Files that could not be read, with the reason.
    """

    model: str
    classes: Sequence[str]
    names: list[str]
    images: UInt8[np.ndarray, "n height width channels"]
    probabilities: Float32[np.ndarray, "n classes"]
    unlike: Bool[np.ndarray, " n"] | None
    problems: list[Skipped]

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return say("notebook-predictions", model=self.model, n=len(self))

    @cached_property
    def order(self) -> Int64[np.ndarray, "n classes"]:
        """Class indices of each image, the likeliest first."""
        return np.argsort(-self.probabilities, axis=1, kind="stable").astype(np.int64)

    @property
    def labels(self) -> list[str]:
        """The class that each image is taken for."""
        return [self.classes[first] for first in self.order[:, 0]]

    def rows(self) -> Iterator[dict[str, Any]]:
        """For each image what `COLUMNS` names; `unlike` is None where it is not judged."""
        for place, name in enumerate(self.names):
            first, second = (int(k) for k in self.order[place, :2])
            yield {
                "image": name,
                "class": self.classes[first],
                "probability": float(self.probabilities[place, first]),
                "second": self.classes[second],
                "second_probability": float(self.probabilities[place, second]),
                "unlike": None if self.unlike is None else bool(self.unlike[place]),
            }

    def _repr_html_(self) -> str:
        columns = ("image", "class", "probability", "second", "unlike")
        rows = [
            (
                _drawn(image),
                row["class"],
                certainty(row["probability"]),
                f"{row['second']} ({certainty(row['second_probability'])})",
                say("notebook-unlike") if row["unlike"] else "",
            )
            for image, row in zip(self.images[:SHOWN], self.rows(), strict=False)
        ]
        heads = [say(f"notebook-prediction-{column}") for column in columns]
        return table_html(heads, rows, repr(self))


def together(parts: Sequence[Predictions]) -> Predictions:
    """Predictions of one model, put end to end; at least one."""
    first = parts[0]
    judged = [part.unlike for part in parts if part.unlike is not None]
    return Predictions(
        model=first.model,
        classes=first.classes,
        names=[name for part in parts for name in part.names],
        images=np.concatenate([part.images for part in parts]),
        probabilities=np.concatenate([part.probabilities for part in parts]),
        unlike=np.concatenate(judged) if judged else None,
        problems=[problem for part in parts for problem in part.problems],
    )


def _drawn(image: UInt8[np.ndarray, "height width channels"]) -> Drawn:
    buffer = BytesIO()
    squeezed = image[:, :, 0] if image.shape[2] == 1 else image
    Image.fromarray(np.ascontiguousarray(squeezed)).save(buffer, "PNG")
    encoded = b64encode(buffer.getvalue()).decode()
    return Drawn(f'<img width="56" height="56" alt="" src="data:image/png;base64,{encoded}">')
