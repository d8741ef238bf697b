"""From a letter drawn large to an image in the manner of notMNIST, in many variations."""

from dataclasses import dataclass
from math import radians, tan

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image

from glyphlab.data.fonts import ink_box

_LARGEST_SLANT = 20.0
_LARGEST_WEIGHT = 0.06
_OUTLINE_WIDTH = (0.025, 0.06)
_RASTER_HEIGHTS = (40.0, 96.0)
_NARROWEST_RASTER = 8
_MOST_CLIPPED = 0.4
_LEAST_LEFT = 0.5
_MOST_FILLED = 0.72


@dataclass(frozen=True)
class Variation:
    """In what share of the images a letter is changed, each from 0 to 1.

    The first image of a face is never changed in weight, slant or outline.

    Parameters
    ----------
    stretch : float
        Share that fills the square; the others keep their shape and are centred.
    clip : float
        Share that loses the ink left of the pen's start, as renderers of single letters do.
    weight : float
        Share made bolder or lighter, by up to 6 % of the height on each side of a stroke.
    slant : float
        Share sheared by up to 20 degrees, mostly to the right.
    outline : float
        Share of which only the outline is left.
    """

    stretch: float = 0.97
    clip: float = 0.35
    weight: float = 0.35
    slant: float = 0.35
    outline: float = 0.04


PLAIN = Variation(stretch=1.0, clip=0.0, weight=0.0, slant=0.0, outline=0.0)
"""Letters as the font draws them, filling the square."""


def vary(
    picture: UInt8[np.ndarray, "height width"],
    origin: int,
    size: int,
    variation: Variation,
    *,
    generator: np.random.Generator,
    change: bool,
) -> tuple[UInt8[np.ndarray, "size size"], list[str]]:
    """Make one image of a letter.

    Parameters
    ----------
    picture : uint8 [height, width]
        The letter, drawn large, cropped to its ink.
    origin : int
        Column of the pen's start.
    size : int
        Side of the image in pixels.
    variation : Variation
        How often to change what.
    generator : numpy Generator
        Decides; the same state gives the same image.
    change : bool
        Whether weight, slant and outline may be changed.

    Returns
    -------
    image : uint8 [size, size]
        White on black.
    changes : list of str
        What was changed, for the id.
    """
    draws = generator.random(9)
    height = len(picture)
    changes = []
    if draws[0] < variation.clip and 0 < origin < _MOST_CLIPPED * picture.shape[1]:
        picture = picture[:, origin:]
        changes.append("clip")
    if change and draws[1] < variation.slant:
        degrees = _LARGEST_SLANT * (1.3 * float(draws[2]) - 0.3)
        picture = _slant(picture, degrees)
        changes.append("slant")
    if change and draws[3] < variation.weight:
        heavier = _reweight(picture, (1.8 * float(draws[4]) - 0.8) * _LARGEST_WEIGHT * height)
        if heavier is not None:
            picture = heavier
            changes.append("weight")
    if change and draws[5] < variation.outline:
        low, high = _OUTLINE_WIDTH
        picture = _outline(picture, (low + (high - low) * float(draws[6])) * height)
        changes.append("outline")
    stretched = draws[7] < variation.stretch
    if not stretched:
        changes.append("fit")
    low, high = _RASTER_HEIGHTS
    raster = low * (high / low) ** float(draws[8])
    return fill(picture, size, raster_height=raster, stretched=bool(stretched)), changes


def fill(
    picture: UInt8[np.ndarray, "height width"],
    size: int,
    raster_height: float | None = None,
    stretched: bool = True,
) -> UInt8[np.ndarray, "size size"]:
    """Crop to the ink and scale to a square.

    Parameters
    ----------
    picture : uint8 [height, width]
        A letter.
    size : int
        Side of the square in pixels.
    raster_height : float, optional
        Height in pixels at which the letter is sampled first: the lower, the softer.
    stretched : bool
        Whether to fill the square, or keep the shape and centre it.
    """
    rows, columns = ink_box(picture)
    picture = picture[rows, columns]
    if not picture.size:
        return np.zeros((size, size), np.uint8)
    image = Image.fromarray(picture)
    if raster_height is not None:
        factor = max(raster_height / len(picture), _NARROWEST_RASTER / min(picture.shape))
        image = _scaled(image, min(factor, 1.0), Image.Resampling.BOX)
    if stretched:
        return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))
    fitted = np.asarray(_scaled(image, size / max(image.size), Image.Resampling.BICUBIC))
    height, width = fitted.shape
    square = np.zeros((size, size), np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = fitted
    return square


def _scaled(image: Image.Image, factor: float, how: Image.Resampling) -> Image.Image:
    width, height = (max(1, round(side * factor)) for side in image.size)
    return image.resize((width, height), how)


def _slant(
    picture: UInt8[np.ndarray, "height width"], degrees: float
) -> UInt8[np.ndarray, "height wider"]:
    height, width = picture.shape
    slope = tan(radians(degrees))
    extra = int(abs(slope) * height) + 1
    shift = -slope * height if slope > 0 else 0.0
    image = Image.fromarray(picture).transform(
        (width + extra, height),
        Image.Transform.AFFINE,
        (1.0, slope, shift, 0.0, 1.0, 0.0),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(image)


def _reweight(
    picture: UInt8[np.ndarray, "height width"], pixels: float
) -> UInt8[np.ndarray, "height width"] | None:
    """Grow strokes by so many pixels on each side, or thin them; none if that spoils the letter."""
    radius = round(abs(pixels))
    if not radius:
        return None
    if pixels > 0:
        bolder = _grown(picture, radius)
        return bolder if float(bolder.mean()) < _MOST_FILLED * 255 else None
    thinner = np.asarray(cv2.erode(picture, _disc(radius), borderValue=0), np.uint8)
    return thinner if int(thinner.sum()) > _LEAST_LEFT * int(picture.sum()) else None


def _outline(
    picture: UInt8[np.ndarray, "height width"], pixels: float
) -> UInt8[np.ndarray, "taller wider"]:
    radius = max(1, round(pixels / 2))
    padded = np.pad(picture, radius)
    return _grown(picture, radius) - np.asarray(cv2.erode(padded, _disc(radius)), np.uint8)


def _grown(
    picture: UInt8[np.ndarray, "height width"], radius: int
) -> UInt8[np.ndarray, "taller wider"]:
    return np.asarray(cv2.dilate(np.pad(picture, radius), _disc(radius)), np.uint8)


def _disc(radius: int) -> UInt8[np.ndarray, "side side"]:
    steps = np.arange(-radius, radius + 1)
    inside = steps[:, None] ** 2 + steps**2 <= (radius + 0.3) ** 2
    return inside.astype(np.uint8)
