"""What the architectures share about image shapes and arguments."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from glyphlab.errors import InputError

ImageShape = tuple[int, int, int]
"""Height and width in pixels, and channels (1 or 3)."""

Rate = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
"""The share of units that a dropout layer silences."""

Width = Annotated[int, Field(ge=1, le=65_536)]
"""How many units or maps a layer has."""

LARGEST_SIZE = 4096


def features_of(
    model: str, image_shape: ImageShape, extent: Callable[[int], int]
) -> tuple[int, int]:
    """Height and width of the maps that the convolutions leave of an image.

    Parameters
    ----------
    model : str
        Whose convolutions these are.
    image_shape : (height, width, channels)
    extent : callable
        Gives the side that is left of a side of so many pixels; it rises with it.

    Raises
    ------
    InputError
        If nothing is left of the image, naming the least size.
    """
    height, width, _ = image_shape
    if min(extent(height), extent(width)) < 1:
        least = next(size for size in range(1, LARGEST_SIZE) if extent(size) >= 1)
        raise InputError(
            f"Images of {height}×{width} are too small for {model}; "
            f"its least size is {least}×{least}."
        )
    return extent(height), extent(width)
