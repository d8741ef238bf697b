"""The form of training images: how a letter stands in them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float32, UInt8
from pydantic import TypeAdapter, ValidationError

SAMPLE = 2_000
"""Images that are looked at; fewer where they are large."""
SAMPLE_PIXELS = 4_000_000

Centring = Literal["box", "mass"]


@dataclass(frozen=True)
class ImageForm:
    """What most training images have in common, and others are brought to by `normalise`.

    Attributes
    ----------
    size : int
        Side in pixels.
    channels : int
        1 (grey) or 3 (RGB).
    background, ink : float
        Levels from 0 to 255 of what lies around a letter, and of the letter.
    extent : float
        Longer side of the box around the ink, as a share of the image's side.
    centring : {"box", "mass"}
        Whether that box stands in the middle, or the ink's centre of mass, as in MNIST.
    """

    size: int
    channels: int
    background: float
    ink: float
    extent: float
    centring: Centring

    @classmethod
    def of(cls, images: UInt8[np.ndarray, "n size size channels"]) -> "ImageForm":
        """Look at up to `SAMPLE` images, evenly spread; medians over them."""
        most = min(SAMPLE, len(images), max(1, SAMPLE_PIXELS // images[0, :, :, 0].size))
        chosen = images[np.linspace(0, len(images) - 1, most).astype(np.int64)]
        grey = grey_levels(chosen)
        background = float(np.median(border(grey)))
        strength = np.abs(grey - background)
        mask = np.asarray(strength > strength.max(axis=(1, 2), keepdims=True) / 2)
        shown = mask.any(axis=(1, 2))
        if not shown.any():
            return cls(images.shape[1], images.shape[3], background, 255.0 - background, 1.0, "box")
        grey, strength, mask = grey[shown], strength[shown], mask[shown]
        low, high = boxes(mask)
        sides = (high - low + 1).max(axis=1) / images.shape[1]
        ink = np.median([middle(levels[of]) for levels, of in zip(grey, mask, strict=True)])
        return cls(
            size=images.shape[1],
            channels=images.shape[3],
            background=background,
            ink=float(ink),
            extent=float(np.median(sides)),
            centring=_centring(strength, (low + high) / 2),
        )

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> "ImageForm":
        """Read what `to_json` gave.

        Raises
        ------
        ValueError, TypeError
            If it is something else.
        """
        try:
            form = TypeAdapter(cls).validate_json(json.dumps(dict(saved)), strict=True)
        except ValidationError as error:
            raise ValueError("its form lacks a value, or has one of a wrong type") from error
        levels = 0 <= form.background <= 255 and 0 <= form.ink <= 255
        if not (form.size >= 1 and form.channels in (1, 3) and levels and 0 < form.extent <= 1):
            raise ValueError("its form is none that images can have")
        return form

    def to_json(self) -> dict[str, Any]:
        """All of it under stable keys."""
        return asdict(self)


def grey_levels(
    images: UInt8[np.ndarray, "n height width channels"],
) -> Float32[np.ndarray, "n height width"]:
    """Mean of the channels, from 0 to 255."""
    return np.asarray(images.mean(axis=3, dtype=np.float32))


def border(grey: Float32[np.ndarray, "n height width"]) -> Float32[np.ndarray, "n pixels"]:
    """The pixels of each image's border."""
    edges = (grey[:, 0], grey[:, -1], grey[:, 1:-1, 0], grey[:, 1:-1, -1])
    return np.concatenate(edges, axis=1)


def boxes(
    masks: Bool[np.ndarray, "n height width"],
) -> tuple[Float32[np.ndarray, "n yx"], Float32[np.ndarray, "n yx"]]:
    """First and last row and column of what is true in each mask, which is not empty."""
    ends = []
    for axis in (2, 1):
        along = np.asarray(masks.any(axis=axis))
        ends.append((along.argmax(axis=1), along.shape[1] - 1 - along[:, ::-1].argmax(axis=1)))
    low, high = (np.stack([end[k] for end in ends], axis=1).astype(np.float32) for k in (0, 1))
    return low, high


def middle(levels: Float32[np.ndarray, " n"]) -> float:
    """The median, without what `np.median` does beside it, which takes as long again."""
    low, high = (len(levels) - 1) // 2, len(levels) // 2
    ordered = np.partition(levels, (low, high))
    return float((ordered[low] + ordered[high]) / 2)


def _centring(
    strength: Float32[np.ndarray, "n size size"], box_centres: Float32[np.ndarray, "n yx"]
) -> Centring:
    """Which centre lies nearer to the middle in most images."""
    middle = (strength.shape[1] - 1) / 2
    places = np.arange(strength.shape[1], dtype=np.float32)
    total = strength.sum(axis=(1, 2))
    mass = np.stack([(strength.sum(axis=a) @ places) / total for a in (2, 1)], axis=1)
    by_box, by_mass = (np.linalg.norm(c - middle, axis=1) for c in (box_centres, mass))
    return "mass" if np.median(by_mass) < np.median(by_box) else "box"
