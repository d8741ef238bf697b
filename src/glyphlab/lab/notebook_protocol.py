"""The notebook's own training procedure, faithfully, with the defects it has.

Batches of 1,000 images; on each, ten epochs of mini-batches of 32 over its first 95 %, by plain
SGD at rate 0.1; then the next batch. Sigmoid or softmax outputs are fed to a cross-entropy that
expects logits.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor
from torch.nn import functional

from glyphlab.data.batches import ImageStore, epoch_order
from glyphlab.data.dataset import Dataset
from glyphlab.data.sharded import ShardedDataset
from glyphlab.errors import InputError, Interrupted
from glyphlab.interruption import StopRequest, stop_on_interrupt
from glyphlab.models.classifier import Head, apply_head
from glyphlab.models.initialisation import glorot_uniform_
from glyphlab.tracking.track import check_tools, track
from glyphlab.training.checkpoint import Position, save_checkpoint
from glyphlab.training.feed import MemoryFeed
from glyphlab.training.finishing import finish_run, tracked
from glyphlab.training.preparation import Training, prepare, restore
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import CHECKPOINT, Run, write_history
from glyphlab.training.starting import start_run
from glyphlab.training.status import Report, Watch

HEADS: dict[str, Head] = {"conv2": "sigmoid", "conv-pool": "sigmoid", "lenet5": "softmax"}
"""The notebook's models, each with what it puts on its outputs before the logits loss."""

LOSS_FLOOR = 1.4612
"""Cross-entropy of the best outputs that a sigmoid can give ten classes: ln(e + 9) - 1."""

BATCH, EPOCHS, MINI_BATCH, TRAINED_SHARE, RATE = 1000, 10, 32, 0.95, 0.1


def fit_notebook(
    model: str,
    dataset: Dataset,
    seed: int = 0,
    *,
    out: str | Path | None = None,
    resume: bool = False,
    report: Report | None = None,
    log: str | Sequence[str] = (),
) -> Run:
    """Train one of the notebook's three models as the notebook does.

    The accuracies of the finished run are those that the notebook prints as "average error": means
    over the batches of the last epoch's running training accuracy, and of the accuracy on the
    other 5 % of the batch.

    Parameters
    ----------
    model : {"conv2", "conv-pool", "lenet5"}
    dataset : Dataset
    seed : int
    out, resume, report, log
        As in `glyphlab.fit`; a checkpoint is kept after each batch.

    Raises
    ------
    InputError
        If the notebook has no such model.
    Interrupted
        On Ctrl-C, after the batch in hand.
    """
    if model not in HEADS:
        raise InputError(f"The notebook has no {model}; its protocol takes {', '.join(HEADS)}.")
    if isinstance(dataset, ShardedDataset):
        raise InputError(
            f"{dataset.name} lies in shards, and the notebook's procedure takes one file only; "
            "add the images without --shard-size, or train by --protocol corrected."
        )
    minibatches = sum(len(part) for part in map(_minibatch_bounds, _batch_sizes(len(dataset))))
    recipe = Recipe(
        optimizer="sgd",
        learning_rate=RATE,
        momentum=0,
        schedule="constant",
        batch_size=MINI_BATCH,
        steps=EPOCHS * minibatches,
        validation=0,
        precision="float32",
        seed=seed,
    )
    tools = check_tools(log)
    with ExitStack() as held, torch.random.fork_rng(), stop_on_interrupt() as stop:
        run = start_run(model, dataset, recipe, held, out=out, resume=resume, protocol="notebook")
        if run.info.finished:
            return run
        training, position = _prepare(run, dataset)
        with track(tools, tracked(run), position.history) as tracking:
            _train(training, position, stop, Watch(training, position, report, tracking))
            printed = _printed_accuracies(position)
            return finish_run(training, position, tracking, HEADS[model], printed)


def _prepare(run: Run, dataset: Dataset) -> tuple[Training, Position]:
    training = prepare(run, dataset, None)
    torch.manual_seed(run.recipe.seed)
    glorot_uniform_(training.module)
    channels = dataset.image_shape[2]
    everything, nothing = np.arange(len(dataset)), np.empty(0, np.int64)
    store = ImageStore(dataset.images, (0.0,) * channels, (1.0,) * channels, training.device)
    training = replace(
        training,
        feed=MemoryFeed(dataset, everything, nothing, store, run.recipe.seed),
        steps_per_epoch=EPOCHS * len(_minibatch_bounds(BATCH)),
    )
    return training, restore(training)


