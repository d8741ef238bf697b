"""Loss and right answers of an epoch, over all processes."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor

from glyphlab.errors import Diverged, ProcessLost
from glyphlab.training.checkpoint import Position
from glyphlab.training.preparation import Training


class EpochSums:
    """Loss and right answers of an epoch so far; each process adds up its own."""

    def __init__(self, training: Training, position: Position) -> None:
        self.training, is_first = training, training.group.is_first
        before = [position.loss_sum, float(position.correct)] if is_first else [0.0, 0.0]
        self.own = torch.tensor(before, device=training.device)
        self.seen = position.seen if is_first else 0

    @property
    def means(self) -> Float[Tensor, "2"]:
        """Mean loss, and share of right answers, of this process's images."""
        return self.own / self.seen

    def add(self, totals: Float[Tensor, "2"], images: int) -> None:
        """Add what a step came to."""
        self.own += totals
        self.seen += images

    def note(self, position: Position, rate: float) -> None:
        """Bring the sums of all processes into the position.

        Raises
        ------
        Diverged
            If the loss is not finite.
        """
        _note(self.training, position, self.training.group.sum(self.own.clone()), rate)

    @contextmanager
    def kept_if_lost(self, position: Position) -> Iterator[None]:
        """Where another process is lost, this one's means stand for all."""
        try:
            yield
        except ProcessLost:
            if self.seen:
                loss, correct = (self.means * position.seen).tolist()
                position.loss_sum, position.correct = loss, round(correct)
            raise


def _note(training: Training, position: Position, sums: Tensor, rate: float) -> None:
    position.loss_sum, correct = sums.tolist()
    position.correct = round(correct) if math.isfinite(correct) else 0
    if not math.isfinite(position.loss_sum):
        raise Diverged(
            f"The loss is not finite in epoch {position.epoch + 1}, at learning rate {rate:.3g}; "
            f"try a lower learning_rate than {training.recipe.learning_rate:g}, warmup=0.1 or "
            f"clip_norm=1 (what was saved before is in {training.run.path})."
        )
