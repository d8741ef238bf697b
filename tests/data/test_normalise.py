"""Photographs and scans brought to the form of training images."""

import cv2
import numpy as np
import pytest
from scipy import ndimage

from glyphlab.data.form import ImageForm
from glyphlab.data.normalise import normalise

FORM = ImageForm(size=28, channels=1, background=0.0, ink=255.0, extent=20 / 28, centring="box")


def letter(side: int = 100) -> np.ndarray:
    """An L: 1 where there is ink."""
    ink = np.zeros((side, side), np.float32)
    ink[:, : side // 4] = 1
    ink[-side // 4 :, :] = 1
    return ink


def page(ink: np.ndarray, top: int, left: int, size: tuple[int, int] = (300, 400)) -> np.ndarray:
    """That letter somewhere on a page, as how much ink there is."""
    whole = np.zeros(size, np.float32)
    whole[top : top + len(ink), left : left + ink.shape[1]] = ink
    return whole


def seen(ink: np.ndarray, paper: np.ndarray | float = 220, dark: float = 30) -> np.ndarray:
    """A picture of a page: uint8 [height, width, 1]."""
    return np.rint(paper + (dark - paper) * ink).clip(0, 255).astype(np.uint8)[:, :, None]


EXPECTED = np.zeros((28, 28), np.uint8)
EXPECTED[4:24, 4:9] = 255
EXPECTED[19:24, 4:24] = 255


def near(found: np.ndarray, expected: np.ndarray = EXPECTED) -> float:
    """Mean difference of the levels."""
    return float(np.abs(found[:, :, 0].astype(float) - expected).mean())


def test_dark_ink_off_the_centre_becomes_light_ink_in_the_middle() -> None:
    assert near(normalise(seen(page(letter(), 20, 250)), FORM)) < 1


def test_light_ink_on_dark_paper_is_the_same() -> None:
    assert near(normalise(seen(page(letter(), 120, 30), 40, 230), FORM)) < 2


@pytest.mark.parametrize("side", [40, 100, 250])
def test_the_size_of_the_letter_does_not_matter(side: int) -> None:
    assert near(normalise(seen(page(letter(side), 10, 60)), FORM)) < 8


def test_uneven_light_noise_and_dust_are_taken_away() -> None:
    random = np.random.default_rng(0)
    y, x = np.mgrid[-1:1:300j, -1:1:400j]
    ink = page(letter(), 150, 40)
    ink[20:24, 300:304] = 1
    picture = seen(ink, 180 + 50 * x - 40 * y).astype(float) + random.normal(0, 5, (300, 400, 1))
    assert near(normalise(picture.clip(0, 255).astype(np.uint8), FORM)) < 4


def test_a_dot_stays_with_its_letter() -> None:
    ink = np.zeros((120, 40), np.float32)
    ink[40:, 10:30] = 1
    ink[0:20, 10:30] = 1
    found = normalise(seen(page(ink, 50, 100)), FORM)[:, :, 0]
    assert found[4:7, 12:15].min() > 200
    assert found[8:10].max() < 60


@pytest.mark.parametrize(("spot", "stays"), [(2, True), (1, False)])
def test_a_spot_of_a_fiftieth_of_the_largest_piece_stays(spot: int, stays: bool) -> None:
    ink = np.zeros((31, 31), np.float32)
    ink[:10, :10] = 1  # 100 pixels
    ink[30, 30 - spot : 30] = 1
    found = normalise(seen(page(ink, 20, 30, (80, 90))), FORM)[:, :, 0]
    box = found[4:24, 4:24]
    assert box.min() == (0 if stays else 255)
    assert box[12:16, :4].max() == (0 if stays else 255)  # below the square, if it takes a third


def test_a_thin_line_stays_one_pixel_wide() -> None:
    found = normalise(seen(page(np.ones((100, 1), np.float32), 20, 30)), FORM)[:, :, 0]
    assert np.flatnonzero(found.any(axis=0)).tolist() == [14]
    assert np.flatnonzero(found.any(axis=1)).tolist() == [*range(4, 24)]


def test_faint_pencil_is_seen() -> None:
    assert near(normalise(seen(page(letter(), 20, 250), 220, 180), FORM)) < 2


def test_an_empty_page_gives_an_empty_image() -> None:
    noise = np.random.default_rng(0).normal(200, 3, (200, 200, 1)).clip(0, 255).astype(np.uint8)
    for picture in (noise, np.full((50, 50, 1), 255, np.uint8), np.zeros((1, 1, 1), np.uint8)):
        assert (normalise(picture, FORM) == 0).all()


def test_the_form_decides_levels_extent_and_centring() -> None:
    dark = ImageForm(32, 1, background=250.0, ink=20.0, extent=0.5, centring="mass")
    found = normalise(seen(page(letter(), 20, 250)), dark)
    assert found.shape == (32, 32, 1)
    assert (found.min(), found.max()) == (20, 250)
    ink = (250 - found[:, :, 0].astype(float)) / 230
    rows, columns = ink.sum(1), ink.sum(0)
    assert len(rows.nonzero()[0]) == len(columns.nonzero()[0]) == 16
    assert rows @ np.arange(32) / rows.sum() == pytest.approx(15.5, abs=0.5)
    assert columns @ np.arange(32) / columns.sum() == pytest.approx(15.5, abs=0.5)


def test_colours_are_read_by_their_brightness() -> None:
    picture = np.repeat(seen(page(letter(), 20, 250)), 3, axis=2)
    assert near(normalise(picture, FORM)) < 1


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 2), (28, 28), (2_000, 30)])
def test_images_of_any_size_give_one_of_the_form(size: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    for picture in (
        random.integers(0, 256, (*size, 1), dtype=np.uint8),
        cv2.GaussianBlur(random.integers(0, 256, size, dtype=np.uint8), (0, 0), 3)[:, :, None]
        if min(size) > 1
        else np.full((*size, 1), 9, np.uint8),
    ):
        found = normalise(picture, FORM)
        assert (found.shape, found.dtype) == ((28, 28, 1), np.uint8)


def by_the_book(image: np.ndarray, form: ImageForm) -> np.ndarray:
    """The steps as they are documented, each in the plainest way."""
    grey = shrunk(image.mean(axis=2).astype(np.float32), 256)
    strength = np.abs(grey - surface(paper_factors(shrunk(grey, 64)), grey.shape))
    below, above = two_levels(strength)
    if above - below < 16:
        return np.full((form.size, form.size, form.channels), form.background, np.uint8)
    pieces, count = ndimage.label(strength > (below + above) / 2, np.ones((3, 3)))
    areas = np.bincount(pieces.ravel(), minlength=count + 1)
    areas[0] = 0
    mask = (areas >= 0.02 * areas.max())[pieces] & (pieces > 0)
    around = ndimage.binary_dilation(mask, np.ones((3, 3)))
    ink = np.where(around, np.minimum(strength / np.median(strength[mask]), 1), 0)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    scale = form.extent * form.size / max(ink.shape)
    sides = [min(form.size, max(1, round(side * scale))) for side in ink.shape]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(ink, sides[::-1], interpolation=method)
    square = np.zeros((form.size, form.size))
    if form.centring == "mass":
        centres = [
            along @ np.arange(len(along)) / along.sum() for along in (small.sum(1), small.sum(0))
        ]
    else:
        centres = [(side - 1) / 2 for side in sides]
    free = [round((form.size - 1) / 2 - centre) for centre in centres]
    top, left = (max(0, min(at, form.size - n)) for at, n in zip(free, sides, strict=True))
    square[top : top + sides[0], left : left + sides[1]] = small
    levels = form.background + (form.ink - form.background) * square
    pixels = np.rint(levels).clip(0, 255).astype(np.uint8)
    return np.stack([pixels] * form.channels, axis=-1)


def shrunk(grey: np.ndarray, longest: int) -> np.ndarray:
    scale = min(1, longest / max(grey.shape))
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)


