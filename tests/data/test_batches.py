"""The order of images, and the batches that they are cut into."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from glyphlab.data.batches import ImageStore, as_tensor, batch_bounds, epoch_order

CPU = torch.device("cpu")


@given(n=st.integers(0, 500), batch_size=st.integers(1, 80))
def test_batches_are_the_fewest_whose_sizes_differ_by_one_at_most(n: int, batch_size: int) -> None:
    bounds = batch_bounds(n, batch_size)
    sizes = [end - start for start, end in bounds]
    assert [i for start, end in bounds for i in range(start, end)] == list(range(n))
    assert all(1 <= size <= batch_size for size in sizes)
    assert not sizes or max(sizes) - min(sizes) <= 1
    assert (len(sizes) - 1) * batch_size < n or n == 0


def test_ten_images_in_batches_of_four_are_three_batches() -> None:
    assert batch_bounds(10, 4) == [(0, 3), (3, 6), (6, 10)]


def test_an_order_holds_each_image_once_and_is_decided_by_seed_and_epoch() -> None:
    order = epoch_order(200, 1, 2)
    assert sorted(order.tolist()) == list(range(200))
    assert np.array_equal(order, epoch_order(200, 1, 2))
    orders = {tuple(epoch_order(200, seed, epoch)) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9


def test_an_order_stays_from_version_to_version() -> None:
    expected = np.random.Generator(np.random.PCG64(np.random.SeedSequence([3, 4]))).permutation(9)
    assert epoch_order(9, 3, 4).tolist() == expected.tolist()


@pytest.fixture
def store() -> ImageStore:
    """Three images of 2×2 pixels in colours, from 0 on in steps of 5."""
    images = (5 * np.arange(3 * 2 * 2 * 3)).astype(np.uint8).reshape(3, 2, 2, 3)
    return ImageStore(images, (0.1, 0.2, 0.3), (0.5, 0.25, 0.125), CPU)


def test_images_are_gathered_as_floats_channel_by_channel(store: ImageStore) -> None:
    batch = store.gather(torch.tensor([2, 0]))
    assert (batch.shape, batch.dtype) == ((2, 3, 2, 2), torch.float32)
    # pixel (1, 0) of image 2 is number 2·12 + 1·6 + 0 and following, in steps of 5
    assert batch[0, :, 1, 0].tolist() == pytest.approx([150 / 255, 155 / 255, 160 / 255])
    assert batch[1, :, 0, 0].tolist() == pytest.approx([0, 5 / 255, 10 / 255])
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_each_channel_is_normalised_by_its_own_mean_and_deviation(store: ImageStore) -> None:
    batch = store.normalise(torch.full((1, 3, 2, 2), 0.6))
    expected = [(0.6 - 0.1) / 0.5, (0.6 - 0.2) / 0.25, (0.6 - 0.3) / 0.125]
    assert batch[0, :, 1, 1].tolist() == pytest.approx(expected)


def test_images_and_what_normalises_them_lie_on_the_device_asked_for() -> None:
    images = np.zeros((1, 2, 2, 1), np.uint8)
    store = ImageStore(images, (0.5,), (0.25,), torch.device("meta"))
    held = (
        store.images,
        store.mean,
        store.std,
        store.normalise(store.gather(torch.tensor([0], device="meta"))),
    )
    assert [tensor.device.type for tensor in held] == ["meta"] * 4


def test_an_array_that_is_read_only_is_shared_without_a_word() -> None:
    array = np.arange(5, dtype=np.uint8)
    array.flags.writeable = False
    tensor = as_tensor(array)
    assert tensor.tolist() == [0, 1, 2, 3, 4]
    assert tensor.data_ptr() == array.ctypes.data


def test_the_order_is_a_function_of_number_seed_and_epoch() -> None:
    first = epoch_order(1_000, seed=3, epoch=2)
    np.random.seed(5)  # noqa: NPY002  # what others draw does not matter
    assert np.array_equal(epoch_order(1_000, seed=3, epoch=2), first)
    assert not np.array_equal(epoch_order(1_000, seed=3, epoch=3), first)
    assert not np.array_equal(epoch_order(1_000, seed=4, epoch=2), first)
    assert not np.array_equal(epoch_order(1_000, seed=2, epoch=3), first)


def test_every_image_comes_once_an_epoch() -> None:
    assert np.array_equal(np.sort(epoch_order(1_000, seed=0, epoch=1)), np.arange(1_000))
