"""Photographs, scans and drawings of a letter brought to the form of the training images.

Any size, dark on light or light on dark, off the centre, unevenly lit. The steps, each of which a
reader can check by eye:

1. grey levels, at most `LONGEST` pixels on the longer side;
2. the paper: a surface of second degree through the border, then through all that lies near it,
   which takes uneven light away;
3. the ink: what differs from the paper, whichever way, by more than the middle between the two
   levels into which Otsu's method parts the differences; spots of less than `SPOT` of the largest
   piece are left out, so that dust goes and the dot of a j stays;
4. the box around the ink, scaled so that its longer side is as long as in most training images;
5. set in the middle as these are, by its box or by its centre of mass, in their levels of ink and
   background.
"""

from functools import cache

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt8

from glyphlab.data.form import ImageForm, middle

LONGEST = 256
SPOT = 0.02
FAINTEST = 16
"""Levels of 255 below which a difference is noise of the paper."""
_ROUNDS = 2
_FITTED = 64
"""Pixels on the longer side by which the paper's surface is found."""

Grey = Float32[np.ndarray, "height width"]
Mask = UInt8[np.ndarray, "height width"]
"""255 where it is true, as OpenCV has it."""
Surface = Float64[np.ndarray, "3 3"]
"""What each power of y (row) times each of x (column) counts for in the brightness of the paper."""
_TERMS = np.array([[0, 0, 1, 1, 0, 2], [0, 1, 0, 1, 2, 0]])
"""Powers of y and of x, up to the second degree."""


def normalise(
    image: UInt8[np.ndarray, "height width channels"], form: ImageForm
) -> UInt8[np.ndarray, "size size channels"]:
    """Bring an image of one letter to a form; an image without ink becomes an empty one.

    Parameters
    ----------
    image : uint8 [height, width, 1 or 3]
    form : ImageForm

    Returns
    -------
    uint8 [form.size, form.size, form.channels]
    """
    ink = _ink(_grey(image))
    shown = np.zeros((form.size, form.size), np.float32) if ink is None else _placed(ink, form)
    levels = form.background + (form.ink - form.background) * shown
    pixels = np.rint(levels).astype(np.uint8)
    return np.repeat(pixels[:, :, None], form.channels, axis=2)


def _grey(image: UInt8[np.ndarray, "height width channels"]) -> Grey:
    levels = image[:, :, 0] if image.shape[2] == 1 else image.mean(axis=2)
    return _shrunk(levels.astype(np.float32), LONGEST)


def _shrunk(grey: Grey, longest: int) -> Grey:
    scale = longest / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _ink(grey: Grey) -> Grey | None:
    """How much ink each pixel holds, from 0 to 1, cut to its box; None where there is none."""
    strength = _strength(grey, _paper(grey))
    below, above = _parted(strength)
    if above - below < FAINTEST:
        return None
    strength, mask = _cut(strength, _mask(strength > (below + above) / 2))
    strength, mask = _cut(strength, _without_spots(mask))
    around = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    full = np.float32(middle(strength[mask > 0]))
    return np.asarray(np.where(around, np.minimum(strength / full, 1), np.float32(0)))


def _mask(true: Bool[np.ndarray, "height width"]) -> Mask:
    return true.view(np.uint8) * np.uint8(255)


def _cut(strength: Grey, mask: Mask) -> tuple[Grey, Mask]:
    """Both cut to the box around the mask."""
    left, top, width, height = cv2.boundingRect(mask)
    box = np.s_[top : top + height, left : left + width]
    return strength[box], mask[box]


def _paper(whole: Grey) -> Surface:
    """The brightness of the ground under everything, by least squares."""
    grey = _shrunk(whole, _FITTED)
    margin = max(1, round(0.04 * min(grey.shape)))
    chosen = np.ones(grey.shape, np.bool_)
    chosen[margin:-margin, margin:-margin] = False
    # Ink may cross the border: what is far from its median is none of the paper.
    level = middle(grey[chosen])
    spread = middle(np.abs(grey[chosen] - level))
    chosen &= np.abs(grey - level) <= max(4 * spread, FAINTEST)
    paper = np.zeros((3, 3))
    paper[0, 0] = level
    for _ in range(_ROUNDS):
        if np.count_nonzero(chosen) < 4 * _TERMS.shape[1]:
            break
        paper = _fitted(grey, chosen)
        strength = _strength(grey, paper)
        chosen = strength <= max(sum(_parted(strength)) / 2, 1)
    return paper


def _fitted(grey: Grey, chosen: Bool[np.ndarray, "height width"]) -> Surface:
    """The surface of `_TERMS` that is nearest to the chosen pixels, by the normal equations."""
    by_y, by_x = (_powers(side, 5) for side in grey.shape)
    moments = by_y.T @ chosen @ by_x
    products = by_y[:, :3].T @ np.where(chosen, grey, 0) @ by_x[:, :3]
    y, x = _TERMS
    equations = moments[y[:, None] + y, x[:, None] + x]
    surface = np.zeros((3, 3))
    # Of a picture one pixel high or wide, several surfaces are as near; this gives the least.
    _, factors = cv2.solve(equations, products[y, x][:, None], flags=cv2.DECOMP_SVD)
    surface[y, x] = factors[:, 0]
    return surface


def _strength(grey: Grey, paper: Surface) -> Grey:
    """How far each pixel is from the paper, whichever way."""
    by_y, by_x = (_powers(side, 3) for side in grey.shape)
    ground = (by_y @ paper).astype(np.float32) @ by_x.T.astype(np.float32)
    return np.asarray(cv2.absdiff(grey, ground), np.float32)


@cache
def _powers(side: int, number: int) -> Float64[np.ndarray, "side number"]:
    """The place of each pixel along a side, from -1 to 1, to the powers from 0 on."""
    return np.vander(np.linspace(-1, 1, side), number, increasing=True)


def _parted(strength: Grey) -> tuple[float, float]:
    """The mean of either part into which the levels fall best; Otsu 1979."""
    levels = cv2.convertScaleAbs(strength)
    _, high = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    share, whole = cv2.countNonZero(high) / high.size, cv2.mean(strength)[0]
    if share in (0, 1):  # one level everywhere
        return whole, whole
    above = cv2.mean(strength, high)[0]
    return (whole - share * above) / (1 - share), above


def _without_spots(mask: Mask) -> Mask:
    """Leave out pieces that are small beside the largest one."""
    _, pieces, facts, _ = cv2.connectedComponentsWithStats(mask, None, None, None, 8, cv2.CV_16U)
    areas = facts[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = areas >= SPOT * areas.max()
    return mask if kept[1:].all() else _mask(kept[pieces])


def _placed(ink: Grey, form: ImageForm) -> Grey:
    """The ink scaled to the form's extent, in the middle of an empty square."""
    scale = form.extent * form.size / max(ink.shape)
    height, width = (min(form.size, max(1, round(side * scale))) for side in ink.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(ink, (width, height), interpolation=method), np.float32)
    square = np.zeros((form.size, form.size), np.float32)
    top, left = (_start(small, axis, form) for axis in (0, 1))
    square[top : top + height, left : left + width] = small
    return square


def _start(ink: Grey, axis: int, form: ImageForm) -> int:
    """The first row or column of the ink in the square."""
    length = ink.shape[axis]
    centre = (length - 1) / 2
    if form.centring == "mass":
        along = ink.sum(axis=1 - axis)
        centre = float(along @ np.arange(length) / along.sum())
    return int(np.clip(round((form.size - 1) / 2 - centre), 0, form.size - length))
