"""Images of many files come in an order that seed and epoch decide, whoever asks for them."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.interruption import StopAfter
from tests.sharding import write_shards
from tests.toys import bars

from glyphlab.data.batches import batch_bounds
from glyphlab.data.dataset import Dataset
from glyphlab.data.joining import concatenate
from glyphlab.data.sharded import ShardedDataset, open_shards
from glyphlab.data.splits import held_out_counts
from glyphlab.errors import Interrupted
from glyphlab.training import shard_feed
from glyphlab.training.feed import Batch
from glyphlab.training.fit import fit
from glyphlab.training.group import ALONE, Group
from glyphlab.training.preparation import make_feed
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import CHECKPOINT, WEIGHTS
from glyphlab.training.shard_feed import ShardFeed

CPU = torch.device("cpu")
RECIPE = Recipe(batch_size=32, epochs=2, precision="float32", device="cpu", seed=3)


class One(Group):
    """One of several processes, in what it is given."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size


def numbered(n: int, classes: int = 3) -> Dataset:
    """Images that hold their own number, in two pixels."""
    images = np.zeros((n, 28, 28, 1), np.uint8)
    numbers = np.arange(n)
    images[:, 0, 0, 0], images[:, 0, 1, 0] = numbers // 256, numbers % 256
    labels = np.random.default_rng(1).integers(0, classes, n)
    return Dataset(images, labels, [f"{i}.png" for i in numbers], "ABCDE"[:classes], "numbered")


@pytest.fixture
def sharded(tmp_path: Path) -> ShardedDataset:
    return open_shards(write_shards(numbered(1_000), tmp_path / "shards", 90))


