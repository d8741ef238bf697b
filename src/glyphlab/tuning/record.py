"""What is kept of a trial, as a line of JSON."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from glyphlab.errors import InputError
from glyphlab.files import parse_json, read_limited, write_text

State = Literal["complete", "pruned", "failed"]
MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class Trial:
    """A trial that has ended.

    Attributes
    ----------
    number : int
        From 0, in the order in which trials were begun.
    state : {"complete", "pruned", "failed"}
        Whether it was trained to its end, stopped since others were better at that point, or
        diverged.
    settings : mapping
        The keys that are searched, with their values.
    value : float or None
        What the search raises, see `glyphlab.tuning.objective`; None unless complete.
    validation_accuracy, validation_loss : float or None
        Of the weights that the training ended with; of a trial that was pruned when it was.
    values : mapping of int to float
        The same as `value` at each tenth of the training, as far as it went.
    epochs : int
        How many were trained.
    seconds : float
        Of training.
    reason : str or None
        What went wrong.
    """

    number: int
    state: State
    settings: Mapping[str, Any]
    value: float | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    values: Mapping[int, float] = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As `from_json` reads it."""
        return asdict(self) | {"values": {str(key): value for key, value in self.values.items()}}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> "Trial":
        """Read what `to_json` gave.

        Raises
        ------
        ValueError, TypeError, KeyError
            If it is something else.
        """
        values = {int(key): _finite(value) for key, value in saved["values"].items()}
        trial = cls(**{**saved, "values": values})
        figures = (trial.value, trial.validation_accuracy, trial.validation_loss)
        for figure in figures:
            if figure is not None:
                _finite(figure)
        if (
            type(trial.number) is not int
            or trial.number < 0
            or not isinstance(saved["settings"], dict)
        ):
            raise ValueError("a trial without number or settings")
        if trial.state not in get_args(State) or (trial.state == "complete") != (
            trial.value is not None
        ):
            raise ValueError(f"trial {trial.number} is neither complete, pruned nor failed")
        return trial


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The complete trial with the highest value, the first of equals; None if none is complete."""
    complete = [trial for trial in trials if trial.value is not None]
    return max(complete, key=lambda trial: (trial.value, -trial.number)) if complete else None


def write_trials(path: Path, trials: Sequence[Trial]) -> None:
    """Write a line for each trial, by number, atomically."""
    in_order = sorted(trials, key=lambda trial: trial.number)
    write_text(path, "".join(json.dumps(t.to_json(), allow_nan=False) + "\n" for t in in_order))


def read_trials(path: Path) -> list[Trial]:
    """Read what `write_trials` wrote; nothing if there is no such file.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    if not path.exists():
        return []
    try:
        lines = read_limited(path, "list of trials", MOST_BYTES).decode().splitlines()
        trials = [Trial.from_json(parse_json(line)) for line in lines]
        if len({trial.number for trial in trials}) != len(trials):
            raise ValueError("a trial stands twice")
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{path} is damaged ({error}); remove its last lines, or choose another --out."
        ) from error
    return trials


def _finite(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no finite number")
    return float(value)
