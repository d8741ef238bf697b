"""The training loop."""

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.data.augment import augment
from glyphlab.data.batches import batch_bounds, epoch_order
from glyphlab.data.dataset import Dataset
from glyphlab.errors import Diverged, Interrupted
from glyphlab.tracking.track import check_tools, track
from glyphlab.training.checkpoint import Position, save_checkpoint
from glyphlab.training.finishing import finish_run, tracked
from glyphlab.training.interruption import StopRequest, stop_on_interrupt
from glyphlab.training.optimization import add_penalties, training_loss
from glyphlab.training.preparation import Training, prepare, restore
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import CHECKPOINT, Run, write_history
from glyphlab.training.schedule import rate_factor
from glyphlab.training.starting import start_run
from glyphlab.training.status import Report, Watch

SECONDS_BETWEEN_SAVES = 5.0
VALIDATION_BATCH = 256


def fit(
    model: str | nn.Module,
    dataset: Dataset,
    recipe: Recipe | None = None,
    *,
    arguments: dict[str, Any] | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    report: Report | None = None,
    log: str | Sequence[str] = (),
) -> Run:
    """Train a model on a Dataset by a Recipe.

    Parameters
    ----------
    model : str or nn.Module
        A name that `glyphlab models` lists, "timm:name", "package.module:factory", or a module
        that takes normalised images float [batch, channels, height, width] and gives logits
        [batch, classes]; a module is trained in place. Of one that `glyphlab.build` made by a name
        the run notes that name and its arguments, so that it can be read again without the module.
    dataset : Dataset
        Images to train on. A stratified share is held out to validate, see `Recipe.validation`.
    recipe : Recipe, optional
        The model's own default where none is given.
    arguments : dict, optional
        What a named model is built with, as hidden=[512, 256].
    out : path, optional
        Folder of the run; a new one under `runs/` where none is given.
    resume : bool
        Go on with the run in `out`, if there is one: it ends in the same weights as a training
        never stopped. A finished run is given back as it is.
    report : callable, optional
        Told a `Status` now and then and at the end of each epoch.
    log : str or sequence of str
        Tools that are told of the training as it goes: "tensorboard", "mlflow". One that fails is
        told no more; no tool changes or ends a training.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    InputError
        If model, Dataset, Recipe and folder don't fit together, or a tool is not installed.
    Diverged
        If the loss stops being finite.
    Interrupted
        On Ctrl-C, after the step in hand, when all is saved.
    """
    tools = check_tools(log)
    run = start_run(model, dataset, recipe, arguments=arguments, out=out, resume=resume)
    if run.info.finished:
        return run
    with torch.random.fork_rng(), stop_on_interrupt() as stop:
        training = prepare(run, dataset, model if isinstance(model, nn.Module) else None)
        position = restore(training)
        with track(tools, tracked(run), position.history) as tracking:
            try:
                _train(training, position, stop, Watch(training, position, report, tracking))
            finally:
                write_history(run.path, position.history)
            return finish_run(training, position, tracking)


def _train(training: Training, position: Position, stop: StopRequest, watch: Watch) -> None:
    """Take every step that is left, epoch by epoch."""
    per_epoch, saved = training.steps_per_epoch, -math.inf
    while position.step < training.steps and not _stops_early(training.recipe, position):
        position.epoch = position.step // per_epoch
        order = _order(training, position.epoch)
        totals = torch.tensor([position.loss_sum, position.correct], device=training.device)
        watch.start_epoch()
        training.module.train()
        for start, end in training.batches[position.step % per_epoch :]:
            rate = set_rate(training, position)
            totals += take_step(training, order[start:end], position.step)
            position.step, position.seen = position.step + 1, position.seen + end - start
            watch.note_step(totals, rate)
            if position.step in (training.steps, (position.epoch + 1) * per_epoch):
                break
            if _is_due(stop, saved):
                _note_totals(training, position, totals, rate)
                saved = _save(training, position, stop)
        _note_totals(training, position, totals, rate)
        _end_epoch(training, position, rate, watch)
        if _is_due(stop, saved):
            saved = _save(training, position, stop)


def take_step(
    training: Training, chosen: Int64[np.ndarray, " batch"], step: int
) -> Float[Tensor, "2"]:
    """Learn from one batch; augmentation and dropout are functions of seed and step alone.

    Returns
    -------
    float32 [2]
        The loss times the number of images, and how many of them were classified rightly.
    """
    recipe, store = training.recipe, training.store
    _seed_generators(training.device, _step_seed(recipe.seed, step))
    index = torch.from_numpy(chosen).to(training.device)
    images = augment(store.gather(index), training.augmentation, torch.default_generator)
    images, labels = store.normalise(images), training.labels[index]
    training.optimizer.zero_grad(set_to_none=True)
    totals = torch.zeros(2, device=training.device)
    for start, end in batch_bounds(len(chosen), training.micro_batch or len(chosen)):
        totals += _add_gradients(training, images[start:end], labels[start:end], len(chosen))
    add_penalties(training.module, recipe)
    if recipe.clip_norm:
        nn.utils.clip_grad_norm_(training.module.parameters(), recipe.clip_norm)
    training.optimizer.step()
    if training.average:
        training.average.update(training.module, step)
    return totals