def powers(shape: tuple[int, ...]) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)


def surface(factors: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return powers(shape) @ factors


def paper_factors(grey: np.ndarray) -> np.ndarray:
    margin = max(1, round(0.04 * min(grey.shape)))
    chosen = np.ones(grey.shape, bool)
    chosen[margin:-margin, margin:-margin] = False
    level = np.median(grey[chosen])
    spread = np.median(np.abs(grey[chosen] - level))
    chosen &= np.abs(grey - level) <= max(4 * spread, 16)
    factors = np.zeros(6)
    for _ in range(2):
        factors, *_ = np.linalg.lstsq(powers(grey.shape)[chosen], grey[chosen], rcond=None)
        strength = np.abs(grey - surface(factors, grey.shape))
        chosen = strength <= max(sum(two_levels(strength)) / 2, 1)
    return factors


def two_levels(strength: np.ndarray) -> tuple[float, float]:
    """The means of the two parts whose variance between them is largest."""
    levels = np.rint(strength.clip(0, 255)).astype(int)
    counts = np.bincount(levels.ravel(), minlength=256).astype(float)
    below, moment = np.cumsum(counts)[:-1], np.cumsum(counts * np.arange(256))
    above = counts.sum() - below
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = moment[:-1] / below - (moment[-1] - moment[:-1]) / above
    between = np.nan_to_num(below * above * gap**2)
    high = levels > int(between.argmax())
    return float(strength[~high].mean()), float(strength[high].mean()) if high.any() else 0.0


@pytest.mark.parametrize("seed", range(12))
def test_pictures_come_out_as_by_the_documented_steps(seed: int) -> None:
    random = np.random.default_rng(seed)
    side = int(random.integers(40, 140))
    size = (int(random.integers(side + 20, 400)), int(random.integers(side + 20, 400)))
    top, left = (int(random.integers(5, length - side - 4)) for length in size)
    y, x = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j]
    paper = 190 + random.uniform(-40, 40) * x + random.uniform(-40, 40) * y * y
    picture = seen(page(letter(side), top, left, size), paper, float(random.uniform(0, 90)))
    noisy = np.rint(picture + random.normal(0, 5, picture.shape)).clip(0, 255).astype(np.uint8)
    dusty = noisy.copy()
    dusty[2:5, 2:5] = 0
    for image in (noisy, dusty, 255 - noisy):
        apart = np.abs(normalise(image, FORM).astype(int) - by_the_book(image, FORM))
        assert apart.max() <= 1


