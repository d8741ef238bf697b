"""What a search tells the person who watches it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Stage = Literal["search", "confirmation"]


@dataclass(frozen=True)
class TrialStatus:
    """How one training of a search is doing.

    Attributes
    ----------
    label : str
        "trial 3"; in the confirmation "tuned, seed 1" or "untuned, seed 1".
    state : {"running", "complete", "pruned", "failed"}
    settings : mapping
        The keys that are searched, with their values.
    earlier : bool
        Whether it had ended before this search went on.
    epoch, epochs, step, steps : int
        Those done and those there will be; 0 while nobody knows.
    accuracy : float or None
        On the images held out, after the last epoch.
    seconds, seconds_left : float
    reason : str or None
        What went wrong.
    """

    label: str
    state: Literal["running", "complete", "pruned", "failed"]
    settings: Mapping[str, Any]
    earlier: bool = False
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    accuracy: float | None = None
    seconds: float = 0.0
    seconds_left: float = 0.0
    reason: str | None = None


@dataclass(frozen=True)
class SearchStatus:
    """How a search is doing, with the training that something has just happened to.

    Attributes
    ----------
    stage : {"search", "confirmation"}
    trial : TrialStatus
    ended, trials : int
        Trainings of this stage that have ended, and how many there will be.
    best, best_accuracy : str and float, or None
        Label and accuracy of the best trial so far.
    seconds_left : float or None
        Of this stage, by the mean of trainings so far; None before the first has ended.
    """

    stage: Stage
    trial: TrialStatus
    ended: int
    trials: int
    best: str | None = None
    best_accuracy: float | None = None
    seconds_left: float | None = None


Report = Callable[[SearchStatus], None]


def tell_nobody(status: SearchStatus) -> None:
    """Take no note."""
