"""A Dataset holds together, can't be changed, and says what is wrong with what it is made of."""

import hashlib
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from glyphlab.data.dataset import Dataset, Skipped, check_compatible, shape_in_words
from glyphlab.data.ids import Ids
from glyphlab.errors import InputError


def four(**change: Any) -> Dataset:
    """Images whose pixels are their numbers."""
    usual: dict[str, Any] = {
        "images": np.full((4, 2, 3, 1), np.arange(4, dtype=np.uint8)[:, None, None, None]),
        "labels": np.array([0, 2, 2, 0]),
        "ids": ["a", "b", "c", "d"],
        "classes": ["A", "B", "C"],
        "name": "four",
    }
    return Dataset(**(usual | change))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"images": np.zeros((4, 2, 3, 1), np.int8)}, "not int8 [4, 2, 3, 1]"),
        ({"images": np.zeros((4, 2, 3), np.uint8)}, "not uint8 [4, 2, 3]"),
        ({"images": np.zeros((4, 2, 3, 2), np.uint8)}, "not uint8 [4, 2, 3, 2]"),
        ({"labels": np.zeros(4, np.int32)}, "labels must be int64 [n], not int32 [4]"),
        ({"labels": np.zeros((4, 1), np.int64)}, "labels must be int64 [n], not int64 [4, 1]"),
        ({"images": np.zeros((3, 2, 3, 1), np.uint8)}, "there are 3 images, 4 labels and 4 ids"),
        ({"labels": np.zeros(5, np.int64)}, "there are 4 images, 5 labels and 4 ids"),
        ({"ids": ["a"]}, "there are 4 images, 4 labels and 1 ids"),
        ({"classes": ["A", "B", "A"]}, "a class name occurs twice"),
        ({"classes": ["A", "B"]}, "labels run from 0 to 2, but there are 2 classes"),
        ({"labels": np.array([0, -1, 1, 0])}, "labels run from -1 to 1, but there are 3 classes"),
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as refusal:
        four(**change)
    assert str(refusal.value).startswith("four: ")
    assert problem in str(refusal.value)


def test_a_refusal_names_the_source_where_there_is_one() -> None:
    with pytest.raises(InputError, match=r"^a\.zip: a class name"):
        four(classes=["A", "B", "A"], source="a.zip")


def test_images_may_have_three_channels_or_none_may_be_there() -> None:
    assert four(images=np.zeros((4, 2, 3, 3), np.uint8)).image_shape == (2, 3, 3)
    empty = Dataset(np.zeros((0, 2, 3, 1), np.uint8), np.zeros(0, np.int64), [], [])
    assert (len(empty), empty.class_counts.tolist()) == (0, [])


def test_there_may_be_ten_thousand_classes_and_no_more() -> None:
    names = [f"{i}" for i in range(10_001)]
    assert len(four(classes=names[:-1]).class_counts) == 10_000
    with pytest.raises(
        InputError, match=r"^four: there are 10,001 classes, and at most 10,000 can"
    ):
        four(classes=names)


def test_it_cannot_be_changed() -> None:
    dataset = four(skipped=[("x", "empty")])
    for array in (dataset.images, dataset.labels, *dataset.to_numpy()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert dataset.classes == ("A", "B", "C")
    assert isinstance(dataset.ids, Ids)
    assert dataset.skipped == (Skipped("x", "empty"),)
    assert isinstance(dataset.skipped[0], Skipped)


def test_arrays_are_given_without_a_copy() -> None:
    dataset = four()
    images, labels = dataset.to_numpy()
    assert np.shares_memory(images, dataset.images)
    assert np.shares_memory(labels, dataset.labels)


def test_classes_are_counted_those_without_an_image_too() -> None:
    counts = four(classes=["A", "B", "C", "D"]).class_counts
    assert (counts.tolist(), counts.dtype) == ([2, 0, 2, 0], np.int64)


def test_it_says_in_words_what_it_is() -> None:
    assert repr(four()) == "Dataset 'four': 4 grey images of 2×3, 3 classes (A, B, C)"
    coloured = four(images=np.zeros((4, 2, 3, 3), np.uint8))
    assert repr(coloured) == "Dataset 'four': 4 RGB images of 2×3, 3 classes (A, B, C)"


def test_its_fingerprint_is_of_content_and_class_names_alone() -> None:
    print_of = four().fingerprint
    assert four(name="other", ids=list("wxyz"), source="s").fingerprint == print_of
    others = (
        four(images=np.zeros((4, 2, 3, 1), np.uint8)),
        four(images=np.ascontiguousarray(four().images).reshape(4, 3, 2, 1)),
        four(labels=np.array([2, 0, 2, 0])),
        four(classes=["A", "B", "D"]),
    )
    assert len({print_of, *(other.fingerprint for other in others)}) == 5


def test_a_fingerprint_stays_from_version_to_version() -> None:
    described = b"((4, 2, 3, 1), ('A', 'B', 'C'))"
    labels, pixels = struct.pack("<4q", 0, 2, 2, 0), bytes(6) + b"\1" * 6 + b"\2" * 6 + b"\3" * 6
    expected = hashlib.sha256(described + labels + pixels).hexdigest()
    assert four().fingerprint == expected
    assert expected.startswith("38ac09f589c0a453")


def test_pixels_that_another_program_wrote_meanwhile_are_noticed() -> None:
    pixels = np.zeros((4, 2, 3, 1), np.uint8)
    dataset = four(images=pixels[:])
    before = dataset.fingerprint
    dataset.check_unchanged()
    pixels[3, 1, 2, 0] = 1
    with pytest.raises(
        InputError, match=r"^The images of four were changed while they were in use"
    ):
        dataset.check_unchanged()
    assert dataset.fingerprint == before


def test_a_subset_takes_all_with_it_in_the_order_asked_for() -> None:
    part = four(source="a.zip", skipped=[("x", "empty")]).subset(np.array([3, 1, 1]))
    assert part.images[:, 0, 0, 0].tolist() == [3, 1, 1]
    assert part.labels.tolist() == [0, 2, 2]
    assert list(part.ids) == ["d", "b", "b"]
    assert (part.name, part.source, part.classes) == ("four", "a.zip", ("A", "B", "C"))
    assert part.skipped == (("x", "empty"),)
    assert four().subset(np.array([0]), "one").name == "one"


def test_another_name_changes_nothing_else() -> None:
    assert four().renamed("five").name == "five"
    assert four().renamed("five").fingerprint == four().fingerprint


def test_items_for_pytorch_are_floats_unless_bytes_are_asked_for() -> None:
    image, label = four().to_torch()[1]
    assert (image[0, 0, 0].item(), label) == (pytest.approx(1 / 255), 2)
    image, _ = four().to_torch(as_float=False)[1]
    assert image[0, 0, 0].item() == 1


def test_two_that_go_together_are_let_through() -> None:
    check_compatible(four(), four().renamed("other").subset(np.array([0])))


def test_two_that_do_not_go_together_are_refused_by_what_differs() -> None:
    other = replace(four(), name="other", classes=("A", "B", "D"))
    with pytest.raises(InputError, match="four has the classes A, B, C, but other has A, B, D"):
        check_compatible(four(), other)
    other = four(name="other", images=np.zeros((4, 2, 3, 3), np.uint8))
    message = "four has images of 2×3 in grey, but other of 2×3 in RGB"
    with pytest.raises(InputError, match=message):
        check_compatible(four(), other)


def test_a_shape_is_said_as_height_by_width() -> None:
    assert shape_in_words((28, 20, 1)) == "28×20 in grey"
    assert shape_in_words((28, 20, 3)) == "28×20 in RGB"
