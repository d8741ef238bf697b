"""Arrays of images and labels become Datasets."""

from typing import Any

import numpy as np
import pytest

from glyphlab.data.labelled import Labelled, checked_images, to_datasets
from glyphlab.errors import InputError


def part(labels: Any, where: str = "x", images: int | None = None) -> Labelled:
    array = np.asarray(labels)
    count = len(array) if images is None else images
    return Labelled(np.zeros((count, 1, 1), np.uint8), array, where)


def square(value: Any, dtype: Any) -> np.ndarray:
    return np.full((1, 2, 2), value, dtype)


@pytest.mark.parametrize(
    ("value", "dtype", "pixel"),
    [
        (255, np.int64, 255),
        (0, np.int8, 0),
        (200, np.uint16, 200),
        (1.0, np.float64, 255),
        (0.0, np.float16, 0),
        (0.7, np.float32, 178),  # 0.7 · 255 = 178.5, rounded to the even
        (True, np.bool_, 255),
        (False, np.bool_, 0),
    ],
)
def test_numbers_become_pixels(value: Any, dtype: Any, pixel: int) -> None:
    found = checked_images(square(value, dtype), "x", "a.npz")
    assert found.dtype == np.uint8
    assert (found == pixel).all()


def test_bytes_are_taken_as_they_are() -> None:
    images = square(7, np.uint8)
    assert checked_images(images, "x", "a.npz") is images


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (256, np.int64),
        (-1, np.int64),
        (256, np.uint16),
        (1.001, np.float32),
        (-0.001, np.float32),
        (np.nan, np.float32),
        (0, np.complex64),
    ],
)
def test_numbers_that_are_no_pixels_are_refused(value: Any, dtype: Any) -> None:
    with pytest.raises(InputError, match=r"^a\.npz: x is .* with values that are no pixels"):
        checked_images(square(value, dtype), "x", "a.npz")


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 3, 2), (2, 3, 3, 3, 1), (3,)])
def test_arrays_of_another_shape_are_no_images(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"a\.npz: x has the shape \["):
        checked_images(np.zeros(shape, np.uint8), "x", "a.npz")


@pytest.mark.parametrize("shape", [(2, 3, 2), (2, 3, 3, 1), (2, 3, 3, 3)])
def test_arrays_of_these_shapes_are_images(shape: tuple[int, ...]) -> None:
    assert checked_images(np.zeros(shape), "x", "a.npz").shape == shape


def test_labels_of_all_parts_are_classes_in_ascending_order() -> None:
    train, test = to_datasets([part([30, 4]), part([100, 4])], "a", 1, "grey", None)
    assert train.classes == test.classes == ("4", "30", "100")
    assert (train.labels.tolist(), test.labels.tolist()) == ([1, 0], [2, 0])


def test_labels_may_be_words() -> None:
    (only,) = to_datasets([part(["dog", "cat", "dog"])], "a", 1, "grey", None)
    assert (only.classes, only.labels.tolist()) == (("cat", "dog"), [1, 0, 1])


def test_labels_index_the_classes_that_are_given() -> None:
    (only,) = to_datasets([part(np.array([2, 0], np.uint8))], "a", 1, "grey", ["x", "y", "z"])
    assert (only.classes, only.labels.tolist()) == (("x", "y", "z"), [2, 0])
    with pytest.raises(InputError, match=r"a: with a list of classes the labels of x must be"):
        to_datasets([part(["x", "y"])], "a", 1, "grey", ["x", "y"])


def test_size_mode_and_source_are_as_asked() -> None:
    (only,) = to_datasets([part([0, 1])], "a.npz", 3, "rgb", None)
    assert (only.image_shape, only.source) == ((3, 3, 3), "a.npz")


@pytest.mark.parametrize(
    ("count", "last"),
    [(2, "x/00001"), (100_000, "x/99999"), (100_001, "x/100000")],
)
def test_images_are_numbered_in_five_digits_or_as_many_as_it_takes(count: int, last: str) -> None:
    (only,) = to_datasets([part(np.arange(count) % 2)], "a", 1, "grey", None)
    assert (len(only.ids[0]), only.ids[-1]) == (len(last), last)


@pytest.mark.parametrize(
    ("given", "classes", "problem"),
    [
        (part([0, 1], images=3), None, "a: x has 3 images and 2 labels"),
        (part([0, 0]), None, "a holds one class only"),
        (part([0, 0]), ["x"], "a holds one class only"),
        (part([]), None, "a: x holds no images"),
    ],
)
def test_what_makes_no_dataset_is_refused(
    given: Labelled, classes: list[str] | None, problem: str
) -> None:
    with pytest.raises(InputError, match=f"^{problem}"):
        to_datasets([given], "a", 1, "grey", classes)
