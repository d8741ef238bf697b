"""How an image of any size becomes one of the Dataset's size."""

from typing import Any, Literal

import cv2
import numpy as np
from jaxtyping import UInt8

from glyphlab.errors import InputError

Mode = Literal["grey", "rgb"]

MAXIMUM_SIZE = 1_024
MOST_BYTES = 1 << 36

_Image = UInt8[np.ndarray, "height width *channels"]


def channels_of(mode: str) -> int:
    """Channels of a mode: 1 for `grey`, 3 for `rgb`.

    Raises
    ------
    InputError
        If there is no such mode.
    """
    if mode not in ("grey", "rgb"):
        raise InputError(f"There is no mode {mode!r}; choose grey or rgb.")
    return 1 if mode == "grey" else 3


def check_size(size: int) -> None:
    """Refuse a side of less than 1 or more than `MAXIMUM_SIZE` pixels.

    Raises
    ------
    InputError
        Naming what is allowed.
    """
    if not 1 <= size <= MAXIMUM_SIZE:
        raise InputError(f"A size of {size} can't be used; give 1 to {MAXIMUM_SIZE} pixels.")


def check_bytes(images: int, image_bytes: int) -> None:
    """Refuse so many images, of so many bytes each, that are more than are held at once.

    Raises
    ------
    InputError
        If they are more than 64 GB.
    """
    if images * image_bytes > MOST_BYTES:
        raise InputError(
            f"{images:,} images of {image_bytes:,} bytes are more than {MOST_BYTES:,} bytes; give "
            "a smaller size, or make shards of them by --shard-size."
        )


def to_mode(image: _Image, channels: int) -> UInt8[np.ndarray, "height width channels"]:
    """Make an image grey or RGB.

    Grey is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601), as in Pillow and OpenCV.

    Parameters
    ----------
    image : uint8 [height, width] or [height, width, 1 or 3]
        Grey or RGB.
    channels : int
        1 for grey, 3 for RGB.

    Returns
    -------
    uint8 [height, width, channels]
    """
    if image.ndim == 2:
        image = image[:, :, np.newaxis]
    if image.shape[2] == channels:
        return image
    if channels == 3:
        return np.repeat(image, 3, axis=2)
    return _uint8(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))[:, :, np.newaxis]


def fit(
    image: UInt8[np.ndarray, "height width channels"], size: int
) -> UInt8[np.ndarray, "size size channels"]:
    """Scale an image to fit a square, keep its aspect, centre it on its background.

    An image of size×size comes back as it is. Others are shrunk by averaging areas, or
    enlarged linearly, until the longer side is `size`; what is left of the square takes the
    median of the image's border pixels, channel by channel. A margin that is odd has its
    larger half at the right and at the bottom.

    Parameters
    ----------
    image : uint8 [height, width, channels]
        Grey or RGB.
    size : int
        Side of the square in pixels.

    Returns
    -------
    uint8 [size, size, channels]
    """
    height, width, channels = image.shape
    if height == width == size:
        return image
    scale = size / max(height, width)
    new_height, new_width = max(1, round(height * scale)), max(1, round(width * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = _uint8(cv2.resize(image, (new_width, new_height), interpolation=method))
    square = np.empty((size, size, channels), np.uint8)
    square[:] = _background(image)
    top, left = (size - new_height) // 2, (size - new_width) // 2
    square[top : top + new_height, left : left + new_width] = scaled.reshape(
        new_height, new_width, channels
    )
    return square


def fit_all(
    images: UInt8[np.ndarray, "n height width *channels"], size: int, mode: str
) -> UInt8[np.ndarray, "n size size channels"]:
    """Bring images of one size to another, by the rule of `fit` and `to_mode`.

    Parameters
    ----------
    images : uint8 [n, height, width] or [n, height, width, 1 or 3]
        Grey or RGB; returned without a copy if size and mode are right already.
    size : int
        Side of the square in pixels.
    mode : str
        `grey` or `rgb`.

    Returns
    -------
    uint8 [n, size, size, 1 or 3]
    """
    channels = channels_of(mode)
    if images.ndim == 3:
        images = images[:, :, :, np.newaxis]
    if images.shape[1:] == (size, size, channels):
        return images
    result = np.empty((len(images), size, size, channels), np.uint8)
    for i, image in enumerate(images):
        result[i] = fit(to_mode(image, channels), size)
    return result


def _background(image: UInt8[np.ndarray, "h w c"]) -> UInt8[np.ndarray, " c"]:
    """Median of the border pixels; the lower one of two, so that it is a level that occurs."""
    border = np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])
    middle = (len(border) - 1) // 2
    return _uint8(np.partition(border, middle, axis=0)[middle])


def _uint8(image: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(image, np.uint8)