@pytest.fixture
def three_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window of three shards."""
    monkeypatch.setattr(ShardFeed, "shards_at_once", 3)


def numbers(batches: list[Batch]) -> list[int]:
    """The images of some batches, in order."""
    pixels = torch.cat([batch.images for batch in batches]).mul(255).round().long()
    return (pixels[:, 0, 0, 0] * 256 + pixels[:, 0, 0, 1]).tolist()


def epoch(feed: ShardFeed, number: int, group: Group = ALONE, first: int = 0) -> list[Batch]:
    bounds = batch_bounds(feed.n_train, feed.recipe.batch_size)[first:]
    return list(feed.batches(number, bounds, group))


@pytest.mark.usefixtures("three_at_once")
def test_an_epoch_has_each_training_image_once_with_its_label(sharded: ShardedDataset) -> None:
    feed = ShardFeed(sharded, RECIPE, CPU)
    batches = epoch(feed, 0)
    seen = numbers(batches)
    held_out = numbers(list(feed.validation(ALONE)))
    assert len(feed.windows(0)) == 4
    assert Counter(seen + held_out) == Counter(range(1_000))
    assert (len(seen), len(held_out)) == (feed.n_train, feed.n_validation)
    labels = numbered(1_000).labels
    assert torch.cat([batch.labels for batch in batches]).tolist() == labels[seen].tolist()
    assert [batch.whole for batch in batches] == [len(batch.labels) for batch in batches]


@pytest.mark.usefixtures("three_at_once")
def test_the_order_is_a_function_of_seed_and_epoch(sharded: ShardedDataset) -> None:
    first = numbers(epoch(ShardFeed(sharded, RECIPE, CPU), 0))
    assert numbers(epoch(ShardFeed(sharded, RECIPE, CPU), 0)) == first
    assert numbers(epoch(ShardFeed(sharded, RECIPE, CPU), 1)) != first
    assert numbers(epoch(ShardFeed(sharded, RECIPE.replace(seed=4), CPU), 0)) != first


@pytest.mark.usefixtures("three_at_once")
@pytest.mark.parametrize("first", [1, 9, 10, 17, 27])
def test_the_rest_of_an_epoch_is_the_rest(sharded: ShardedDataset, first: int) -> None:
    feed = ShardFeed(sharded, RECIPE, CPU)
    whole = epoch(feed, 1)
    assert numbers(epoch(feed, 1, first=first)) == numbers(whole[first:])


@pytest.mark.usefixtures("three_at_once")
@pytest.mark.parametrize("size", [2, 3, 4, 7])
def test_several_processes_share_the_batches_of_one(sharded: ShardedDataset, size: int) -> None:
    feed = ShardFeed(sharded, RECIPE, CPU)
    parts = [epoch(ShardFeed(sharded, RECIPE, CPU), 0, One(rank, size)) for rank in range(size)]
    for whole, *own in zip(epoch(feed, 0), *parts, strict=True):
        assert numbers(own) == numbers([whole])
        assert [each.whole for each in own] == [whole.whole] * size
        ends = [each.first + len(each.labels) for each in own]
        assert [each.first for each in own] == [0, *ends[:-1]]
    held_out = [batch for rank in range(size) for batch in feed.validation(One(rank, size))]
    assert Counter(numbers(held_out)) == Counter(numbers(list(feed.validation(ALONE))))


def test_of_each_class_its_share_is_held_out_over_all_shards(sharded: ShardedDataset) -> None:
    feed = ShardFeed(sharded, RECIPE, CPU)
    wanted = held_out_counts(sharded.class_counts, RECIPE.validation)
    assert (sharded.class_counts - feed.train_counts).tolist() == wanted.tolist()
    labels = torch.cat([batch.labels for batch in feed.validation(ALONE)])
    assert torch.bincount(labels).tolist() == wanted.tolist()


def test_a_window_of_all_shards_mixes_as_a_permutation_of_all(sharded: ShardedDataset) -> None:
    feed = ShardFeed(sharded, RECIPE, CPU)
    assert len(feed.windows(0)) == 1
    seen = np.array(numbers(epoch(feed, 0)))
    # Neighbours of a permutation lie a third of the range apart.
    assert np.abs(np.diff(seen)).mean() == pytest.approx(1_000 / 3, rel=0.1)


def test_the_window_bounds_the_shards_in_memory(sharded: ShardedDataset) -> None:
    at_once = {window: _at_once(sharded, window) for window in (1, 100_000)}
    bytes_of_a_shard = 90 * 784
    assert at_once[1] == 2**19 // bytes_of_a_shard
    assert at_once[100_000] >= len(sharded.shards.index.shards)


def _at_once(sharded: ShardedDataset, window: int) -> int:
    return ShardFeed(sharded, RECIPE.replace(window=window), CPU).shards_at_once


def test_windows_follow_each_other_without_a_gap(sharded: ShardedDataset) -> None:
    feed = ShardFeed(sharded, RECIPE.replace(window=1), CPU)
    windows = feed.windows(5)
    assert (windows[0].start, windows[-1].end) == (0, feed.n_train)
    assert all(one.end == two.start for one, two in pairwise(windows))


def test_mean_and_spread_are_those_of_all_training_images(tmp_path: Path) -> None:
    dataset = bars(300)
    few = open_shards(write_shards(dataset, tmp_path / "few", 50))
    feed = ShardFeed(few, RECIPE.replace(validation=0), CPU)
    assert feed.mean.item() == pytest.approx(dataset.images.mean() / 255, rel=1e-6)
    assert feed.std.item() == pytest.approx(dataset.images.std() / 255, rel=1e-6)


@pytest.mark.usefixtures("three_at_once")
@pytest.mark.parametrize("steps", [1, 11, 40])
def test_a_training_goes_on_at_the_image_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    sharded = open_shards(write_shards(bars(900), tmp_path / "shards", 90))
    undisturbed = fit("mlp", sharded, RECIPE, out=tmp_path / "undisturbed").path
    with monkeypatch.context() as patch:
        StopAfter(patch, steps)
        with pytest.raises(Interrupted):
            fit("mlp", sharded, RECIPE, out=tmp_path / "stopped")
    assert (tmp_path / "stopped" / CHECKPOINT).exists()
    resumed = fit("mlp", sharded, RECIPE, out=tmp_path / "stopped", resume=True).path
    weights = [load_file(path / WEIGHTS) for path in (resumed, undisturbed)]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_a_run_on_shards_ends_as_complete_as_any_other(tmp_path: Path) -> None:
    dataset = bars(900)
    sharded = open_shards(write_shards(dataset, tmp_path / "shards", 90))
    run = fit("mlp", sharded, RECIPE.replace(epochs=8), out=tmp_path / "run")
    whole = fit("mlp", dataset, RECIPE.replace(epochs=8), out=tmp_path / "whole")
    info = run.info
    assert (info.n_train, info.n_validation) == (whole.info.n_train, whole.info.n_validation)
    assert info.fingerprint == sharded.fingerprint
    assert info.validation_accuracy == pytest.approx(run.history[-1]["validation_accuracy"])
    assert min(info.train_accuracy or 0, info.validation_accuracy or 0) > 0.95
    assert info.form == whole.info.form
    assert run.examples is not None
    assert set(run.examples.ids) <= set(dataset.ids)


@pytest.fixture
def parts(tmp_path: Path) -> list[ShardedDataset]:
    """Two Datasets that hold numbered images up to 550, and from there on."""
    whole, rows = numbered(1_000), (np.arange(550), np.arange(550, 1_000))
    pieces = (whole.subset(of, name) for of, name in zip(rows, ("first", "second"), strict=True))
    return [open_shards(write_shards(each, tmp_path / each.name, 90)) for each in pieces]


@pytest.mark.usefixtures("three_at_once")
def test_shards_of_several_datasets_are_trained_on_in_one_order(
    parts: list[ShardedDataset],
) -> None:
    feed = make_feed(concatenate(parts), RECIPE, CPU)
    assert isinstance(feed, ShardFeed)
    batches = epoch(feed, 0)
    seen, held_out = numbers(batches), list(feed.validation(ALONE))
    assert Counter(seen + numbers(held_out)) == Counter(range(1_000))
    assert torch.cat([b.labels for b in batches]).tolist() == numbered(1_000).labels[seen].tolist()
    order = [shard for window in feed.windows(0) for shard in window.shards]
    assert sorted(order) == list(range(12))
    assert order != list(range(12))
    wanted = held_out_counts(numbered(1_000).class_counts, RECIPE.validation)
    labels = torch.cat([batch.labels for batch in held_out])
    assert torch.bincount(labels).tolist() == wanted.tolist()
    assert {number < 550 for number in numbers(held_out)} == {True, False}


def test_a_run_on_several_sharded_datasets_names_its_images_by_them(
    parts: list[ShardedDataset], tmp_path: Path
) -> None:
    both = concatenate(parts)
    run = fit("logistic", both, RECIPE, out=tmp_path / "run")
    assert run.info.dataset == "first+second"
    assert run.info.fingerprint == both.fingerprint
    assert run.examples is not None
    assert {name.partition("/")[0] for name in run.examples.ids} == {"first", "second"}


def test_few_images_are_looked_at_where_there_are_many_shards(
    sharded: ShardedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_feed, "SHARDS_LOOKED_AT", 4)
    monkeypatch.setattr(shard_feed, "IMAGES_LOOKED_AT", 60)
    images, places = ShardFeed(sharded, RECIPE, CPU).trained_on()
    assert len(images) == len(places) <= 60
