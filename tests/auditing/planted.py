"""Copies of images with a small change, as people's datasets hold them."""

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from glyphlab.data.glyphs import load_glyphs

Change = Callable[[np.ndarray], np.ndarray]


def one_of_each_letter() -> np.ndarray:
    """A letter of each class, far from the border."""
    glyphs = load_glyphs().train
    firsts = [np.flatnonzero(glyphs.labels == label)[0] for label in range(len(glyphs.classes))]
    small = glyphs.images[firsts][:, ::2, ::2]
    return np.pad(small, ((0, 0), (7, 7), (7, 7), (0, 0)))


def shifted(image: np.ndarray) -> np.ndarray:
    return warped(image, np.array([[1.0, 0, 1], [0, 1, 0]]))


def compressed(image: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=80)
    return np.asarray(Image.open(file))


def with_fewer_greys(image: np.ndarray) -> np.ndarray:
    return (image // 16 * 17).astype(np.uint8)


def enlarged(image: np.ndarray) -> np.ndarray:
    return about_centre(image, 1.03)


def reduced(image: np.ndarray) -> np.ndarray:
    return about_centre(image, 0.97)


def blurred(image: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), 0.8)


def about_centre(image: np.ndarray, scale: float) -> np.ndarray:
    middle = (len(image) - 1) / 2
    offset = middle - scale * middle
    return warped(image, np.array([[scale, 0, offset], [0, scale, offset]]))


def warped(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(image, matrix, image.shape[:2])


CHANGES: dict[str, Change] = {
    change.__name__: change
    for change in (shifted, compressed, with_fewer_greys, enlarged, reduced, blurred)
}


def planted(images: np.ndarray, change: Change) -> np.ndarray:
    """A changed copy of each image."""
    return np.stack([change(image[:, :, 0]) for image in images])[..., np.newaxis]
