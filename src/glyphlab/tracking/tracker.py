"""What every tool is told of a training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from jaxtyping import UInt8

Entry = Mapping[str, float]
"""One epoch: a line of the history."""

Status = Literal["finished", "stopped", "failed"]
"""How a training was left."""


@dataclass(frozen=True)
class Tracked:
    """A training that tools are told of.

    Attributes
    ----------
    name : str
        With model, Dataset and seed, as "lenet5-glyphs-seed0".
    path : Path
        Folder of the run, in which a tool may keep what it needs to go on.
    parameters : mapping
        The Recipe, key by key, and what else decided the training.
    """

    name: str
    path: Path
    parameters: Mapping[str, bool | int | float | str]


@dataclass(frozen=True, eq=False)
class Ending:
    """What came of a training.

    Attributes
    ----------
    figures : mapping of str to float
        Of the final weights.
    files : sequence of Path
        What the run keeps.
    mistakes : uint8 [n, height, width, channels]
        Some of the images held out that are taken for another class; n may be 0.
    """

    figures: Mapping[str, float]
    files: Sequence[Path]
    mistakes: UInt8[np.ndarray, "n height width channels"]


class Tracker(Protocol):
    """One tool that is told of one training.

    Parameters
    ----------
    training : Tracked
        Begun here, or gone on with where it was stopped.
    history : sequence of Entry
        The epochs that are done already, where it goes on.
    """

    def __init__(self, training: Tracked, history: Sequence[Entry]) -> None: ...

    def note_epoch(self, entry: Entry) -> None:
        """Take the figures of an epoch that has ended."""
        ...

    def finish(self, ending: Ending) -> None:
        """Take what came of the training."""
        ...

    def close(self, status: Status) -> None:
        """Leave the training."""
        ...
