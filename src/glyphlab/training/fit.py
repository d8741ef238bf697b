"""The training loop."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.data.augment import Part, augment
from glyphlab.data.batches import batch_bounds
from glyphlab.data.dataset import Dataset
from glyphlab.errors import Interrupted, ProcessLost
from glyphlab.interruption import StopRequest, stop_on_interrupt
from glyphlab.tracking.track import check_tools, track
from glyphlab.training.checkpoint import Position, save_checkpoint
from glyphlab.training.feed import Batch
from glyphlab.training.finishing import finish_run, tracked
from glyphlab.training.group import joined_group
from glyphlab.training.optimization import add_penalties, training_loss
from glyphlab.training.preparation import Training, prepare, restore
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import CHECKPOINT, Run, write_history
from glyphlab.training.schedule import rate_factor
from glyphlab.training.starting import shared_run, start_run
from glyphlab.training.status import Heard, Report, Watch
from glyphlab.training.sums import EpochSums

SECONDS_BETWEEN_SAVES = 5.0
STEPS_BETWEEN_TALKS = 8


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
        Told a `Status` now and then and at the end of each epoch. What it raises ends the training;
        where several processes train, once they all have saved and stopped.
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
    ProcessLost
        If one of several processes that train together ends; what was trained is saved.

    Notes
    -----
    Where `torchrun`, or anything else that sets PyTorch's variables RANK and WORLD_SIZE, has
    started several processes, they train one model together: each takes its part of every batch
    (Li et al. 2020, "PyTorch Distributed"), and the first writes.
    """
    tools = check_tools(log)
    asked: dict[str, Any] = {"arguments": arguments, "out": out, "resume": resume}
    with ExitStack() as held, joined_group() as group:
        run = shared_run(
            group, lambda: start_run(model, dataset, recipe, held, group=group, **asked)
        )
        if run.info.finished:
            return run
        with torch.random.fork_rng(), stop_on_interrupt() as stop:
            module = model if isinstance(model, nn.Module) else None
            # Prepared within the call, so that it is gone before the group of processes is: PyTorch
            # may abort where a network that exchanges gradients outlives that.
            return _fit(lambda: prepare(run, dataset, module, group), stop, report, tools)


def _fit(
    prepared: Callable[[], Training],
    stop: StopRequest,
    report: Report | None,
    tools: Sequence[str],
) -> Run:
    """Go on from where the training is to its end; the first process writes and speaks."""
    training = prepared()
    run, position, is_first = training.run, restore(training), training.group.is_first
    with track(tools if is_first else (), tracked(run), position.history) as tracking:
        heard = Heard(report, stop) if report and training.group.size > 1 else report
        watch = Watch(training, position, heard if is_first else None, tracking)
        try:
            _train(training, position, stop, watch)
        except ProcessLost as lost:
            raise _saved_after(lost, training, position) from lost
        except Interrupted:
            if isinstance(heard, Heard) and heard.error:
                raise heard.error from None
            raise
        finally:
            if is_first:
                write_history(run.path, position.history)
        return shared_run(training.group, lambda: finish_run(training, position, tracking))


def _train(training: Training, position: Position, stop: StopRequest, watch: Watch) -> None:
    """Take every step that is left, epoch by epoch."""
    per_epoch, saved = training.steps_per_epoch, -math.inf
    while position.step < training.steps and not _stops_early(training.recipe, position):
        position.epoch = position.step // per_epoch
        last = min(training.steps, (position.epoch + 1) * per_epoch)
        bounds = training.batches[position.step % per_epoch :][: last - position.step]
        sums = EpochSums(training, position)
        watch.start_epoch()
        training.network.train()
        for batch in training.feed.batches(position.epoch, bounds, training.group):
            rate = set_rate(training, position)
            with sums.kept_if_lost(position):
                sums.add(take_step(training, batch, position.step), len(batch.labels))
            position.step, position.seen = position.step + 1, position.seen + batch.whole
            watch.note_step(sums.means, rate)
            if position.step < last and _is_due(training, stop, saved, position.step):
                sums.note(position, rate)
                saved = _save(training, position, stop)
        sums.note(position, rate)
        _end_epoch(training, position, rate, watch)
        if _is_due(training, stop, saved):
            saved = _save(training, position, stop)


