"""Images that two Datasets share, seen from both."""

import numpy as np
from tests.auditing.planted import enlarged, one_of_each_letter, planted, shifted

from glyphlab.auditing.copies import Pixels, leaks_between
from glyphlab.data.dataset import Dataset


def pixels(images: np.ndarray, name: str) -> Pixels:
    labels = np.zeros(len(images), np.int64)
    ids = [f"{name}/{k}" for k in range(len(images))]
    return Pixels.of(Dataset(images, labels, ids, ("a",), name, name))


def test_a_leak_names_its_source_and_every_source_its_leak() -> None:
    drawn = one_of_each_letter()
    train = np.concatenate([drawn[:4], planted(drawn[3:6], shifted), drawn[[1]]])
    test = np.concatenate([drawn[[9, 8]], planted(drawn[[3, 4]], enlarged), drawn[[1, 1, 7]]])
    leaks, sources = leaks_between(pixels(train, "train"), pixels(test, "test"))
    assert {leak.index for leak in leaks} == {2, 3, 4, 5}
    assert {leak.of for leak in leaks if leak.index == 3} == {5}
    assert {(source.index, source.of) for source in sources} == {
        (1, 4),
        (7, 4),
        (3, 2),
        (4, 2),
        (5, 3),
    }


def test_of_sets_that_share_nothing_nothing_is_listed() -> None:
    drawn = one_of_each_letter()
    assert leaks_between(pixels(drawn[:5], "train"), pixels(drawn[5:], "test")) == ([], [])
