"""Arrays and tensors of images, in whichever order their axes are."""

from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.data.interchange.parts import Part, as_datasets, checked_labels, numbered_ids
from glyphlab.data.labelled import checked_images
from glyphlab.data.wish import Wish
from glyphlab.errors import InputError

_NAME = "arrays"


def is_arrays(source: object) -> bool:
    """Whether it is a pair of an array of images and of as many labels."""
    return isinstance(source, tuple | list) and len(source) == 2 and is_array(source[0])


def is_array(value: object) -> bool:
    """Whether it is an array of NumPy, a tensor, or the like."""
    return hasattr(value, "shape") and hasattr(value, "__array__")


def read_arrays(source: Any, wish: Wish) -> Dataset | TrainTest:
    """Make a Dataset of (images, labels).

    Raises
    ------
    InputError
        If shapes, values or numbers do not fit.
    """
    images, labels = batch_pixels(source[0], "images", _NAME), source[1]
    try:
        given = list(labels)
    except TypeError:
        raise InputError(
            f"{_NAME}: the labels are a {type(labels).__name__}; give one for each image."
        ) from None
    if len(images) != len(given):
        raise InputError(
            f"{_NAME}: there are {len(images):,} images and {len(given):,} labels; give one label "
            "for each image."
        )
    ids = numbered_ids("images", len(given))
    part = Part(images, checked_labels(given, ids, _NAME), ids)
    wish.progress(len(given), len(given))
    return as_datasets([part], _NAME, wish, None)


def batch_pixels(images: Any, name: str, source: str) -> UInt8[np.ndarray, "n h w *c"]:
    """Give arrays or tensors of images as bytes, the channels last.

    Raises
    ------
    InputError
        If the shape is not one of images, or values are not from 0 to 1, or 0 to 255.
    """
    tensor = hasattr(images, "detach")
    try:
        array = np.asarray(images.detach().cpu() if tensor else images)
    except TypeError as error:
        raise InputError(f"{source}: {name} can't become an array: {error}; convert it.") from None
    return checked_images(_channels_last(array, tensor=tensor), name, source)


def item_pixels(image: Any, name: str, source: str) -> UInt8[np.ndarray, "h w *c"]:
    """Give one image of an array or tensor as `batch_pixels` does many.

    Raises
    ------
    InputError
        As there.
    """
    if not is_array(image) or len(image.shape) not in (2, 3):
        shape = f" of shape {list(image.shape)}" if is_array(image) else ""
        raise InputError(
            f"{source}: the image of {name} is a {type(image).__name__}{shape}; give a PIL image, "
            "or an array or tensor [height, width], [channels, height, width] or [height, width, "
            "channels] of 1 or 3 channels."
        )
    pixels: UInt8[np.ndarray, "h w *c"] = batch_pixels(image[None], name, source)[0]
    return pixels


def _channels_last(images: np.ndarray[Any, Any], *, tensor: bool) -> np.ndarray[Any, Any]:
    """Tensors have their channels first, if either can be; other arrays last."""
    if images.ndim != 4:
        return images
    first, last = images.shape[1] in (1, 3), images.shape[3] in (1, 3)
    return np.moveaxis(images, 1, 3) if first and (tensor or not last) else images