def _train(training: Training, position: Position, stop: StopRequest, watch: Watch) -> None:
    """Train on every batch that is left."""
    path, seed = training.run.path, training.recipe.seed
    order = epoch_order(len(training.dataset), seed, 0)
    batches = np.split(order, np.cumsum(_batch_sizes(len(order)))[:-1])
    for number, batch in enumerate(batches):
        if number < len(position.history):
            continue
        position.epoch, position.seen = number, 0
        watch.start_epoch()
        loss, accuracy = _fit_batch(training, position, batch, watch)
        entry = {
            "epoch": number + 1,
            "loss": loss,
            "train_accuracy": accuracy,
            "learning_rate": RATE,
            "images_per_second": watch.pace,
            "peak_share": watch.peak_share,
        }
        entry["validation_loss"], entry["validation_accuracy"] = _validate(training, batch)
        watch.note_epoch(entry)
        position.history.append(entry)
        write_history(path, position.history)
        save_checkpoint(path / CHECKPOINT, position, training.states, training.optimizer)
        if stop.requested and number + 1 < len(batches):
            raise Interrupted(
                f"Stopped after batch {number + 1} of {len(batches)}; all is saved in {path}.",
                path,
            )


def _fit_batch(
    training: Training, position: Position, batch: Int64[np.ndarray, " batch"], watch: Watch
) -> tuple[float, float]:
    """Ten epochs on one batch; loss and running accuracy of the last."""
    trained = batch[: _trained(len(batch))]
    training.module.train()
    for _ in range(EPOCHS):
        totals = torch.zeros(2)
        shuffled = trained[epoch_order(len(trained), training.recipe.seed, position.step + 1)]
        seen_before = position.seen
        for start, end in _minibatch_bounds(len(batch)):
            totals += _take_step(training, shuffled[start:end])
            position.step, position.seen = position.step + 1, position.seen + end - start
            watch.note_step(totals / (position.seen - seen_before), RATE)
    loss, accuracy = (totals / len(trained)).tolist()
    return loss, accuracy


def _take_step(training: Training, chosen: Int64[np.ndarray, " minibatch"]) -> Tensor:
    loss, correct = _loss(training, chosen)
    training.optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    training.optimizer.step()
    return torch.stack([loss.detach() * len(chosen), correct])


def _loss(training: Training, chosen: Int64[np.ndarray, " k"]) -> tuple[Tensor, Tensor]:
    """The notebook's loss, and how many are right."""
    assert isinstance(training.feed, MemoryFeed)
    images, labels, _, _ = training.feed.batch(chosen, training.group)
    output = training.module(training.feed.normalise(images))
    output = apply_head(output, HEADS[training.run.info.model])
    return functional.cross_entropy(output, labels), (output.argmax(1) == labels).sum()


@torch.inference_mode()
def _validate(training: Training, batch: Int64[np.ndarray, " batch"]) -> tuple[float, float]:
    """Loss and accuracy on the end of a batch that was not trained on."""
    held_out = batch[_trained(len(batch)) :]
    if not len(held_out):
        return float("inf"), 0.0
    training.module.eval()
    loss, correct = _loss(training, held_out)
    return float(loss), float(correct) / len(held_out)


def _printed_accuracies(position: Position) -> tuple[float, float]:
    """The training and validation accuracy that the notebook prints."""
    train, validation = (
        fmean(entry[f"{part}_accuracy"] for entry in position.history)
        for part in ("train", "validation")
    )
    return train, validation


def _batch_sizes(n: int) -> list[int]:
    return [min(BATCH, n - start) for start in range(0, n, BATCH)]


def _trained(batch: int) -> int:
    return max(1, int(batch * TRAINED_SHARE))


def _minibatch_bounds(batch: int) -> list[tuple[int, int]]:
    trained = _trained(batch)
    return list(_bounds(trained))


def _bounds(n: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + MINI_BATCH, n)) for start in range(0, n, MINI_BATCH))
