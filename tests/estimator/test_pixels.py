"""What images become of numbers."""

import numpy as np
import pytest

from glyphlab.errors import InputError
from glyphlab.estimator.pixels import as_rows, choose_shape, learn_limits, to_images

RANDOM = np.random.default_rng(0)


def images_of(rows: np.ndarray) -> np.ndarray:
    """The images of rows of 28×28 numbers, as rows."""
    limits = learn_limits(rows, are_pixels=False)
    return to_images(rows, limits, (28, 28, 1)).reshape(len(rows), -1)


@pytest.fixture
def levels() -> np.ndarray:
    """Rows of levels, none of them white."""
    return RANDOM.integers(2, 240, (5, 784)).astype(np.uint8)


def test_levels_of_uint8_stay_as_they_are_though_they_are_but_0_and_1(levels: np.ndarray) -> None:
    assert np.array_equal(images_of(levels), levels)
    assert np.array_equal(images_of(levels // 128), levels // 128)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32, np.float64])
def test_whole_numbers_from_0_to_255_are_levels_in_any_type(
    levels: np.ndarray, dtype: type[np.generic]
) -> None:
    assert np.array_equal(images_of(levels.astype(dtype)), levels)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_from_0_to_1_are_shares_of_white(
    levels: np.ndarray, dtype: type[np.generic]
) -> None:
    assert np.array_equal(images_of((levels / 255).astype(dtype)), levels)


def test_features_of_other_ranges_are_spread_each_over_its_own() -> None:
    rows = np.array([[-1.0, 1000.0], [0.0, 3000.0], [1.0, 2000.0]])
    low, high = learn_limits(rows, are_pixels=False)
    assert (low.tolist(), high.tolist()) == ([-1.0, 1000.0], [1.0, 3000.0])
    images = to_images(rows, (low, high), (1, 2, 1))
    assert images[:, 0, 0, 0].tolist() == [0, 128, 255]
    assert images[:, 0, -1, 0].tolist() == [0, 255, 128]


def test_pixels_of_other_ranges_are_spread_over_one() -> None:
    rows = np.array([[-1.0, 0.0], [0.0, 1.0]])
    low, high = learn_limits(rows, are_pixels=True)
    assert (low.tolist(), high.tolist()) == ([-1.0], [1.0])


def test_what_lies_outside_the_limits_is_set_to_the_nearer() -> None:
    limits = learn_limits(np.array([[-1.0, 5.0], [1.0, 9.0]]), are_pixels=False)
    images = to_images(np.array([[-7.0, 100.0]]), limits, (1, 2, 1))
    assert (images[0, 0, 0, 0], images[0, 0, -1, 0]) == (0, 255)


def test_a_feature_that_never_changed_says_nothing_later() -> None:
    limits = learn_limits(np.array([[7.0, -1.0], [7.0, 1.0]]), are_pixels=False)
    images = to_images(np.array([[7.0, 0.0], [9.0, 0.0], [-3.0, 0.0]]), limits, (1, 2, 1))
    assert np.array_equal(images[0], images[1])
    assert np.array_equal(images[0], images[2])


def test_many_images_become_the_same_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = RANDOM.normal(size=(7, 784))
    whole = images_of(rows)
    monkeypatch.setattr("glyphlab.estimator.pixels.CHUNK", 2 * 784)
    assert np.array_equal(images_of(rows), whole)


@pytest.mark.parametrize(
    ("features", "shape"),
    [
        (1, (1, 1, 1)),
        (2, (1, 2, 1)),
        (3, (2, 2, 1)),
        (10, (3, 4, 1)),
        (64, (8, 8, 1)),
        (65, (8, 9, 1)),
        (3072, (55, 56, 1)),
    ],
)
def test_a_row_is_a_grey_image_near_to_a_square(features: int, shape: tuple[int, ...]) -> None:
    assert choose_shape(features, None, None) == shape


def test_what_no_feature_fills_is_black() -> None:
    limits = np.array([0.0]), np.array([1.0])
    image = to_images(np.ones((1, 30 * 30 - 7)), limits, (30, 30, 1))[0, :, :, 0]
    assert (image[-1, -7:] == 0).all()
    assert (image == 255).sum() == 893


def test_the_axes_or_the_user_say_what_images_rows_are() -> None:
    rows, shape = as_rows(RANDOM.random((4, 10, 20, 3)))
    assert rows.shape == (4, 600)
    assert shape == (10, 20, 3)
    assert choose_shape(600, shape, None) == (10, 20, 3)
    assert choose_shape(600, None, (20, 30)) == (20, 30, 1)
    assert choose_shape(600, shape, [10, 20, 3]) == (10, 20, 3)


def test_nested_lists_are_images_too_and_frames_are_left_alone() -> None:
    rows, shape = as_rows([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    assert rows.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert shape == (2, 2, 1)
    frame = object()
    assert as_rows(frame) == (frame, None)


@pytest.mark.parametrize(
    "asked", [28, (28,), (0, 5), (28, 28, 2), (2, 2, 2, 98), "28x28", (2.5, 4)]
)
def test_what_is_no_shape_of_images_is_refused(asked: object) -> None:
    with pytest.raises(InputError, match="give height, width, and 1 or 3 channels"):
        choose_shape(784, None, asked)  # type: ignore[arg-type]


def test_axes_that_are_none_of_images_are_refused() -> None:
    with pytest.raises(InputError, match="X has images of 4×4×4; give height, width"):
        as_rows(np.zeros((2, 4, 4, 4)))


def test_a_shape_that_is_not_what_is_given_is_refused() -> None:
    with pytest.raises(InputError, match="image_shape says 4×4×1, but X has 64 features"):
        choose_shape(64, None, (4, 4))
    with pytest.raises(InputError, match="image_shape says 4×16×1, but X has images of 8×8×1"):
        choose_shape(64, (8, 8, 1), (4, 16))


def test_sides_that_are_too_small_are_stretched_and_others_stay() -> None:
    one = np.array([[0.0, 1.0]])
    images = to_images(one, (np.array([0.0]), np.array([1.0])), (1, 2, 1))
    assert images.shape == (1, 28, 28, 1)
    assert (np.diff(images[0, 0, :, 0].astype(int)) >= 0).all()
    assert (images[0] == images[0, 0]).all()
    wide = RANDOM.integers(0, 256, (3, 10 * 40 * 3)).astype(np.uint8)
    assert to_images(wide, learn_limits(wide, True), (10, 40, 3)).shape == (3, 28, 40, 3)


def test_the_users_array_is_neither_changed_nor_made_read_only(levels: np.ndarray) -> None:
    images = to_images(levels, learn_limits(levels, True), (28, 28, 1))
    images.flags.writeable = False
    levels[0, 0] = 3
    assert levels.flags.writeable
