"""Ctrl-C at a chosen step."""

import signal

import pytest
import torch

from glyphlab.training import fit


class StopAfter:
    """Asks to stop, as Ctrl-C does, once a number of steps is done.

    Attributes
    ----------
    taken : list of int
        The steps that were taken, each by its number in its training.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
        self.left, self.taken = steps, list[int]()
        self.take_step = fit.take_step
        monkeypatch.setattr(fit, "take_step", self.step)

    def step(self, training: object, batch: object, step: int) -> torch.Tensor:
        """Take a step, and perhaps ask to stop."""
        self.left -= 1
        self.taken.append(step)
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)
        return self.take_step(training, batch, step)  # type: ignore[arg-type]
