"""The Run: one training as a folder of files that other parts read."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32
from pydantic import TypeAdapter, ValidationError
from torch import nn

from glyphlab.data.dataset import Dataset
from glyphlab.data.form import ImageForm
from glyphlab.data.unlikeness import Limits
from glyphlab.errors import InputError
from glyphlab.files import parse_json, read_limited, write_json, write_text
from glyphlab.language import say
from glyphlab.language.numerals import decimal, number, share
from glyphlab.models.classifier import Classifier
from glyphlab.notebook import curves_svg, table_html
from glyphlab.training.examples import open_examples, open_logits
from glyphlab.training.recipe import Recipe, load_recipe

INFO, RECIPE, HISTORY, CHECKPOINT, WEIGHTS, EXAMPLES, EXAMPLE_LOGITS = (
    "run.json",
    "recipe.toml",
    "history.jsonl",
    "checkpoint.safetensors",
    "weights.safetensors",
    "examples.safetensors",
    "example_logits.safetensors",
)
_MOST_BYTES = 10_000_000
_MOST_BYTES_OF_HISTORY = 100_000_000
IMPORTED = "imported"
"""The protocol of weights that were not trained here."""


@dataclass(frozen=True)
class RunInfo:
    """What `run.json` says: what was trained on what, and what came of it.

    Of weights that were imported, how they were trained is unknown: None.

    Attributes
    ----------
    model : str
        Name in the registry, "timm:name", "package.module:factory", or "module:Class".
    arguments : mapping
        What the model was built with.
    protocol : {"corrected", "notebook", "imported"}
        How it was trained; "imported" for weights from elsewhere.
    dataset, fingerprint : str
        Name and content hash of the Dataset.
    n_train, n_validation : int
        Images trained on and held out.
    parameters : int
        Trainable parameters.
    threads, precision, device, machine, versions
        What computed it; threads of each process.
    processes : int
        How many trained it together, when it began.
    seconds : float or None
        Of training, validation after each epoch included; None until finished.
    images_per_second : float or None
        Training images seen per second of training.
    train_accuracy, validation_accuracy : float or None
        Of the final weights, on images as they are; training accuracy on at most
        5,000 training images drawn by the seed.
    form : mapping or None
        How letters stand in the training images, see `glyphlab.data.form.ImageForm`.
    unlike_above : mapping or None
        Distances to the examples above which an image is unlike all that was trained on, see
        `glyphlab.data.unlikeness.Limits`; None where too few images were held out, and for runs
        of before examples were kept.
    """

    model: str
    arguments: Mapping[str, Any]
    protocol: str
    dataset: str | None
    fingerprint: str | None
    n_train: int | None
    n_validation: int | None
    parameters: int
    threads: int | None
    precision: str | None
    device: str | None
    machine: str | None
    versions: Mapping[str, str]
    seconds: float | None = None
    images_per_second: float | None = None
    train_accuracy: float | None = None
    validation_accuracy: float | None = None
    form: Mapping[str, Any] | None = None
    unlike_above: Mapping[str, float | None] | None = None
    processes: int = 1

    @property
    def finished(self) -> bool:
        """Whether the training went to its end, here or elsewhere."""
        return self.imported or self.seconds is not None

    @property
    def imported(self) -> bool:
        """Whether the weights come from elsewhere."""
        return self.protocol == IMPORTED


class Run:
    """A training in a folder: recipe, history, checkpoint, weights.

    Parameters
    ----------
    path : Path
        The folder.
    module : nn.Module, optional
        The network, for a model that no name can build again.

    Raises
    ------
    InputError
        If the folder holds no run, or a damaged one.
    """

    def __init__(self, path: str | Path, module: nn.Module | None = None) -> None:
        self.path = Path(path)
        self.info = _read_info(self.path)
        self._module = module
        self._recipe: Recipe | None = None

    @classmethod
    def elsewhere(cls, path: Path, info: "RunInfo", recipe: Recipe) -> "Run":
        """The run that another process writes, maybe in a folder of another machine."""
        run = cls.__new__(cls)
        run.path, run.info, run._module, run._recipe = path, info, None, recipe
        return run

    def __repr__(self) -> str:
        info = self.info
        path = repr(str(self.path))
        if info.imported:
            return say("notebook-run-imported", path=path, model=info.model)
        state = "finished" if info.finished else "unfinished"
        dataset = str(info.dataset)
        return say("notebook-run", path=path, model=info.model, dataset=dataset, state=state)

    def _repr_html_(self) -> str:
        info, history = self.info, self.history
        figures = {
            "parameters": number(info.parameters),
            "images": "–"
            if info.n_train is None or info.n_validation is None
            else say("notebook-learned", n=info.n_train, validated=number(info.n_validation)),
            "epochs": len(history),
            "seconds": "–" if info.seconds is None else decimal(info.seconds, 1),
            "train-accuracy": share(info.train_accuracy),
            "validation-accuracy": share(info.validation_accuracy),
        }
        rows = [(say(f"notebook-run-{name}"), figure) for name, figure in figures.items()]
        curves = [
            curves_svg(
                {say(f"figure-{part}"): _known(history, key) for part, key in keys.items()},
                say(f"figure-{what}"),
            )
            for what, keys in _CURVES.items()
        ]
        return table_html(("", ""), rows, repr(self), "".join(curves))

    @property
    def recipe(self) -> Recipe:
        """The Recipe that it was trained with.

        Raises
        ------
        InputError
            If its weights were imported, so that nobody knows it.
        """
        if self.info.imported:
            raise InputError(
                f"The weights of {self.path} were imported, so their Recipe is unknown; train the "
                "model to have one."
            )
        return self._recipe or load_recipe(self.path / RECIPE)

    @property
    def seed(self) -> int | None:
        """The training's seed; None for weights that were imported."""
        return None if self.info.imported else self.recipe.seed

    @property
    def history(self) -> list[dict[str, float]]:
        """One entry per epoch: loss, accuracies, learning rate, seconds, images per second.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        return _read_history(self.path / HISTORY)

    @property
    def classifier(self) -> Classifier:
        """The trained classifier.

        Raises
        ------
        InputError
            If the training has not ended, or its model can't be built again.
        """
        weights = self.path / WEIGHTS
        if not weights.exists():
            raise InputError(
                f"The run {self.path} has no weights yet; go on with its training by "
                f"glyphlab train --resume {self.path}."
            )
        return Classifier.load(weights, module=self._module)

    @property
    def examples(self) -> Dataset | None:
        """Some of the images that it was trained on, at most 2,000, as a memory-mapped Dataset.

        None until the training has ended, and for runs of before examples were kept.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        return open_examples(self.path / EXAMPLES)

    @property
    def example_logits(self) -> Float32[np.ndarray, "n classes"] | None:
        """What the model says of each of the `examples`.

        None where unlike images are not judged by it: see `RunInfo.unlike_above`.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        return open_logits(self.path / EXAMPLE_LOGITS)


_CURVES = {
    "loss": {"training": "loss", "validation": "validation_loss"},
    "accuracy": {"training": "train_accuracy", "validation": "validation_accuracy"},
}


def _known(history: list[dict[str, float]], key: str) -> list[float]:
    return [entry[key] for entry in history if entry.get(key) is not None]


def write_info(path: Path, info: RunInfo) -> None:
    """Write `run.json`."""
    write_json(path / INFO, {"format": "glyphlab.run", "format_version": 1} | asdict(info))


def write_history(path: Path, history: list[dict[str, float]]) -> None:
    """Write the history as JSON Lines; a reader sees whole epochs only."""
    write_text(path / HISTORY, "".join(json.dumps(entry) + "\n" for entry in history))


def _read_history(file: Path) -> list[dict[str, float]]:
    if not file.exists():
        return []
    lines = read_limited(file, "history", _MOST_BYTES_OF_HISTORY).splitlines()
    entries = [_epoch(line) for line in lines]
    if None in entries:
        raise InputError(
            f"{file} is damaged in line {entries.index(None) + 1}, which holds no figures of an "
            "epoch; bring the file back, or train again."
        )
    return [entry for entry in entries if entry is not None]


def _epoch(line: bytes) -> dict[str, float] | None:
    """The figures of a line; None if it holds anything else."""
    try:
        entry = parse_json(line)
    except ValueError:
        return None
    if isinstance(entry, dict) and all(isinstance(v, int | float) for v in entry.values()):
        return entry
    return None


def holds_run(path: Path) -> bool:
    """Whether there is a run in the folder."""
    return (path / INFO).exists()


def _read_info(path: Path) -> RunInfo:
    if not holds_run(path):
        raise InputError(f"There is no run in {path}; give the folder of a training.")
    try:
        values = parse_json(read_limited(path / INFO, "run", _MOST_BYTES))
        if values.pop("format") != "glyphlab.run":
            raise ValueError("it is of another format")
        values.pop("format_version")
        if isinstance(values.get("unlike_above"), float):
            values["unlike_above"] = None  # An energy: it was one before examples were kept.
        info = _checked(values)
        for kind, saved in ((ImageForm, info.form), (Limits, info.unlike_above)):
            if saved is not None:
                kind.from_json(saved)
        return info
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path / INFO} is damaged ({error}); train again.") from error


def _checked(values: dict[str, Any]) -> RunInfo:
    """The same as a RunInfo, each of whose values has its type.

    Raises
    ------
    ValueError, TypeError
        If one has not, is missing, or is unknown.
    """
    info = RunInfo(**values)
    try:
        TypeAdapter(RunInfo).validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg'].lower()}") from error
    return info
