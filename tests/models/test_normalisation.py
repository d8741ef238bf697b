"""Mean and spread of pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from glyphlab.models import normalisation as module
from glyphlab.models.normalisation import normalisation


@settings(max_examples=50, deadline=None)
@given(
    arrays.arrays(
        np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.just(3))
    )
)
def test_it_agrees_with_numpy_in_double_precision(images: np.ndarray) -> None:
    mean, std = normalisation(images)
    shares = images.astype(np.float64) / 255
    np.testing.assert_allclose(mean, shares.mean((0, 1, 2)), rtol=1e-12, atol=1e-15)
    expected = np.maximum(shares.std((0, 1, 2)), 1 / 255)
    np.testing.assert_allclose(std, expected, rtol=1e-9)


def test_black_and_white_in_equal_parts_have_mean_and_spread_of_a_half() -> None:
    images = np.array([[[[0]]], [[[255]]]], np.uint8)
    assert normalisation(images) == ((0.5,), (0.5,))


def test_images_of_one_level_get_a_spread_of_one_level() -> None:
    assert normalisation(np.full((3, 2, 2, 1), 51, np.uint8)) == ((0.2,), (1 / 255,))


def test_no_images_leave_pixels_as_they_are() -> None:
    assert normalisation(np.empty((0, 2, 2, 1), np.uint8)) == ((0.0,), (1.0,))


def test_many_chunks_give_what_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.random.default_rng(0).integers(0, 256, (17, 4, 4, 1), np.uint8)
    whole = normalisation(images)
    monkeypatch.setattr(module, "CHUNK", 50)
    assert normalisation(images) == whole


def test_only_the_images_at_the_index_count() -> None:
    images = np.random.default_rng(0).integers(0, 256, (17, 4, 4, 3), np.uint8)
    index = np.array([3, 16, 3, 0])
    assert normalisation(images, index) == normalisation(images[index])


def test_an_image_of_more_pixels_than_a_chunk_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 4)
    images = np.full((2, 3, 3, 1), 51, np.uint8)
    images[1] = 255
    assert normalisation(images)[0] == (0.6,)
