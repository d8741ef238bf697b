"""Images as PNG: sheets of many small ones, and the addresses that hold them in a page."""

from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

_HOT = (255, 140, 40)


def png(image: UInt8[np.ndarray, "height width channels"]) -> bytes:
    """Encode an image with 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels."""
    buffer = BytesIO()
    squeezed = image[:, :, 0] if image.shape[2] == 1 else image
    Image.fromarray(np.ascontiguousarray(squeezed)).save(buffer, "PNG")
    return buffer.getvalue()


def data_uri(content: bytes) -> str:
    """The address that holds a PNG itself."""
    return f"data:image/png;base64,{b64encode(content).decode()}"


def montage(
    images: UInt8[np.ndarray, "n height width channels"], columns: int, gap: int = 2, scale: int = 1
) -> UInt8[np.ndarray, "sheet_height sheet_width channels_and_alpha"]:
    """Lay images out in rows from left to right, with transparent gaps.

    Parameters
    ----------
    images : uint8 [n, height, width, 1 or 3]
        At least one.
    columns : int
        How many stand in a row at most.
    gap : int
        Pixels between images, after scaling.
    scale : int
        Each pixel becomes a square with sides of so many pixels.

    Returns
    -------
    uint8 [rows·(height·scale + gap) − gap, columns·(width·scale + gap) − gap, channels + 1]
        The last channel is opacity.
    """
    large = images.repeat(scale, axis=1).repeat(scale, axis=2)
    n, height, width, channels = large.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    sheet = np.zeros(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, channels + 1), np.uint8
    )
    for place, image in enumerate(large):
        top, left = (
            place // columns * (height + gap),
            place % columns * (width + gap),
        )
        sheet[top : top + height, left : left + width, :channels] = image
        sheet[top : top + height, left : left + width, channels] = 255
    return sheet


def filter_images(
    filters: Float32[np.ndarray, "n height width channels"], most: int = 64
) -> UInt8[np.ndarray, "n height width grey_or_rgb"]:
    """Show weights as grey values: mid grey is 0, white the largest amount, black its negative.

    Each filter has a scale of its own. Filters of 3 channels are shown in colour, of other
    numbers by the mean over channels.

    Returns
    -------
    uint8 [min(n, most), height, width, 1 or 3]
    """
    weights: np.ndarray[Any, Any] = np.asarray(filters[:most], np.float64)
    if weights.shape[3] not in (1, 3):
        weights = weights.mean(axis=3, keepdims=True)
    largest = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
    scaled = weights / np.where(largest > 0, largest, 1)
    return np.rint(127.5 + 127.5 * scaled).clip(0, 255).astype(np.uint8)


def overlay(
    image: UInt8[np.ndarray, "height width channels"], strength: Float32[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width rgb"]:
    """An image, dimmed, with orange where `strength`, from 0 to 1, is high."""
    grey = np.asarray(image, np.float32).mean(axis=2, keepdims=True)
    share = strength[:, :, None]
    mixed = (1 - share) * 0.55 * grey + share * np.array(_HOT, np.float32)
    return np.asarray(np.rint(mixed), np.uint8)
