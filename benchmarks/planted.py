"""Near copies made on purpose, by a known seed, so that what repeats what is known."""

import io
from collections.abc import Callable

import cv2
import numpy as np
from jaxtyping import Int64, UInt8
from PIL import Image

Pixels = UInt8[np.ndarray, "height width"]
Images = UInt8[np.ndarray, "n height width 1"]


def shifted(image: Pixels, random: np.random.Generator) -> Pixels:
    """Moved by one pixel up, down, to the left or right; what comes in is black."""
    right, down = [(1, 0), (-1, 0), (0, 1), (0, -1)][random.integers(4)]
    return _warped(image, np.array([[1.0, 0, right], [0, 1, down]]), cv2.INTER_NEAREST)


def compressed(image: Pixels, random: np.random.Generator) -> Pixels:
    """Saved as JPEG of quality 75 to 90."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=int(random.integers(75, 91)))
    return np.asarray(Image.open(file))


def reduced_palette(image: Pixels, random: np.random.Generator) -> Pixels:
    """Saved with a palette of 16 to 64 greys."""
    colours = int(random.integers(16, 65))
    return np.asarray(Image.fromarray(image).quantize(colours).convert("L"))


def scaled(image: Pixels, random: np.random.Generator) -> Pixels:
    """3 % larger or smaller, linear or cubic."""
    scale, middle = random.choice([0.97, 1.03]), (len(image) - 1) / 2
    offset = middle - scale * middle
    method = int(random.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    return _warped(image, np.array([[scale, 0, offset], [0, scale, offset]]), method)


def blurred(image: Pixels, random: np.random.Generator) -> Pixels:
    """Blurred by a Gaussian of 0.5 to 1 pixels."""
    return _uint8(cv2.GaussianBlur(image, (0, 0), float(random.uniform(0.5, 1.0))))


KINDS: dict[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "shifted by a pixel": shifted,
    "JPEG, quality 75–90": compressed,
    "16–64 greys": reduced_palette,
    "scaled by 3 %": scaled,
    "blurred, sigma 0.5–1": blurred,
}


def plant(images: Images, kind: str, n: int, seed: int) -> tuple[Int64[np.ndarray, " k"], Images]:
    """Make near copies of n images; those that came out the same are left out.

    Returns
    -------
    tuple of int64 [k] and uint8 [k, height, width, 1]
        Which image each copy is of, and the copies.
    """
    random = np.random.default_rng(seed)
    sources = np.sort(random.choice(len(images), n, replace=False))
    copies = np.stack([KINDS[kind](images[i, :, :, 0], random) for i in sources])[..., np.newaxis]
    is_changed = (copies != images[sources]).any((1, 2, 3))
    return sources[is_changed], copies[is_changed]


def _warped(image: Pixels, matrix: np.ndarray, method: int) -> Pixels:  # type: ignore[type-arg]
    return _uint8(cv2.warpAffine(image, matrix, image.shape[::-1], flags=method))


def _uint8(image: object) -> Pixels:
    return np.asarray(image, np.uint8)
