"""From model, Dataset and Recipe to everything that the loop works on, and back to a Run."""

import copy
import platform
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
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
from glyphlab.files import write_text
from glyphlab.models import MODELS, build, name_of
from glyphlab.models.classifier import Classifier, Head
from glyphlab.models.normalisation import normalisation
from glyphlab.models.weights import lay_channels_last
from glyphlab.training.checkpoint import Position
from glyphlab.training.device import (
    choose_device,
    choose_precision,
    describe_machine,
    training_flops,
)
from glyphlab.training.optimization import MovingAverage, class_weights, make_optimizer, set_dropout
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.training.run import (
    CHECKPOINT,
    RECIPE,
    WEIGHTS,
    Run,
    RunInfo,
    holds_run,
    write_info,
)
from glyphlab.version import __version__

TRAIN_ACCURACY_IMAGES = 20_000


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
        return torch.autocast(self.device.type, torch.bfloat16, self.dtype == torch.bfloat16)


def start_run(
    model: str | nn.Module,
    dataset: Dataset,
    recipe: Recipe | None,
    *,
    arguments: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    protocol: str = "corrected",
) -> Run:
    """Make the folder of a new run, or find the one to go on with.

    Raises
    ------
    InputError
        If the folder holds a run and `resume` is not asked for, or holds another one.
    """
    name = name_of(model)
    recipe = recipe or default_recipe(name)
    path = Path(out) if out else _free_folder(f"{name}-{dataset.name}-seed{recipe.seed}")
    if holds_run(path):
        run = Run(path, _own_module(model, dataset, arguments or {}))
        if not resume:
            raise InputError(
                f"{path} already holds a run; go on with it by --resume, or choose another --out."
            )
        _check_same(run, name, dataset, recipe, arguments or {})
        return run
    info = _describe(model, name, dataset, recipe, arguments or {})
    info = replace(info, protocol=protocol)
    write_text(path / RECIPE, recipe.to_toml())
    write_info(path, info)
    return Run(path)


def prepare(run: Run, dataset: Dataset, module: nn.Module | None) -> Training:
    """Build what the loop works on; the same for a new run and for one that goes on."""
    recipe, info = run.recipe, run.info
    torch.set_num_threads(info.threads)
    device = choose_device(info.device)
    dtype = choose_precision(info.precision, device)
    module = _initial(module or info.model, dataset, recipe, info.arguments)
    if recipe.dropout is not None:
        _override_dropout(module, recipe.dropout, info.model)
    module = module.to(device)
    lay_channels_last(module)
    train_index, validation_index = _split(dataset, recipe)
    mean, std = normalisation(dataset.images[train_index])
    store = ImageStore(dataset.images, mean, std, device)
    batches = batch_bounds(len(train_index), recipe.batch_size)
    sample = store.gather(torch.from_numpy(train_index[: min(8, len(train_index))]).to(device))
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
        steps_per_epoch=len(batches),
        steps=recipe.steps or recipe.epochs * len(batches),
        flops_per_image=training_flops(module, store.normalise(sample)),
        dataset=dataset,
    )


def finish_run(training: Training, position: Position, head: Head = "logits") -> Run:
    """Write weights and final figures; the checkpoint is not needed any more."""
    run, dataset = training.run, training.dataset
    module = training.best if training.best is not None else training.evaluated
    classifier = Classifier(
        module=module.eval(),
        model=run.info.model,
        arguments=dict(run.info.arguments),
        classes=tuple(dataset.classes),
        image_shape=dataset.image_shape,
        mean=tuple(training.store.mean.flatten().tolist()),
        std=tuple(training.store.std.flatten().tolist()),
        head=head,
    )
    classifier.save(run.path / WEIGHTS)
    drawn = np.random.default_rng(training.recipe.seed).permutation(training.train_index)
    validated = training.validation_index
    history = run.history
    write_info(
        run.path,
        replace(
            run.info,
            seconds=position.seconds,
            images_per_second=float(np.median([e["images_per_second"] for e in history])),
            train_accuracy=_accuracy(classifier, dataset, np.sort(drawn[:TRAIN_ACCURACY_IMAGES])),
            validation_accuracy=_accuracy(classifier, dataset, validated)
            if len(validated)
            else None,
        ),
    )
    (run.path / CHECKPOINT).unlink(missing_ok=True)
    return Run(run.path, module)


