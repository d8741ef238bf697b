"""The order of images."""

import numpy as np

from glyphlab.data.batches import epoch_order


def test_the_order_is_a_function_of_number_seed_and_epoch() -> None:
    first = epoch_order(1_000, seed=3, epoch=2)
    np.random.seed(5)  # noqa: NPY002  # what others draw does not matter
    assert np.array_equal(epoch_order(1_000, seed=3, epoch=2), first)
    assert not np.array_equal(epoch_order(1_000, seed=3, epoch=3), first)
    assert not np.array_equal(epoch_order(1_000, seed=4, epoch=2), first)
    assert not np.array_equal(epoch_order(1_000, seed=2, epoch=3), first)


def test_every_image_comes_once_an_epoch() -> None:
    assert np.array_equal(np.sort(epoch_order(1_000, seed=0, epoch=1)), np.arange(1_000))