def take_step(training: Training, batch: Batch, step: int) -> Float[Tensor, "2"]:
    """Learn from one batch; augmentation and dropout are functions of seed and step alone.

    Where several processes share the batch, each augments its images as one process would.

    Returns
    -------
    float32 [2]
        The loss times the number of images, and how many of them were classified rightly, of those
        that are this process's.
    """
    recipe, feed, group = training.recipe, training.feed, training.group
    _seed_generators(training.device, _step_seed(recipe.seed, step))
    part = Part(batch.first, batch.whole)
    images = augment(batch.images, training.augmentation, torch.default_generator, part)
    images, labels = feed.normalise(images), batch.labels
    if group.size > 1:
        _seed_generators(training.device, _step_seed(recipe.seed, step, group.rank))
    training.optimizer.zero_grad(set_to_none=True)
    totals = torch.zeros(2, device=training.device)
    *parts, (start, end) = batch_bounds(len(labels), training.micro_batch or len(labels))
    for first, last in parts:
        with group.without_exchange(training.network):
            totals += _add_gradients(training, images[first:last], labels[first:last], batch.whole)
    with group.found_lost():
        totals += _add_gradients(training, images[start:end], labels[start:end], batch.whole)
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
        logits = training.network(images).float()
    loss = training_loss(logits, labels, training.recipe, training.class_weights)
    # Of several processes' gradients the mean is taken, and their sum is wanted.
    torch.autograd.backward(loss * (len(labels) * training.group.size / batch))
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
    module, feed, group = training.evaluated, training.feed, training.group
    group.average(module.buffers())
    loss = correct = 0.0
    module.eval()
    for batch in feed.validation(group):
        with training.autocast():
            logits = module(feed.normalise(batch.images)).float()
        loss += functional.cross_entropy(logits, batch.labels, reduction="sum").item()
        correct += (logits.argmax(1) == batch.labels).sum().item()
    sums = group.sum(torch.tensor([loss, correct], dtype=torch.float64, device=group.device))
    loss, correct = sums.tolist()
    return loss / feed.n_validation, correct / feed.n_validation


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
    if training.feed.n_validation:
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


def _seed_generators(device: torch.device, seed: int) -> None:
    """Seed what draws on the device; `torch.manual_seed` takes longer, for devices not there."""
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)


def _step_seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


def _is_due(training: Training, stop: StopRequest, saved: float, step: int = 0) -> bool:
    """Whether to save: after the first step, and then by time, as epochs may be short or long.

    Several processes agree on it, every few steps.
    """
    if training.group.size > 1 and step % STEPS_BETWEEN_TALKS:
        return False
    due = stop.requested or time.perf_counter() - saved > SECONDS_BETWEEN_SAVES
    return training.group.any(due)


def _save(training: Training, position: Position, stop: StopRequest) -> float:
    """Write checkpoint and history and tell when; if the user has asked to stop, stop here."""
    path = training.run.path
    _write(training, position)
    if training.group.any(stop.requested) and position.step < training.steps:
        raise Interrupted(
            f"Stopped after step {position.step:,} of {training.steps:,}, in epoch "
            f"{position.epoch + 1}; all is saved in {path}.",
            path,
        )
    return time.perf_counter()


def _write(training: Training, position: Position) -> None:
    """Write checkpoint and history, if this is the process that writes."""
    if training.group.is_first:
        path = training.run.path
        write_history(path, position.history)
        save_checkpoint(path / CHECKPOINT, position, training.states, training.optimizer)


def _saved_after(lost: ProcessLost, training: Training, position: Position) -> ProcessLost:
    """Save where the training was when another process was lost, and say so."""
    _write(training, position)
    return ProcessLost(
        f"{lost} All is saved after step {position.step:,} of {training.steps:,} in "
        f"{training.run.path}; go on with it by --resume, with any number of processes."
    )
