"""A trial of an experiment: one training, and what it is tested on."""

import base64
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from glyphlab.data.dataset import Dataset
from glyphlab.errors import Diverged, InputError
from glyphlab.evaluation.calibration import calibration
from glyphlab.files import parse_json, read_limited, write_json
from glyphlab.lab.evidence.material import Material, draw, mislabelled, permuted, shifted
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.training.run import Run
from glyphlab.training.status import Report
from glyphlab.version import __version__

_MOST_BYTES = 100_000_000
PLAIN: Mapping[str, float] = {
    "shift": 0.0,
    "rotation": 0.0,
    "scale": 0.0,
    "stretch": 0.0,
    "shear": 0.0,
    "elastic": 0.0,
    "weight": 0.0,
    "erase": 0.0,
}
"""Settings of a Recipe without augmentation."""
PLAIN_STEPS = {"logistic": 300, "mlp": 200, "conv2": 120, "conv-pool": 150, "lenet5": 200}
"""Steps of 64 images in which each model learns enough without augmentation to be compared."""


@dataclass(frozen=True)
class Trial:
    """One training.

    Attributes
    ----------
    label : str
        What is compared, in the words that a table has for it; trials of one label differ in their
        seed only.
    model : str
        A name of the registry, or "package.module:factory".
    steps, seed : int
    arguments, settings : mapping
        What the model is built with; keys of its default Recipe that are changed.
    recipe_of : str, optional
        The model whose default Recipe is used; its own where none is given.
    images : int, optional
        Training images, drawn by the seed; all where none is given.
    noise : float
        Share of the training images with a wrong label.
    permuted : bool
        Whether the pixels of all images are in another order.
    shifts : tuple of int
        By how many pixels the test images are moved, each in turn.
    """

    label: str
    model: str
    steps: int
    seed: int = 0
    arguments: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    recipe_of: str | None = None
    images: int | None = None
    noise: float = 0.0
    permuted: bool = False
    shifts: tuple[int, ...] = (0,)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> "Trial":
        """Read what `dataclasses.asdict` gave, after a way as JSON."""
        return cls(**{**saved, "shifts": tuple(saved["shifts"])})

    @property
    def recipe(self) -> Recipe:
        """The default Recipe with the settings of the trial, all images to train on."""
        name = self.recipe_of or self.model
        base = {"steps": self.steps, "batch_size": 64, "validation": 0.0, "seed": self.seed}
        return default_recipe(name).replace(**(base | dict(self.settings)))

    def train_images(self, material: Material) -> Dataset:
        """What it learns from."""
        dataset = material.train
        if self.images is not None:
            dataset = draw(dataset, self.images, self.seed)
        if self.noise:
            dataset = mislabelled(dataset, self.noise, self.seed)
        return permuted(dataset) if self.permuted else dataset


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a trial.

    Attributes
    ----------
    correct : mapping of int to bool [n]
        For each shift whether each test image is recognised.
    train_accuracy, loss : float
        On the training images with the labels they have; mean loss of the last epoch.
    calibration_error, confidence : float
        On the test images as they are: expected calibration error, highest probability.
    parameters : int
    train_seconds, seconds : float
        Of the training; of all of it.
    """

    correct: Mapping[int, Bool[np.ndarray, " n"]]
    train_accuracy: float
    loss: float
    calibration_error: float
    confidence: float
    parameters: int
    train_seconds: float
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As `from_json` reads it; bits are packed."""
        packed = {
            str(shift): base64.b64encode(np.packbits(correct).tobytes()).decode()
            for shift, correct in self.correct.items()
        }
        n = len(next(iter(self.correct.values())))
        return {key: getattr(self, key) for key in _FIGURES} | {"correct": packed, "n": n}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> "Outcome":
        """Read what `to_json` gave.

        Raises
        ------
        ValueError, TypeError, KeyError, AttributeError
            If it is something else.
        """
        correct = {
            int(shift): _unpacked(bits, saved["n"]) for shift, bits in saved["correct"].items()
        }
        figures = {key: saved[key] for key in _FIGURES}
        if not correct or not all(isinstance(figure, int | float) for figure in figures.values()):
            raise ValueError("a figure is missing")
        return cls(correct=correct, **figures)


