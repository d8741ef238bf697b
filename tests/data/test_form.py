"""How letters stand in training images, as it is measured."""

from pathlib import Path

import numpy as np
import pytest

import glyphlab
from glyphlab.data.form import ImageForm


def boards(
    top: int, left: int, height: int, width: int, *, ink: int = 200, ground: int = 10
) -> np.ndarray:
    """Twenty images of 20×20 with one bar each."""
    images = np.full((20, 20, 20, 1), ground, np.uint8)
    images[:, top : top + height, left : left + width] = ink
    return images


def test_levels_extent_and_centring_of_bars_in_the_middle() -> None:
    form = ImageForm.of(boards(5, 8, 10, 4))
    assert (form.size, form.channels, form.background, form.ink) == (20, 1, 10, 200)
    assert form.extent == 0.5
    assert form.centring == "box"


def test_dark_ink_on_light_ground_is_measured_as_it_is() -> None:
    form = ImageForm.of(boards(5, 5, 10, 10, ink=30, ground=240))
    assert (form.background, form.ink) == (240, 30)


def test_images_centred_by_mass_are_known() -> None:
    images = boards(9, 4, 2, 12)
    images[:, 2:18, 4:8] = 200  # a heavy stem on the left, of which the box takes no notice
    mass = (images[0, :, :, 0] > 100).nonzero()[1].mean()
    moved = np.roll(images, round(9.5 - mass), axis=2)
    assert ImageForm.of(moved).centring == "mass"
    assert ImageForm.of(images).centring == "box"


def test_empty_images_have_a_form_too() -> None:
    form = ImageForm.of(np.full((3, 8, 8, 1), 7, np.uint8))
    assert (form.background, form.extent) == (7, 1.0)


def test_a_form_comes_back_from_json() -> None:
    form = ImageForm.of(boards(5, 8, 10, 4))
    assert ImageForm.from_json(form.to_json()) == form


def test_mnist_is_centred_by_mass_in_a_box_of_20_pixels(shared_data: Path) -> None:
    test = glyphlab.load(f"{shared_data}/mnist_png.tar.gz:test")
    form = ImageForm.of(test.images)
    assert form.centring == "mass"
    assert form.extent == pytest.approx(20 / 28)
    assert (form.background, form.size) == (0, 28)
