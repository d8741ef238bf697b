"""Batches computed in parts: the same step, with less to keep in between."""

import dataclasses
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest
import torch
from tests.toys import bars
from torch import nn

from glyphlab.models import build
from glyphlab.training.feed import MemoryFeed
from glyphlab.training.fit import take_step
from glyphlab.training.group import ALONE
from glyphlab.training.micro_batches import CACHED_BYTES, kept_bytes, micro_batch
from glyphlab.training.preparation import Training, prepare
from glyphlab.training.recipe import Recipe
from glyphlab.training.starting import start_run

PLAIN = Recipe(
    optimizer="sgd",
    learning_rate=0.1,
    batch_size=50,
    balance=0.5,
    device="cpu",
    precision="float32",  # in bfloat16, which some CPUs choose, sums in parts are others
)


def training_of(model: str, folder: Path, micro: int | None) -> Training:
    dataset = bars()
    with ExitStack() as held:
        run = start_run(model, dataset, PLAIN, held, out=folder)
    return dataclasses.replace(prepare(run, dataset, None), micro_batch=micro)


@pytest.mark.parametrize("micro", [1, 7, 49])
def test_a_step_in_parts_is_the_step_of_the_whole_batch(tmp_path: Path, micro: int) -> None:
    whole, parts = (
        training_of("conv-pool", tmp_path / name, size)
        for name, size in (("whole", None), ("parts", micro))
    )
    feed = whole.feed
    assert isinstance(feed, MemoryFeed)
    batch = feed.batch(feed.train_index[:50], ALONE)
    for step in range(3):
        totals = [take_step(training, batch, step) for training in (whole, parts)]
        torch.testing.assert_close(*totals)
    for one, other in zip(whole.module.parameters(), parts.module.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_bytes_kept_are_those_of_features_and_not_of_weights() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.Tanh(), nn.Linear(100, 10))
    # Of each image the first layer keeps its 784 pixels, tanh and the second layer the same 100.
    kept = kept_bytes(module, torch.randn(4, 1, 28, 28), nullcontext())
    assert kept == 4 * 4 * (784 + 100)


def test_the_larger_the_images_the_fewer_at_once() -> None:
    sizes = []
    for side in (28, 40, 200):
        module, images = build("conv2", (side, side, 1), 10), torch.randn(8, 1, side, side)
        micro = micro_batch(module, images, nullcontext())
        assert micro is not None
        kept = micro / len(images) * kept_bytes(module, images, nullcontext())
        assert kept <= CACHED_BYTES or micro == 32
        sizes.append(micro)
    assert sizes[0] > sizes[1] > sizes[2] == 32


def test_batch_norm_and_users_modules_see_the_whole_batch() -> None:
    images = torch.randn(8, 1, 28, 28)
    own = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    assert micro_batch(build("glyphnet", (28, 28, 1), 10), images, nullcontext()) is None
    assert micro_batch(own, images, nullcontext()) is None
    assert micro_batch(build("logistic", (28, 28, 1), 10), images, nullcontext()) is not None