_FIGURES = (
    "train_accuracy",
    "loss",
    "calibration_error",
    "confidence",
    "parameters",
    "train_seconds",
    "seconds",
)


def _unpacked(bits: str, n: int) -> Bool[np.ndarray, " n"]:
    """So many bits of a text in Base64."""
    packed = np.frombuffer(base64.b64decode(bits), np.uint8)
    if type(n) is not int or len(packed) != -(-n // 8):
        raise ValueError(f"it has not {n} bits")
    return np.unpackbits(packed, count=n).astype(bool)


def run_trial(
    trial: Trial, material: Material, folder: Path, report: Report | None = None
) -> Outcome:
    """Train and test, or read what an earlier time has found.

    Parameters
    ----------
    trial : Trial
    material : Material
    folder : Path
        Where outcomes are kept, and the training while it lasts: after Ctrl-C it goes on there.
    report : callable, optional
        As for `fit`.
    """
    file = outcome_file(trial, material, folder)
    if file.exists():
        return read_outcome(file)
    outcome = train_and_test(trial, material, unfinished(file), report)
    write_json(file, outcome_json(trial, outcome))
    shutil.rmtree(unfinished(file))
    return outcome


def train_and_test(
    trial: Trial, material: Material, folder: Path, report: Report | None = None
) -> Outcome:
    """Train in a folder, or go on with the training there, and test."""
    started = time.perf_counter()
    run = fit(
        trial.model,
        trial.train_images(material),
        trial.recipe,
        arguments=dict(trial.arguments),
        out=folder,
        resume=True,
        report=report,
    )
    return _test(trial, run, material, started)


def unfinished(file: Path) -> Path:
    """The folder of the training, while there is no outcome yet at its place."""
    return file.with_suffix(".training")


def outcome_json(trial: Trial, outcome: Outcome) -> dict[str, Any]:
    """What is written of an outcome."""
    return {"trial": asdict(trial), "outcome": outcome.to_json()}


def outcome_file(trial: Trial, material: Material, folder: Path) -> Path:
    """Where the outcome is kept; its name stands for all that decides it."""
    decided = {
        **asdict(trial),
        "label": None,
        "recipe": trial.recipe.to_toml(),
        "train": material.train.fingerprint,
        "test": material.test.fingerprint,
        "version": __version__,
    }
    digest = sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()
    return folder / f"{digest[:20]}.json"


def read_outcome(file: Path) -> Outcome:
    """Read what `outcome_json` gave, as it was written.

    Raises
    ------
    InputError
        If the file can't be read, or holds something else.
    """
    content = read_limited(file, "outcome", _MOST_BYTES)
    try:
        return Outcome.from_json(parse_json(content)["outcome"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{file} is no outcome that can be read ({error}); delete it and repeat the command."
        ) from error


def _test(trial: Trial, run: Run, material: Material, started: float) -> Outcome:
    test = permuted(material.test) if trial.permuted else material.test
    images, classifier = np.asarray(test.images), run.classifier
    probabilities = {s: classifier.probabilities(shifted(images, s)) for s in trial.shifts}
    plain = probabilities[trial.shifts[0]]
    if not np.isfinite(plain).all():
        raise Diverged(f"{trial.label} says nothing finite; lower its learning_rate.")
    return Outcome(
        correct={s: p.argmax(axis=1) == test.labels for s, p in probabilities.items()},
        train_accuracy=run.info.train_accuracy or 0.0,
        loss=run.history[-1]["loss"],
        calibration_error=calibration(plain, test.labels).error,
        confidence=float(plain.max()),
        parameters=run.info.parameters,
        train_seconds=run.info.seconds or 0.0,
        seconds=time.perf_counter() - started,
    )
