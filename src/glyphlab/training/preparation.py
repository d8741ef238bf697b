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
from glyphlab.data.splits import split_indices
from glyphlab.errors import InputError
from glyphlab.memory import keep_freed_memory
from glyphlab.models import build
from glyphlab.models.normalisation import normalisation
from glyphlab.models.precision import autocast, choose_precision
from glyphlab.models.weights import lay_channels_last
from glyphlab.training.checkpoint import Position, load_checkpoint
from glyphlab.training.device import choose_device
from glyphlab.training.micro_batches import micro_batch
from glyphlab.training.operations import training_flops
from glyphlab.training.optimization import MovingAverage, class_weights, make_optimizer, set_dropout
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import CHECKPOINT, Run, write_history

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """What the loop works on; the position is kept apart."""

    run: Run
    recipe: Recipe
    device: torch.device
    dtype: torch.dtype
    module: nn.Module
    optimizer: torch.optim.Optimizer
    average: MovingAverage | None
    best: nn.Module | None
    augmentation: Augmentation
    store: ImageStore
    labels: Int64[Tensor, " n"]
    class_weights: Float[Tensor, " classes"]
    train_index: Int64[np.ndarray, " n_train"]
    validation_index: Int64[np.ndarray, " n_validation"]
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


def prepare(run: Run, dataset: Dataset, module: nn.Module | None) -> Training:
    """Build what the loop works on; the same for a new run and for one that goes on."""
    recipe, info = run.recipe, run.info
    _log.info(
        "Training %s, %s parameters, on %s in %s by %d threads (%s), for %s.",
        *(info.model, f"{info.parameters:,}", info.device, info.precision, info.threads),
        *(info.machine, run.path),
    )
    torch.set_num_threads(info.threads or torch.get_num_threads())
    keep_freed_memory()
    device = choose_device(info.device or "auto")
    dtype = choose_precision(info.precision or "auto", device)
    if module is None:
        module = initial_module(info.model, dataset, recipe, info.arguments)
    if recipe.dropout is not None:
        override_dropout(module, recipe.dropout, info.model)
    module = module.to(device)
    lay_channels_last(module)
    train_index, validation_index = hold_out(dataset, recipe)
    mean, std = normalisation(dataset.images, train_index)
    store = ImageStore(dataset.images, mean, std, device)
    batches = batch_bounds(len(train_index), recipe.batch_size)
    sample = store.normalise(store.gather(torch.from_numpy(train_index[:8]).to(device)))
    return Training(
        run=run,
        recipe=recipe,
        device=device,
        dtype=dtype,
        module=module,
        optimizer=make_optimizer(module, recipe),
        average=MovingAverage(module, recipe.average) if recipe.average else None,
        best=copy.deepcopy(module) if recipe.early_stopping else None,
        augmentation=_augmentation(recipe),
        store=store,
        labels=torch.from_numpy(np.array(dataset.labels)).to(device),
        class_weights=class_weights(
            dataset.labels[train_index], len(dataset.classes), recipe.balance
        ).to(device),
        train_index=train_index,
        validation_index=validation_index,
        batches=batches,
        micro_batch=micro_batch(module, sample, autocast(device, dtype)),
        steps_per_epoch=len(batches),
        steps=recipe.total_steps(len(batches)),
        flops_per_image=training_flops(module, sample),
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
    path = training.run.path / CHECKPOINT
    if not path.exists():
        return Position()
    position = load_checkpoint(path, training.states, training.optimizer)
    write_history(training.run.path, position.history)
    return position


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
