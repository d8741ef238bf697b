"""What a lab report holds; whoever runs a lab fills it, the writers of pages only read it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.evaluation.activations import Activation
from glyphlab.evaluation.comparison import Comparison, rank
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.language import say
from glyphlab.report.evidence import Evidence

Protocol = Literal["corrected", "notebook"]
MISTAKES = 12
"""How many of the most confident mistakes of each model are shown."""
Epoch = Mapping[str, Any]
"""One epoch of a history: `epoch` (from 1), `loss`, `train_accuracy`, `validation_loss`,
`validation_accuracy`, `learning_rate`, `seconds`, `images_per_second`, `peak_share`. A value may
be None where it was not measured."""


@dataclass(frozen=True)
class DataDescription:
    """A Dataset in words and numbers.

    Attributes
    ----------
    name, source : str
        What it is called and where it was read from.
    n : int
        Images.
    classes : tuple of str
    counts : tuple of int
        Images of each class.
    """

    name: str
    n: int
    classes: tuple[str, ...]
    counts: tuple[int, ...] = ()
    source: str = ""

    @classmethod
    def of(cls, dataset: Dataset) -> "DataDescription":
        """Describe a Dataset."""
        counts = tuple(map(int, dataset.class_counts))
        return cls(dataset.name, len(dataset), tuple(dataset.classes), counts, dataset.source)


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """Some images to show what a Dataset looks like.

    Attributes
    ----------
    images : uint8 [k, height, width, channels]
    labels : int64 [k]
        Indices into the classes of the report.
    """

    images: UInt8[np.ndarray, "k height width channels"]
    labels: Int64[np.ndarray, " k"]

    @classmethod
    def of(cls, dataset: Dataset, per_class: int = 18) -> "Thumbnails":
        """Take up to `per_class` images of each class, evenly spread over the Dataset."""
        chosen = [
            places[np.linspace(0, len(places) - 1, min(per_class, len(places))).astype(np.int64)]
            for k in range(len(dataset.classes))
            if len(places := np.flatnonzero(dataset.labels == k))
        ]
        indices = np.concatenate(chosen) if chosen else np.empty(0, np.int64)
        return cls(np.asarray(dataset.images[indices]), np.asarray(dataset.labels[indices]))


@dataclass(frozen=True, eq=False)
class SeedResult:
    """One training and its test.

    Attributes
    ----------
    evaluation : Evaluation
        On the test set; knows the seed and the number of parameters.
    history : sequence of Epoch
        In the order of the epochs.
    train_accuracy, validation_accuracy : float or None
        Of the final weights; None where there were no such images.
    train_seconds : float
        How long the training took.
    train_images_per_second : float
        How many training images passed in a second.
    path : str
        The folder of the run, from the folder of the report.
    """

    evaluation: Evaluation
    history: Sequence[Epoch]
    train_accuracy: float | None
    validation_accuracy: float | None
    train_seconds: float
    train_images_per_second: float
    path: str = ""


@dataclass(frozen=True, eq=False)
class ModelResult:
    """A model under one protocol: one training for each seed.

    Attributes
    ----------
    model : str
        Its name.
    task : str
        The task of the lab that asks for it, as "Task 1".
    protocol : {"corrected", "notebook"}
    runs : tuple of SeedResult
        One for each seed, all on the same test set.
    description : str
        The model in a few words, as "two convolutions, no pooling".
    filters : float32 [filters, height, width, channels], optional
        Weights of the first layer of the first run.
    recipe : str
        How it was trained, as TOML.
    activations : tuple of Activation
        What its layers make of the chosen image of the report, first training.
    saliency : float32 [k, height, width], optional
        Of its k most confident mistakes, see `glyphlab.evaluation.saliency`.
    """

    model: str
    task: str
    protocol: Protocol
    runs: tuple[SeedResult, ...]
    description: str = ""
    filters: Float32[np.ndarray, "filters height width channels"] | None = None
    recipe: str = ""
    activations: tuple[Activation, ...] = ()
    saliency: Float32[np.ndarray, "k height width"] | None = None

    @property
    def name(self) -> str:
        """The model's name, with the protocol where it is not the corrected one."""
        if self.protocol == "notebook":
            return say("model-of-notebook", model=self.model)
        return self.model

    @property
    def parameters(self) -> int:
        """How many numbers the model learned."""
        return self.runs[0].evaluation.parameters

    @property
    def evaluation(self) -> Evaluation:
        """The first seed's, of which confusion and mistakes are shown."""
        return self.runs[0].evaluation


@dataclass(frozen=True)
class Answer:
    """A task of the lab and what the figures say to it.

    Attributes
    ----------
    task, title : str
        As "Task 2" and "Pooling in place of a convolution".
    question : str
        What the lab asks.
    sentences : tuple of str
        The answer; each sentence stands by itself.
    """

    task: str
    title: str
    question: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LabContent:
    """Everything in a lab report.

    Attributes
    ----------
    title : str
    training, test : DataDescription
    test_images : uint8 [n, height, width, channels]
        The test images, of which mistakes are shown.
    thumbnails : Thumbnails
        Some training images.
    results : tuple of ModelResult
        In the order in which they shall appear; at least one.
    answers : tuple of Answer
    command : str
        The command that makes this report again.
    versions : mapping of str to str
        Software by name.
    machine : str
        What computed it.
    seeds : tuple of int
    warnings : tuple of str
        What a reader must know before trusting the figures.
    evidence : tuple of Evidence
        Experiments, one for each claimed cause.
    loading : str
        Lines of Python that read the images as `train` and `test`, run in the report's folder.
    chosen : int, optional
        The test image whose way through the layers is shown.

    Raises
    ------
    InputError
        If there is no result, or results are not all of the same test set.
    """

    title: str
    training: DataDescription
    test: DataDescription
    test_images: UInt8[np.ndarray, "n height width channels"]
    thumbnails: Thumbnails
    results: tuple[ModelResult, ...]
    answers: tuple[Answer, ...]
    command: str
    versions: Mapping[str, str]
    machine: str
    seeds: tuple[int, ...]
    warnings: tuple[str, ...] = field(default=())
    evidence: tuple[Evidence, ...] = field(default=())
    loading: str = ""
    chosen: int | None = None

    @cached_property
    def comparison(self) -> Comparison:
        """All models of the report, paired image by image."""
        return comparison_of(self.results)

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise InputError(f"The report {self.title!r} can't be made: {problem}.")


def comparison_of(results: Sequence[ModelResult]) -> Comparison:
    """Compare what was tested on the same images."""
    return rank({result.name: [run.evaluation for run in result.runs] for result in results})


def _problems(content: LabContent) -> Iterator[str]:
    if not content.results:
        yield "there is no result; train at least one model"
    seen = set()
    for result in content.results:
        name = f"{result.model} ({result.protocol})"
        if not result.runs:
            yield f"{name} has no run; train it with at least one seed"
        if (result.model, result.protocol) in seen:
            yield f"{name} occurs twice; give each model once for each protocol"
        seen.add((result.model, result.protocol))
        for run in result.runs:
            if (
                run.evaluation.dataset_fingerprint
                != content.results[0].evaluation.dataset_fingerprint
            ):
                yield f"{name} was tested on other images than the first model; test all on one set"
            if run.evaluation.n != len(content.test_images):
                yield (
                    f"{name} was tested on {run.evaluation.n:,} images, but "
                    f"{len(content.test_images):,} are given; give the test set's images"
                )
