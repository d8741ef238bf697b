"""From model, Dataset and Recipe to everything that the loop works on."""

import copy
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from glyphlab.data.augment import Augmentation
from glyphlab.data.batches import ImageStore, batch_bounds
from glyphlab.data.dataset import Dataset
from glyphlab.data.sharded import ShardedDataset
from glyphlab.data.splits import split_indices
from glyphlab.errors import InputError
from glyphlab.files import read_limited
from glyphlab.memory import keep_freed_memory
from glyphlab.models import build
from glyphlab.models.normalisation import normalisation
from glyphlab.models.precision import autocast, choose_precision
from glyphlab.models.weights import lay_channels_last
from glyphlab.training.checkpoint import Position, load_checkpoint, most_bytes
from glyphlab.training.device import choose_device
from glyphlab.training.feed import Feed, MemoryFeed
from glyphlab.training.group import ALONE, Group, local_device
from glyphlab.training.micro_batches import micro_batch
from glyphlab.training.operations import training_flops
from glyphlab.training.optimization import MovingAverage, class_weights, make_optimizer, set_dropout
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import CHECKPOINT, Run, write_history
from glyphlab.training.shard_feed import ShardFeed, ShardSplit

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """What the loop works on; the position is kept apart.

    `network` is the module with what it takes to learn beside other processes, `group`; the two
    share their weights.
    """

    run: Run
    recipe: Recipe
    device: torch.device
    dtype: torch.dtype
    module: nn.Module
    network: nn.Module
    optimizer: torch.optim.Optimizer
    average: MovingAverage | None
    best: nn.Module | None
    augmentation: Augmentation
    feed: Feed
    group: Group
    class_weights: Float[Tensor, " classes"]
    batches: list[tuple[int, int]]
    micro_batch: int | None
    steps_per_epoch: int
    steps: int
    flops_per_image: float
    dataset: Dataset

    @property
    def evaluated(self) -> nn.Module:
        """The weights that are validated and kept: their moving average, where there is one."""
        return self.average.module if self.average else self.module

    @property
    def states(self) -> dict[str, nn.Module]:
        """Every module whose state a checkpoint holds."""
        states = {"module": self.module}
        if self.average:
            states["average"] = self.average.module
        if self.best is not None:
            states["best"] = self.best
        return states

    def autocast(self) -> AbstractContextManager[Any]:
        """Products and convolutions in the training's precision."""
        return autocast(self.device, self.dtype)


def prepare(run: Run, dataset: Dataset, module: nn.Module | None, group: Group = ALONE) -> Training:
    """Build what the loop works on; the same for a new run and for one that goes on."""
    recipe, info = run.recipe, run.info
    _log.info(
        "Training %s, %s parameters, on %s in %s by %d threads (%s), for %s.",
        *(info.model, f"{info.parameters:,}", info.device, info.precision, info.threads),
        *(info.machine, run.path),
    )
    if group.size == info.processes:
        torch.set_num_threads(info.threads or torch.get_num_threads())
    keep_freed_memory()
    device = choose_device(local_device(info.device or "auto"))
    dtype = choose_precision(info.precision or "auto", device)
    if module is None:
        module = initial_module(info.model, dataset, recipe, info.arguments)
    if recipe.dropout is not None:
        override_dropout(module, recipe.dropout, info.model)
    module = module.to(device)
    lay_channels_last(module)
    feed = make_feed(dataset, recipe, device)
    batches = batch_bounds(feed.n_train, recipe.batch_size)
    sample = feed.sample(8)
    # Measured before the network is wrapped, for what is measured is the model's.
    micro = micro_batch(module, sample, autocast(device, dtype))
    flops = training_flops(module, sample)
    return Training(
        run=run,
        recipe=recipe,
        device=device,
        dtype=dtype,
        module=module,
        network=group.wrap(module),
        optimizer=make_optimizer(module, recipe),
        average=MovingAverage(module, recipe.average) if recipe.average else None,
        best=copy.deepcopy(module) if recipe.early_stopping else None,
        augmentation=_augmentation(recipe),
        feed=feed,
        group=group,
        class_weights=class_weights(feed.train_counts, recipe.balance).to(device),
        batches=batches,
        micro_batch=micro,
        steps_per_epoch=len(batches),
        steps=recipe.total_steps(len(batches)),
        flops_per_image=flops,
        dataset=dataset,
    )


def initial_module(
    model: str | nn.Module, dataset: Dataset, recipe: Recipe, arguments: Mapping[str, Any]
) -> nn.Module:
    """Build the model with the initial weights that the seed decides; check a built one."""
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        return build(model, dataset.image_shape, len(dataset.classes), **arguments)


def restore(training: Training) -> Position:
    """Bring a training to where its checkpoint left it; without one it is at its start.

    Raises
    ------
    InputError
        If the checkpoint is damaged, or belongs to another model or optimizer.
    """
    path, group = training.run.path / CHECKPOINT, training.group
    if not group.any(group.is_first and path.exists()):
        return Position()
    most = most_bytes(training.states)
    content = group.from_first(lambda: read_limited(path, "checkpoint of this model", most))
    position = load_checkpoint(content, path, training.states, training.optimizer)
    if group.is_first:
        write_history(training.run.path, position.history)
    return position


def make_feed(dataset: Dataset, recipe: Recipe, device: torch.device) -> Feed:
    """Give a training its images: a window of many files, or all of one."""
    if isinstance(dataset, ShardedDataset):
        return ShardFeed(dataset, recipe, device)
    train_index, validation_index = hold_out(dataset, recipe)
    mean, std = normalisation(dataset.images, train_index)
    store = ImageStore(dataset.images, mean, std, device)
    return MemoryFeed(dataset, train_index, validation_index, store, recipe.seed)


def count_held_out(dataset: Dataset, recipe: Recipe) -> tuple[int, int]:
    """How many images there are to train and to validate on."""
    if isinstance(dataset, ShardedDataset):
        held_out = int(ShardSplit(dataset, recipe.validation, recipe.seed).held_out.sum())
        return len(dataset) - held_out, held_out
    train_index, validation_index = hold_out(dataset, recipe)
    return len(train_index), len(validation_index)


def hold_out(
    dataset: Dataset, recipe: Recipe
) -> tuple[Int64[np.ndarray, " n_train"], Int64[np.ndarray, " n_validation"]]:
    """Indices of the images to train on, and of those to validate on."""
    if recipe.validation == 0:
        return np.arange(len(dataset)), np.empty(0, np.int64)
    return split_indices(dataset.labels, recipe.validation, recipe.seed)


def _augmentation(recipe: Recipe) -> Augmentation:
    fields = Augmentation.__dataclass_fields__
    return Augmentation(**{name: getattr(recipe, name) for name in fields})


def override_dropout(module: nn.Module, rate: float, name: str) -> None:
    """Set the rate of a model's dropout layers, or say that it has none."""
    if not set_dropout(module, rate) and rate > 0:
        raise InputError(f"{name} has no dropout layer; leave dropout out of its Recipe.")
