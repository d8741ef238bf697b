"""The lab trains without copies, says so, and shows what they would have changed."""

from dataclasses import replace

import numpy as np
import pytest
from tests.auditing.builders import patterns

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.lab.copies import copies_sentences, without_copies


def joined(first: Dataset, second: Dataset) -> Dataset:
    return Dataset(
        np.concatenate([first.images, second.images]),
        np.concatenate([first.labels, second.labels]),
        [*first.ids, *second.ids],
        first.classes,
        first.name,
    )


OWN = patterns([0, 0, 1, 1, 2, 2], seed=1)
TEST = patterns([0, 1, 2, 2], seed=2, name="test")
BOTH = joined(joined(OWN, OWN.subset(np.array([4]))), TEST.subset(np.array([1, 3])))


def test_copies_of_test_images_and_of_training_images_are_left_out() -> None:
    left = without_copies(BOTH, TEST)
    assert np.array_equal(left.train.images, OWN.images)
    assert (left.duplicates, left.leaked) == (1, 2)
    assert left.in_training.tolist() == [False, True, False, True]
    assert copies_sentences(left, BOTH) == [
        "Of the 9 training images 3 are left out: 2 that repeat a test image, and 1 that have the "
        "pixels of another training image.",
        "2 of the 4 test images (50.0%) had leaked so.",
    ]


def test_without_copies_the_training_images_are_the_same_object() -> None:
    left = without_copies(OWN, TEST)
    assert left.train is OWN
    assert copies_sentences(left, OWN) == ["No training image repeats another one or a test image."]


def test_a_class_that_consists_of_copies_is_named() -> None:
    only_copies = replace(OWN, labels=np.array([0, 0, 1, 1, 1, 1]))
    train = joined(only_copies, TEST.subset(np.array([2])))
    with pytest.raises(InputError, match="All 1 training images of class c repeat images of test"):
        without_copies(train, TEST)