def _add_gradients(
    training: Training,
    images: Float[Tensor, "micro_batch channels height width"],
    labels: Int64[Tensor, " micro_batch"],
    batch: int,
) -> Float[Tensor, "2"]:
    """Add the gradients of some images' share in the loss of a batch; tell `take_step`'s totals."""
    with training.autocast():
        logits = training.module(images).float()
    loss = training_loss(logits, labels, training.recipe, training.class_weights)
    torch.autograd.backward(loss * (len(labels) / batch))
    with torch.no_grad():
        return torch.stack([loss * len(labels), (logits.argmax(1) == labels).sum()])


def set_rate(training: Training, position: Position) -> float:
    """Set the learning rate of the coming step, and tell it."""
    factor = rate_factor(
        training.recipe, position.step, training.steps, training.steps_per_epoch, position.falls
    )
    rate = training.recipe.learning_rate * factor
    for group in training.optimizer.param_groups:
        group["lr"] = rate
    return rate


@torch.inference_mode()
def validate(training: Training) -> tuple[float, float]:
    """Loss and accuracy of the evaluated weights on the held-out images."""
    module, store, held_out = training.evaluated, training.store, training.validation_index
    loss = correct = 0.0
    module.eval()
    for start, end in batch_bounds(len(held_out), VALIDATION_BATCH):
        index = torch.from_numpy(held_out[start:end]).to(training.device)
        labels = training.labels[index]
        with training.autocast():
            logits = module(store.normalise(store.gather(index))).float()
        loss += functional.cross_entropy(logits, labels, reduction="sum").item()
        correct += (logits.argmax(1) == labels).sum().item()
    return loss / len(held_out), correct / len(held_out)


def _end_epoch(training: Training, position: Position, rate: float, watch: Watch) -> None:
    """Validate, add the epoch's line to the history, and clear the sums."""
    entry = {
        "epoch": position.epoch + 1,
        "loss": position.loss_sum / position.seen,
        "train_accuracy": position.correct / position.seen,
        "learning_rate": rate,
        "images_per_second": watch.pace,
        "peak_share": watch.peak_share,
    }
    if len(training.validation_index):
        entry["validation_loss"], entry["validation_accuracy"] = validate(training)
        _note_best(training, position, entry)
    watch.note_epoch(entry)
    position.history.append(entry)
    position.loss_sum, position.correct, position.seen = 0.0, 0, 0


def _note_best(training: Training, position: Position, entry: dict[str, float]) -> None:
    """Keep count for the plateau schedule and for early stopping."""
    recipe = training.recipe
    position.epochs_since_best_loss += 1
    if entry["validation_loss"] < position.best_loss:
        position.best_loss, position.epochs_since_best_loss = entry["validation_loss"], 0
    if recipe.schedule == "plateau" and position.epochs_since_best_loss >= recipe.patience:
        position.falls, position.epochs_since_best_loss = position.falls + 1, 0
    position.epochs_since_best_accuracy += 1
    if entry["validation_accuracy"] > position.best_accuracy:
        position.best_accuracy = entry["validation_accuracy"]
        position.epochs_since_best_accuracy = 0
        if training.best is not None:
            training.best.load_state_dict(training.evaluated.state_dict())


def _stops_early(recipe: Recipe, position: Position) -> bool:
    return 0 < recipe.early_stopping <= position.epochs_since_best_accuracy


def _order(training: Training, epoch: int) -> Int64[np.ndarray, " n_train"]:
    order = epoch_order(len(training.train_index), training.recipe.seed, epoch)
    return np.take(training.train_index, order)


def _seed_generators(device: torch.device, seed: int) -> None:
    """Seed what draws on the device; `torch.manual_seed` takes longer, for devices not there."""
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)


def _step_seed(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> 1)


def _is_due(stop: StopRequest, saved: float) -> bool:
    """Whether to save: after the first step, and then by time, as epochs may be short or long."""
    return stop.requested or time.perf_counter() - saved > SECONDS_BETWEEN_SAVES


def _save(training: Training, position: Position, stop: StopRequest) -> float:
    """Write checkpoint and history and tell when; if the user has asked to stop, stop here."""
    path = training.run.path
    write_history(path, position.history)
    save_checkpoint(path / CHECKPOINT, position, training.states, training.optimizer)
    if stop.requested and position.step < training.steps:
        raise Interrupted(
            f"Stopped after step {position.step:,} of {training.steps:,}, in epoch "
            f"{position.epoch + 1}; all is saved in {path}.",
            path,
        )
    return time.perf_counter()


def _note_totals(training: Training, position: Position, totals: Tensor, rate: float) -> None:
    """Bring the epoch's sums into the position; a loss that is not finite ends the training."""
    position.loss_sum, correct = totals.tolist()
    position.correct = round(correct) if math.isfinite(correct) else 0
    if not math.isfinite(position.loss_sum):
        raise Diverged(
            f"The loss is not finite in epoch {position.epoch + 1}, at learning rate {rate:.3g}; "
            f"try a lower learning_rate than {training.recipe.learning_rate:g}, warmup=0.1 or "
            f"clip_norm=1 (what was saved before is in {training.run.path})."
        )