def _accuracy(classifier: Classifier, dataset: Dataset, index: Int64[np.ndarray, " k"]) -> float:
    predicted = classifier.logits(dataset.images[index]).argmax(1)
    return float((predicted == dataset.labels[index]).mean())


def _describe(
    model: str | nn.Module,
    name: str,
    dataset: Dataset,
    recipe: Recipe,
    arguments: Mapping[str, Any],
) -> RunInfo:
    """Everything about a run that is known before it starts; refuses what can't be trained."""
    if len(dataset.classes) < 2:
        raise InputError(f"{dataset.name} has one class only; give at least two to tell apart.")
    train_index, validation_index = _split(dataset, recipe)
    module = _initial(model, dataset, recipe, arguments)
    if recipe.dropout is not None:
        _override_dropout(copy.deepcopy(module), recipe.dropout, name)
    device = choose_device(recipe.device)
    dtype = choose_precision(recipe.precision, device)
    return RunInfo(
        model=name,
        arguments=dict(arguments),
        protocol="corrected",
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        n_train=len(train_index),
        n_validation=len(validation_index),
        parameters=sum(p.numel() for p in module.parameters() if p.requires_grad),
        threads=torch.get_num_threads(),
        precision=str(dtype).removeprefix("torch."),
        device=str(device),
        machine=describe_machine(device),
        versions={
            "glyphlab": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    )


def _own_module(
    model: str | nn.Module, dataset: Dataset, arguments: Mapping[str, Any]
) -> nn.Module | None:
    """The module of a model that is not in the registry, which no weights file may name."""
    if isinstance(model, str) and model in MODELS:
        return None
    return build(model, dataset.image_shape, len(dataset.classes), **arguments)


def _initial(
    model: str | nn.Module, dataset: Dataset, recipe: Recipe, arguments: Mapping[str, Any]
) -> nn.Module:
    """Build the model with the initial weights that the seed decides; check a built one."""
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        return build(model, dataset.image_shape, len(dataset.classes), **arguments)


def _split(
    dataset: Dataset, recipe: Recipe
) -> tuple[Int64[np.ndarray, " n_train"], Int64[np.ndarray, " n_validation"]]:
    if recipe.validation == 0:
        return np.arange(len(dataset)), np.empty(0, np.int64)
    return split_indices(dataset.labels, recipe.validation, recipe.seed)


def _augmentation(recipe: Recipe) -> Augmentation:
    fields = Augmentation.__dataclass_fields__
    return Augmentation(**{name: getattr(recipe, name) for name in fields})


def _override_dropout(module: nn.Module, rate: float, name: str) -> None:
    if not set_dropout(module, rate) and rate > 0:
        raise InputError(f"{name} has no dropout layer; leave dropout out of its Recipe.")


def _check_same(
    run: Run, name: str, dataset: Dataset, recipe: Recipe, arguments: Mapping[str, Any]
) -> None:
    """Refuse to go on with a run that is not the one asked for."""
    asked = {"model": name, "Dataset": dataset.fingerprint, "arguments": dict(arguments)}
    info = run.info
    held = {"model": info.model, "Dataset": info.fingerprint, "arguments": dict(info.arguments)}
    differs = [key for key in asked if asked[key] != held[key]]
    if recipe != run.recipe:
        differs.append("Recipe")
    if differs:
        raise InputError(
            f"The run in {run.path} has another {' and '.join(differs)}; "
            "repeat its own command to go on with it, or choose another --out."
        )


def _free_folder(name: str) -> Path:
    """Give the first of runs/NAME, runs/NAME-2, … that holds no run yet."""
    name = "".join(c if c.isalnum() or c in "-_.+" else "-" for c in name)
    first = Path("runs") / name
    candidates = (first if i == 1 else first.with_name(f"{name}-{i}") for i in range(1, 10_000))
    return next(path for path in candidates if not holds_run(path))
