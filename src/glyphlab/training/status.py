"""What a training tells the person who watches it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from glyphlab.interruption import StopRequest
from glyphlab.tracking.track import Tracking
from glyphlab.training.checkpoint import Position
from glyphlab.training.crowding import Cores
from glyphlab.training.operations import measured_peak
from glyphlab.training.preparation import Training

SECONDS_BETWEEN_REPORTS = 0.5


@dataclass(frozen=True)
class Status:
    """How a training is doing.

    Attributes
    ----------
    epoch, epochs, step, steps : int
        The epoch in hand and steps done, both from 1, and how many there will be.
    validation_accuracy : float or None
        Of the last epoch that ended.
    loss, train_accuracy : float
        Means over the epoch so far, of images as augmented.
    learning_rate : float
        Of the last step.
    images_per_second : float
        In this epoch, validation left out.
    peak_share : float
        Share of the floating-point rate that a large matrix product reaches on this machine.
    seconds_left : float
        Estimate from the pace so far.
    entry : dict or None
        The epoch's line of the history, when an epoch has just ended.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    train_accuracy: float
    learning_rate: float
    images_per_second: float
    peak_share: float
    seconds_left: float
    validation_accuracy: float | None = None
    entry: dict[str, float] | None = None


Report = Callable[[Status], None]


class Heard:
    """Tells a report, and keeps what it raises until all processes have stopped.

    One that left by itself would let the others wait for it.
    """

    def __init__(self, report: Report, stop: StopRequest) -> None:
        self.report, self.stop = report, stop
        self.error: Exception | None = None

    def __call__(self, status: Status) -> None:
        """Tell it, unless it has raised."""
        if self.error is not None:
            return
        try:
            self.report(status)
        except Exception as error:
            self.error = error
            self.stop.requested = True


class Watch:
    """Measures the pace of a training and tells it at most twice a second."""

    def __init__(
        self, training: Training, position: Position, report: Report | None, tracking: Tracking
    ) -> None:
        self.training, self.position = training, position
        self.report, self.tracking = report, tracking
        self.peak = measured_peak(training.device, training.dtype) if report else None
        self.cores = Cores() if report and training.device.type == "cpu" else None
        self.seconds_before, self.first_step = position.seconds, position.step
        self.started = self.told = time.perf_counter()
        self.start_epoch()

    def start_epoch(self) -> None:
        """Begin to measure the pace of an epoch."""
        self.epoch_started, self.seen_before = time.perf_counter(), self.position.seen
        self.pace = 0.0

    def note_step(self, means: Tensor, rate: float) -> None:
        """Measure the pace, and tell it with the epoch's mean loss and accuracy, now and then."""
        now = time.perf_counter()
        self.pace = (self.position.seen - self.seen_before) / (now - self.epoch_started)
        self.position.seconds = self.seconds_before + now - self.started
        if self.report and now - self.told > SECONDS_BETWEEN_REPORTS:
            self.told = now
            loss, accuracy = means.tolist()
            if self.cores:
                self.cores.look()
            self.report(self._status(loss, accuracy, rate))

    def note_epoch(self, entry: dict[str, float]) -> None:
        """Tell that an epoch has ended; the time that tools take is none of the training's."""
        now = time.perf_counter()
        self.position.seconds = entry["seconds"] = self.seconds_before + now - self.started
        self.tracking.note_epoch(entry)
        self.started += time.perf_counter() - now
        if self.report:
            self.report(
                self._status(entry["loss"], entry["train_accuracy"], entry["learning_rate"], entry)
            )

    @property
    def peak_share(self) -> float:
        """Share of the machine's measured peak that the training reaches; 0 if nobody asks."""
        if not self.peak:
            return 0.0
        flops = self.pace * self.training.flops_per_image
        return flops / (self.peak * self.training.group.size)

    def _status(
        self, loss: float, accuracy: float, rate: float, entry: dict[str, float] | None = None
    ) -> Status:
        step, steps = self.position.step, self.training.steps
        seconds_per_step = (time.perf_counter() - self.started) / (step - self.first_step)
        return Status(
            epoch=self.position.epoch + 1,
            epochs=-(-steps // self.training.steps_per_epoch),
            step=step,
            steps=steps,
            loss=loss,
            train_accuracy=accuracy,
            learning_rate=rate,
            images_per_second=self.pace,
            peak_share=self.peak_share,
            seconds_left=seconds_per_step * (steps - step),
            validation_accuracy=self._last_validation(entry),
            entry=entry,
        )

    def _last_validation(self, entry: dict[str, float] | None) -> float | None:
        entries = [*self.position.history[-1:], *([entry] if entry else [])]
        return entries[-1].get("validation_accuracy") if entries else None