@pytest.mark.parametrize("seed", range(6))
def test_coloured_pictures_and_other_forms_come_out_as_by_the_documented_steps(seed: int) -> None:
    random = np.random.default_rng(seed)
    grey = seen(page(letter(60 + 9 * seed), 10 + seed, 20, (150, 140 + 40 * seed)), 200, 60)
    tint = np.array([1.2, 1.0, 0.7])
    noise = random.normal(0, 4, (*grey.shape[:2], 3))
    picture = np.rint(grey * tint + noise).clip(0, 255).astype(np.uint8)
    for form in (
        ImageForm(28, 1, background=250.0, ink=20.0, extent=0.7, centring="mass"),
        ImageForm(33, 3, background=0.0, ink=255.0, extent=1.0, centring="mass"),
        ImageForm(100, 3, background=20.0, ink=180.0, extent=0.96, centring="box"),
    ):
        apart = np.abs(normalise(picture, form).astype(int) - by_the_book(picture, form))
        assert apart.max() <= 1


@pytest.mark.parametrize("turn", [np.s_[::-1], np.s_[:, ::-1], np.s_[::-1, ::-1]])
@pytest.mark.parametrize("place", [(0, 0), (40, 60), (50, 120)])
def test_turned_letters_also_at_the_border_come_out_as_by_the_documented_steps(
    turn: tuple[slice, ...], place: tuple[int, int]
) -> None:
    random = np.random.default_rng(0)
    grey = seen(page(letter(80)[turn], *place, (130, 200)), 200, 60)
    picture = np.rint(grey + random.normal(0, 6, grey.shape)).clip(0, 255).astype(np.uint8)
    for form in (FORM, ImageForm(28, 1, 0.0, 255.0, extent=0.93, centring="mass")):
        apart = np.abs(normalise(picture, form).astype(int) - by_the_book(picture, form))
        assert apart.max() <= 1


@pytest.mark.parametrize("seed", range(6))
def test_blurred_letters_come_out_as_by_the_documented_steps(seed: int) -> None:
    random = np.random.default_rng(seed)
    grey = seen(page(letter(60), 40, 30 + 10 * seed, (150, 160 + 30 * seed)), 210, 40)
    soft = cv2.GaussianBlur(grey, (0, 0), 4 + seed)[:, :, None]
    picture = np.rint(soft + random.normal(0, 2, soft.shape)).clip(0, 255).astype(np.uint8)
    for form in (FORM, ImageForm(40, 1, 0.0, 255.0, extent=0.7, centring="mass")):
        apart = np.abs(normalise(picture, form).astype(int) - by_the_book(picture, form))
        assert apart.max() <= 1


def test_a_picture_of_one_column_is_read_as_one() -> None:
    picture = np.full((600, 1, 1), 220, np.uint8)
    picture[300:324] = 30  # ten rows of the 256 that are looked at
    found = normalise(picture, FORM)[:, :, 0]
    assert np.flatnonzero(found.any(axis=0)).tolist() == [13, 14]
    assert np.flatnonzero(found.any(axis=1)).tolist() == [*range(4, 24)]


def test_a_pattern_as_strong_everywhere_is_no_ink() -> None:
    y, x = np.indices((60, 80))
    picture = np.where((y + x) % 2 == 0, 100, 130).astype(np.uint8)[:, :, None]
    assert (normalise(picture, FORM) == 0).all()


@pytest.mark.parametrize(("side", "even"), [(4, False), (6, False), (7, True), (20, True)])
def test_light_that_falls_off_is_told_from_ink_if_there_are_pixels_enough(
    side: int, even: bool
) -> None:
    falling = np.tile(np.linspace(20, 220, side).round(), (side, 1)).astype(np.uint8)
    assert (not normalise(falling[:, :, None], FORM).any()) is even


@pytest.mark.parametrize("seed", range(8))
def test_small_pictures_come_out_as_by_the_documented_steps(seed: int) -> None:
    random = np.random.default_rng(seed)
    side = int(random.integers(8, 16))
    size = (int(random.integers(side + 6, 36)), int(random.integers(side + 6, 36)))
    top, left = (int(random.integers(2, length - side - 1)) for length in size)
    picture = seen(page(letter(side), top, left, size), 180, 40).astype(float)
    noisy = np.rint(picture + random.normal(0, 4, picture.shape)).clip(0, 255).astype(np.uint8)
    for image in (noisy, 255 - noisy):
        apart = np.abs(normalise(image, FORM).astype(int) - by_the_book(image, FORM))
        assert apart.max() <= 1
