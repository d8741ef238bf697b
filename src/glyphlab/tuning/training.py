"""One training of a search, as a task that any process can do."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from glyphlab.data.dataset import Dataset
from glyphlab.errors import Diverged
from glyphlab.evaluation.evaluating import evaluate
from glyphlab.places.place import Shared
from glyphlab.processes import is_first_process
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import CHECKPOINT, Run, RunInfo
from glyphlab.training.status import Status
from glyphlab.tuning.objective import PARTS, judged_entry, objective, values_by_tenth
from glyphlab.tuning.record import State

EVALUATION = "evaluation.safetensors"
SECONDS_BETWEEN_WORDS = 0.5


@dataclass(frozen=True)
class Job:
    """What is to be trained.

    Attributes
    ----------
    label : str
        What reports of it are told under.
    model, arguments, recipe
        As for `fit`.
    """

    label: str
    model: str
    arguments: Mapping[str, Any]
    recipe: Recipe


class Progress(NamedTuple):
    """How far a training is.

    Attributes
    ----------
    epoch, epochs, step, steps : int
    accuracy : float or None
        On the images held out, after the last epoch.
    seconds_left : float
    values : mapping of int to float
        The objective at each tenth.
    to_judge : bool
        Whether a tenth has just been added, before the end.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    accuracy: float | None
    seconds_left: float
    values: Mapping[int, float]
    to_judge: bool


Tell = Callable[[str, Progress], bool]
"""Called with a job's label and its progress; says whether to end it early."""


@dataclass(frozen=True)
class Outcome:
    """What came of a job, as the first of the processes that did it tells; see `Trial`.

    Attributes
    ----------
    label : str
        The job's.
    """

    label: str
    state: State
    value: float | None = None
    accuracy: float | None = None
    loss: float | None = None
    values: Mapping[int, float] = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    reason: str | None = None


def train(job: Job, dataset: Shared[Dataset], tell: Tell, *, folder: Path) -> Outcome:
    """Train, unless that was done before; a training that diverges or is ended early is told of.

    Raises
    ------
    Interrupted
        On Ctrl-C, when all is saved.
    """
    watch = _Watch(job, folder, tell)
    try:
        run = _fit(job, dataset.get(), folder, watch)
    except _EndedEarly:
        return _ended(job, watch, "pruned")
    except Diverged as error:
        # What follows is advice for a training of its own.
        return _ended(job, watch, "failed", str(error).partition(";")[0])
    return _finished(job, run) if is_first_process() else Outcome(job.label, "complete")


def train_and_test(
    job: Job, dataset: Shared[Dataset], test: Shared[Dataset], tell: Tell, *, folder: Path
) -> Outcome:
    """Train, and keep an Evaluation of other images in the Run.

    Raises
    ------
    Diverged
    Interrupted
        On Ctrl-C, when all is saved.
    """
    run = _fit(job, dataset.get(), folder, _Watch(job, folder, tell))
    if not is_first_process():
        return Outcome(job.label, "complete")
    if not (folder / EVALUATION).exists():
        evaluate(run, test.get()).save(folder / EVALUATION)
    return _finished(job, run)


class _EndedEarly(Exception):
    """Others were better at this point."""


class _Watch:
    """Tells how a training is doing, with all its epochs, those before a pause, too."""

    def __init__(self, job: Job, folder: Path, tell: Tell) -> None:
        self.job, self.folder, self.tell = job, folder, tell
        self.info: RunInfo | None = None
        self.history: list[dict[str, float]] = []
        self.values: dict[int, float] = {}
        self.told = 0.0

    def __call__(self, status: Status) -> None:
        if self.info is None:  # The files hold what a training that goes on goes on from.
            run = Run(self.folder)
            self.info, self.history = run.info, run.history
            self.values = _values(self.job, self.info, self.history)
        before = self.values
        if status.entry is not None:
            self.history.append(dict(status.entry))
            self.values = _values(self.job, self.info, self.history)
        last = max(self.values, default=0)
        to_judge = last not in before and 0 < last < PARTS
        if not to_judge and time.monotonic() - self.told < SECONDS_BETWEEN_WORDS:
            return
        self.told = time.monotonic()
        progress = Progress(
            epoch=status.epoch,
            epochs=status.epochs,
            step=status.step,
            steps=status.steps,
            accuracy=status.validation_accuracy,
            seconds_left=status.seconds_left,
            values=self.values,
            to_judge=to_judge,
        )
        if self.tell(self.job.label, progress):
            raise _EndedEarly


def _values(job: Job, info: RunInfo, history: Sequence[dict[str, float]]) -> dict[int, float]:
    return values_by_tenth(history, job.recipe, info.n_train or 0, info.n_validation or 0)


def _fit(job: Job, dataset: Dataset, folder: Path, watch: _Watch) -> Run:
    return fit(
        job.model,
        dataset,
        job.recipe,
        arguments=dict(job.arguments),
        out=folder,
        resume=True,
        report=watch,
    )


def _finished(job: Job, run: Run) -> Outcome:
    history, info = run.history, run.info
    loss = judged_entry(history, job.recipe)["validation_loss"]
    accuracy, epochs, seconds = info.validation_accuracy, len(history), info.seconds or 0.0
    if accuracy is None or not math.isfinite(loss):
        reason = "The loss of the images held out is not finite"
        return Outcome(job.label, "failed", epochs=epochs, seconds=seconds, reason=reason)
    return Outcome(
        job.label,
        "complete",
        value=objective(accuracy, loss, info.n_validation or 0),
        accuracy=accuracy,
        loss=loss,
        values=_values(job, info, history),
        epochs=epochs,
        seconds=seconds,
    )


def _ended(job: Job, watch: _Watch, state: State, reason: str | None = None) -> Outcome:
    """What is known of a training that did not come to its end; it is not gone on with."""
    (watch.folder / CHECKPOINT).unlink(missing_ok=True)
    last = watch.history[-1] if watch.history else {}
    pruned = state == "pruned"
    return Outcome(
        job.label,
        state,
        accuracy=last["validation_accuracy"] if pruned else None,
        loss=last["validation_loss"] if pruned else None,
        values=watch.values if pruned else {},
        epochs=len(watch.history),
        seconds=last.get("seconds", 0.0),
        reason=reason,
    )
