"""Sizes and modes that are allowed, and what all images are brought to."""

import numpy as np
import pytest

from glyphlab.data.resize import channels_of, check_bytes, check_size, fit, fit_all, to_mode
from glyphlab.errors import InputError


def test_grey_has_one_channel_and_rgb_three() -> None:
    assert (channels_of("grey"), channels_of("rgb")) == (1, 3)
    with pytest.raises(InputError, match=r"^There is no mode 'GREY'; choose grey or rgb"):
        channels_of("GREY")


@pytest.mark.parametrize("size", [1, 2, 1_024])
def test_sides_from_1_to_1024_are_allowed(size: int) -> None:
    check_size(size)


@pytest.mark.parametrize("size", [-1, 0, 1_025])
def test_other_sides_are_refused(size: int) -> None:
    with pytest.raises(InputError, match=f"^A size of {size} can't be used; give 1 to 1024 pixels"):
        check_size(size)


def test_64_gigabytes_are_held_at_once_and_no_byte_more() -> None:
    check_bytes(1 << 16, 1 << 20)
    with pytest.raises(
        InputError, match=r"^68,719,476,737 images of 1 bytes are more than 68,719,476,736 bytes"
    ):
        check_bytes((1 << 36) + 1, 1)


@pytest.mark.parametrize(
    ("colour", "grey"),
    [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((100, 200, 50), 153)],
)
def test_grey_is_the_luma_of_a_colour(colour: tuple[int, int, int], grey: int) -> None:
    found = to_mode(np.full((2, 3, 3), colour, np.uint8), 1)
    assert (found.shape, found.dtype) == ((2, 3, 1), np.uint8)
    assert (found == grey).all()


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 1)])
def test_grey_in_colour_has_three_equal_channels(shape: tuple[int, ...]) -> None:
    image = np.arange(6, dtype=np.uint8).reshape(shape)
    found = to_mode(image, 3)
    assert found.shape == (2, 3, 3)
    assert all(found[:, :, channel].ravel().tolist() == [*range(6)] for channel in range(3))
    assert to_mode(image, 1).ravel().tolist() == [*range(6)]


def test_a_line_of_one_pixel_stays_one_pixel_wide() -> None:
    image = np.full((100, 1, 1), 200, np.uint8)
    image[0] = image[-1] = 50
    for found in (fit(image, 4), fit(image.transpose(1, 0, 2), 4).transpose(1, 0, 2)):
        assert found[1:3, 1, 0].tolist() == [200, 200]
        assert found[:, [0, 2, 3], 0].tolist() == [[200] * 3] * 4


def test_what_is_left_of_the_square_has_the_median_of_the_border() -> None:
    image = np.array([[1, 2, 3], [9, 0, 9]], np.uint8)[:, :, None]  # 0 1 2 3 9 9: 2 is the lower
    assert fit(image, 3)[2, :, 0].tolist() == [2, 2, 2]
    inside = np.full((3, 5, 1), 7, np.uint8)
    inside[1, 1:4] = 200
    assert fit(inside, 5)[[0, 4], :, 0].tolist() == [[7] * 5] * 2


def test_each_channel_has_its_own_background() -> None:
    image = np.full((1, 3, 3), (10, 20, 30), np.uint8)
    assert fit(image, 3)[[0, 2]].tolist() == [[[10, 20, 30]] * 3] * 2


def test_images_of_the_right_size_and_mode_are_not_copied() -> None:
    images = np.zeros((2, 4, 4, 3), np.uint8)
    assert fit_all(images, 4, "rgb") is images
    assert np.shares_memory(fit_all(images[:, :, :, 0], 4, "grey"), images)


@pytest.mark.parametrize("mode", ["grey", "rgb"])
@pytest.mark.parametrize("shape", [(3, 4, 4), (3, 4, 4, 1), (3, 4, 4, 3), (3, 2, 5, 3)])
def test_all_images_become_what_each_becomes_alone(mode: str, shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    found = fit_all(images, 4, mode)
    assert (found.shape, found.dtype) == ((3, 4, 4, channels_of(mode)), np.uint8)
    for image, one in zip(images, found, strict=True):
        assert np.array_equal(one, fit(to_mode(image, channels_of(mode)), 4))
