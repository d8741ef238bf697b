"""Images of a letter: filled squares, and variations of weight, slant, stretch and outline."""

from dataclasses import replace

import numpy as np
import pytest
from jaxtyping import UInt8

from glyphlab.data.strokes import PLAIN, Variation, fill, vary

Picture = UInt8[np.ndarray, "height width"]


@pytest.fixture
def bar() -> Picture:
    """A letter like a sans I: 96 high, 16 wide, in a wider picture."""
    picture = np.zeros((110, 60), np.uint8)
    picture[7:103, 22:38] = 255
    return picture


@pytest.fixture
def hook() -> Picture:
    """A letter like an L: a stem of 20 and a foot of 16 pixels, 96 × 80."""
    picture = np.zeros((96, 80), np.uint8)
    picture[:, :20] = 255
    picture[80:, :] = 255
    return picture


def one(picture: Picture, variation: Variation, origin: int = 0, seed: int = 0) -> Picture:
    generator = np.random.default_rng(seed)
    return vary(picture, origin, 28, variation, generator=generator, change=True)[0]


def test_a_stretched_bar_fills_the_whole_square(bar: Picture) -> None:
    assert (fill(bar, 28) == 255).all()


def test_a_bar_that_keeps_its_shape_is_centred(bar: Picture) -> None:
    image = fill(bar, 28, stretched=False)
    columns = np.flatnonzero(image.any(0))
    assert image.any(1).all()
    assert len(columns) == round(16 / 96 * 28)
    assert abs((columns[0] + columns[-1]) / 2 - 13.5) <= 0.5


def test_ink_touches_all_four_edges(hook: Picture) -> None:
    image = fill(np.pad(hook, 9), 28)
    assert all(edge.max() == 255 for edge in (image[0], image[-1], image[:, 0], image[:, -1]))
    assert image.mean() == pytest.approx(hook.mean(), rel=0.02)


def test_an_empty_picture_gives_a_black_image() -> None:
    assert not fill(np.zeros((9, 9), np.uint8), 28).any()


def test_a_coarse_raster_softens_edges(hook: Picture) -> None:
    sharp, soft = fill(hook, 28), fill(hook, 28, raster_height=20)
    assert ((soft > 20) & (soft < 235)).sum() > ((sharp > 20) & (sharp < 235)).sum()


def test_the_same_state_gives_the_same_image(hook: Picture) -> None:
    everything = Variation(0.5, 0.5, 1.0, 1.0, 0.5)
    assert (one(hook, everything, 9, seed=3) == one(hook, everything, 9, seed=3)).all()
    assert (one(hook, everything, 9, seed=3) != one(hook, everything, 9, seed=4)).any()


def test_weight_makes_some_images_bolder_and_some_lighter(hook: Picture) -> None:
    plain = one(hook, PLAIN).mean()
    inks = [one(hook, replace(PLAIN, weight=1.0), seed=seed).mean() for seed in range(20)]
    assert min(inks) < 0.9 * plain
    assert max(inks) > 1.1 * plain


def test_weight_never_fills_a_letter_up() -> None:
    ring = np.full((96, 96), 255, np.uint8)
    ring[44:52, 44:52] = 0
    for seed in range(20):
        image = one(ring, replace(PLAIN, weight=1.0), seed=seed)
        assert image[12:16, 12:16].min() < 128


def test_slant_moves_the_top_against_the_bottom(bar: Picture) -> None:
    shifts = []
    for seed in range(20):
        image = one(bar, replace(PLAIN, slant=1.0), seed=seed).astype(float)
        columns = np.arange(28)
        top, bottom = image[2] + 1e-9, image[-3] + 1e-9
        shifts.append((top @ columns) / top.sum() - (bottom @ columns) / bottom.sum())
    assert max(shifts) > 5
    assert sum(shift > 0 for shift in shifts) > 10


def test_an_outline_is_hollow() -> None:
    block = np.full((96, 96), 255, np.uint8)
    image = one(block, replace(PLAIN, outline=1.0))
    assert image[14, 14] == 0
    assert image[0].min() > 100


def test_clipping_takes_what_hangs_over_the_pens_start() -> None:
    picture = np.zeros((96, 80), np.uint8)
    picture[:8, :] = 255
    picture[:, 60:] = 255
    whole = one(picture, PLAIN, origin=20)
    clipped = one(picture, replace(PLAIN, clip=1.0), origin=20)
    assert whole[14].mean() == pytest.approx(255 * 20 / 80, rel=0.15)
    assert clipped[14].mean() == pytest.approx(255 * 20 / 60, rel=0.15)


def test_changes_are_named(hook: Picture) -> None:
    everything = Variation(stretch=0.0, clip=1.0, weight=1.0, slant=1.0, outline=1.0)
    generator = np.random.default_rng(1)
    _, changes = vary(hook, 9, 28, everything, generator=generator, change=True)
    assert changes == ["clip", "slant", "weight", "outline", "fit"]


def test_an_unchanged_image_has_the_weight_slant_and_outline_of_the_font(hook: Picture) -> None:
    everything = Variation(stretch=1.0, clip=0.0, weight=1.0, slant=1.0, outline=1.0)
    generator = np.random.default_rng(1)
    image, changes = vary(hook, 0, 28, everything, generator=generator, change=False)
    assert changes == []
    assert np.abs(image.astype(int) - fill(hook, 28)).mean() < 6
