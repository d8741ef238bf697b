"""Sheets of small images and what they show."""

from base64 import b64decode
from io import BytesIO

import numpy as np
from PIL import Image

from glyphlab.report.images import data_uri, filter_images, montage, png


def test_a_montage_fills_rows_from_left_to_right_with_transparent_gaps() -> None:
    images = np.array([10, 20, 30], np.uint8).reshape(3, 1, 1, 1)
    sheet = montage(images, columns=2, gap=1)
    assert sheet[:, :, 0].tolist() == [[10, 0, 20], [0, 0, 0], [30, 0, 0]]
    assert sheet[:, :, 1].tolist() == [[255, 0, 255], [0, 0, 0], [255, 0, 0]]


def test_a_montage_enlarges_pixels_to_squares() -> None:
    images = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    sheet = montage(images, columns=5, scale=2)
    assert sheet.shape == (4, 4, 4)
    assert sheet[1, 2, :3].tolist() == [3, 4, 5]


def test_a_png_gives_its_pixels_back() -> None:
    for channels in (1, 2, 3, 4):
        image = np.random.default_rng(0).integers(0, 256, (3, 4, channels), dtype=np.uint8)
        decoded = np.asarray(Image.open(BytesIO(png(image))))
        assert np.array_equal(decoded.reshape(image.shape), image)


def test_a_data_address_holds_the_png() -> None:
    assert b64decode(data_uri(b"abc").removeprefix("data:image/png;base64,")) == b"abc"


def test_filters_are_grey_around_zero_each_on_its_own_scale() -> None:
    filters = np.array([[-2.0, 0.0, 1.0], [0.1, 0.05, -0.1], [0, 0, 0]], np.float32)
    shown = filter_images(filters.reshape(3, 1, 3, 1))
    assert shown[0].ravel().tolist() == [0, 128, 191]
    assert shown[1].ravel().tolist() == [255, 191, 0]
    assert shown[2].ravel().tolist() == [128, 128, 128]


def test_filters_of_many_channels_are_shown_by_their_mean_and_of_three_in_colour() -> None:
    many = np.stack([np.full((2, 2), 1.0), np.full((2, 2), -1.0)], axis=-1)[None]
    assert np.all(filter_images(many.astype(np.float32)) == 128)
    assert filter_images(np.ones((70, 2, 2, 3), np.float32)).shape == (64, 2, 2, 3)
