"""The Evaluation: what a model says on a Dataset, and the figures derived from that."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from glyphlab.data.ids import Ids
from glyphlab.errors import InputError
from glyphlab.evaluation import metrics
from glyphlab.evaluation.statistics import Interval, wilson_interval
from glyphlab.files import parse_json
from glyphlab.language import say
from glyphlab.language.numerals import from_to, share
from glyphlab.notebook import shaded, table_html
from glyphlab.tensor_files import write_tensors

FORMAT = "glyphlab.evaluation"
FORMAT_VERSION = "1"
_MATRIX_CLASSES = 40
"""Of more classes no matrix is shown in a notebook."""
_FACTS: dict[str, type] = {
    "model": str,
    "dataset": str,
    "dataset_fingerprint": str,
    "parameters": int,
    "seconds": float,
}
_OPTIONAL_FACTS: dict[str, type] = {"seed": int, "operations": int, "train_seconds": float}
"""Facts that an Evaluation may lack; a file then lacks them, too."""


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """A model's probabilities for each image of a Dataset; immutable; saved as one file.

    Parameters
    ----------
    probabilities : float32 [n, classes]
        From 0 to 1; the predicted class is the one with the highest, the first of equals.
    labels : int64 [n]
        True classes, as indices into `classes`.
    classes : sequence of str
        Class names, in the order of the labels.
    ids : sequence of n str, optional
        Where each image came from.
    model : str
        The model's name.
    dataset : str
        The Dataset's name.
    dataset_fingerprint : str
        `Dataset.fingerprint`; Evaluations with the same one are of the same images.
    seed : int or None
        The training's seed, if it is known.
    parameters : int
        How many numbers the model learned.
    seconds : float
        How long the prediction of all n images took.
    operations : int, optional
        Floating-point operations of the prediction of one image; products and convolutions count.
    train_seconds : float, optional
        How long the training took.

    Raises
    ------
    InputError
        If there is no image, lengths or types are wrong, a label names no class, a probability
        is not finite or outside 0 to 1, `seconds` is not above 0, or another cost is below 0.
    """

    probabilities: Float32[np.ndarray, "n classes"]
    labels: Int64[np.ndarray, " n"]
    classes: Sequence[str]
    ids: Sequence[str] | None
    model: str
    dataset: str
    dataset_fingerprint: str
    seed: int | None
    parameters: int
    seconds: float
    operations: int | None = None
    train_seconds: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        for problem in _problems(self):
            raise InputError(f"The evaluation of {self.model} on {self.dataset}: {problem}.")
        if self.ids is not None:
            object.__setattr__(self, "ids", Ids.from_strings(self.ids))
        for array in (self.probabilities, self.labels):
            array.flags.writeable = False

    def __repr__(self) -> str:
        return say(
            "notebook-evaluation",
            model=self.model,
            seed="–" if self.seed is None else str(self.seed),
            dataset=self.dataset,
            accuracy=share(self.accuracy),
            interval=from_to(self.accuracy_ci95),
            n=self.n,
        )

    def _repr_html_(self) -> str:
        if len(self.classes) > _MATRIX_CLASSES:
            return f"<p>{escape(repr(self))}</p>"
        columns = (say("notebook-true-said"), *self.classes, say("notebook-accuracy"))
        counts, wrong = self.confusion, self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        totals, most = counts.sum(axis=1), max(int(wrong.max()), 1)
        rows = [
            (
                name,
                *(
                    shaded(n, n / max(int(totals[i]), 1) if i == j else n / most, i == j)
                    for j, n in enumerate(counts[i].tolist())
                ),
                share(float(accuracy)),
            )
            for i, (name, accuracy) in enumerate(
                zip(self.classes, self.class_accuracy, strict=True)
            )
        ]
        return table_html(columns, rows, repr(self))

    @property
    def n(self) -> int:
        """How many images were evaluated."""
        return len(self.labels)

    @cached_property
    def predictions(self) -> Int64[np.ndarray, " n"]:
        """The predicted class of each image."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @cached_property
    def correct(self) -> Bool[np.ndarray, " n"]:
        """Whether each image was recognised."""
        return np.asarray(self.predictions == self.labels)

    @property
    def accuracy(self) -> float:
        """Share of images that were recognised."""
        return metrics.accuracy(self.correct)

    @cached_property
    def accuracy_ci95(self) -> Interval:
        """Wilson's 95 % interval of the accuracy: what other images of the kind would give."""
        return wilson_interval(int(self.correct.sum()), self.n)

    @cached_property
    def confusion(self) -> Int64[np.ndarray, "classes classes"]:
        """Counts by true class (row) and predicted class (column)."""
        return metrics.confusion_matrix(self.labels, self.predictions, len(self.classes))

    @property
    def class_accuracy(self) -> Float[np.ndarray, " classes"]:
        """Share of each class's images that were recognised; NaN for a class without images."""
        return metrics.class_accuracy(self.confusion)

    @property
    def images_per_second(self) -> float:
        """Speed of the prediction."""
        return self.n / self.seconds

    def confident_mistakes(self, k: int) -> Int64[np.ndarray, " at_most_k"]:
        """Indices of the `k` wrong predictions with the highest probability, highest first."""
        return metrics.confident_mistakes(self.probabilities, self.labels, k)

    def to_json(self) -> dict[str, Any]:
        """The figures under the stable keys of all JSON results."""
        return {
            "model": self.model,
            "dataset": self.dataset,
            "seed": self.seed,
            "n": self.n,
            "accuracy": self.accuracy,
            "accuracy_ci95": list(self.accuracy_ci95),
            "parameters": self.parameters,
            "seconds": self.seconds,
            "images_per_second": self.images_per_second,
            "operations": self.operations,
            "train_seconds": self.train_seconds,
        }

    def save(self, path: Path | str) -> None:
        """Write a `.safetensors` file, atomically.

        Raises
        ------
        InputError
            If the place can't be written to.
        """
        tensors: dict[str, np.ndarray[Any, Any]] = {
            "probabilities": np.ascontiguousarray(self.probabilities),
            "labels": np.ascontiguousarray(self.labels),
        }
        if self.ids is not None:
            ids = Ids.from_strings(self.ids)
            tensors |= {"id_bytes": ids.id_bytes, "id_offsets": ids.id_offsets}
        names = (*_FACTS, *(name for name in _OPTIONAL_FACTS if getattr(self, name) is not None))
        facts = {name: getattr(self, name) for name in names} | {"classes": self.classes}
        metadata = {"format": FORMAT, "format_version": FORMAT_VERSION, "facts": json.dumps(facts)}
        write_tensors(save(tensors, metadata), Path(path))

    @classmethod
    def load(cls, path: Path | str) -> "Evaluation":
        """Read what `save` wrote.

        Raises
        ------
        InputError
            If the file is missing, cut off, of another format, or holds what no Evaluation can.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                facts = _facts(file.metadata() or {})
                probabilities, labels = map(file.get_tensor, ("probabilities", "labels"))
                names = set(file.keys())
                ids = _ids(file.get_tensor) if "id_bytes" in names else None
            return cls(probabilities, labels, ids=ids, **facts)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{path} is no Evaluation that can be read ({error}); evaluate the run again."
            ) from error


def _facts(metadata: dict[str, str]) -> dict[str, Any]:
    if (metadata.get("format"), metadata.get("format_version")) != (FORMAT, FORMAT_VERSION):
        raise ValueError(f"its metadata doesn't say {FORMAT} version {FORMAT_VERSION}")
    facts = parse_json(metadata["facts"])
    kinds = _FACTS | {name: kind for name, kind in _OPTIONAL_FACTS.items() if name in facts}
    for name, kind in kinds.items():
        if type(facts[name]) is not kind:
            raise ValueError(f"{name} is {facts[name]!r}")
    if not all(isinstance(name, str) for name in facts["classes"]):
        raise ValueError("a class name is no text")
    return dict.fromkeys(_OPTIONAL_FACTS) | {name: facts[name] for name in (*kinds, "classes")}


def _ids(tensor: Callable[[str], np.ndarray[Any, Any]]) -> Ids:
    id_bytes, offsets = tensor("id_bytes"), tensor("id_offsets")
    types = (id_bytes.dtype, offsets.dtype)
    if types != (np.uint8, np.int64) or not id_bytes.ndim == offsets.ndim == 1:
        raise ValueError("the ids have a wrong type")
    ids = Ids(id_bytes, offsets)
    if not ids.are_in_order:
        raise ValueError("the ids' offsets don't fit")
    return ids


def _problems(evaluation: Evaluation) -> Iterator[str]:
    probabilities, labels, classes = (
        evaluation.probabilities,
        evaluation.labels,
        evaluation.classes,
    )
    if probabilities.dtype != np.float32 or probabilities.ndim != 2:
        yield (
            "probabilities must be float32 [n, classes], not "
            f"{probabilities.dtype} {list(probabilities.shape)}"
        )
    if labels.dtype != np.int64 or labels.ndim != 1:
        yield f"labels must be int64 [n], not {labels.dtype} {list(labels.shape)}"
    if not len(labels):
        yield "there is no image; evaluate at least one"
    ids = len(labels) if evaluation.ids is None else len(evaluation.ids)
    if not len(probabilities) == len(labels) == ids:
        yield (
            f"there are {len(probabilities):,} rows of probabilities, {len(labels):,} labels and "
            f"{ids:,} ids; give one of each for every image"
        )
    if probabilities.shape[1] != len(classes):
        yield f"it has {probabilities.shape[1]} probabilities an image for {len(classes)} classes"
    if not (labels.min() >= 0 and labels.max() < len(classes)):
        yield f"a label lies outside the {len(classes)} classes, which are numbered from 0"
    if not (probabilities.min() >= 0 and probabilities.max() <= 1 + 1e-5):
        yield "a probability is not finite or outside 0 to 1; the training may have diverged"
    yield from _cost_problems(evaluation)


def _cost_problems(evaluation: Evaluation) -> Iterator[str]:
    if not (evaluation.seconds > 0 and math.isfinite(evaluation.seconds)):
        yield f"its time is {evaluation.seconds} s; give how long the prediction took"
    for name in _OPTIONAL_FACTS:
        cost = getattr(evaluation, name)
        if cost is not None and not (cost >= 0 and math.isfinite(cost)):
            yield f"its {name} is {cost}; give a finite number, or none"
