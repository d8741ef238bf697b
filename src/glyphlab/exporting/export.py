"""From a finished Run to a folder with a file for other programs and a model card."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from jaxtyping import Float32, UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.evaluation.evaluating import check_fits, evaluate
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.exporting.agreement import (
    EXAMPLES,
    Agreement,
    Predict,
    agreement,
    example_images,
)
from glyphlab.exporting.card import CARD, Card, card_markdown
from glyphlab.exporting.facts import facts_of
from glyphlab.exporting.int8 import Int8
from glyphlab.exporting.onnx_model import onnx_model
from glyphlab.exporting.onnx_runtime import OnnxPredictor
from glyphlab.exporting.python_file import python_file
from glyphlab.exporting.quantising import calibration_images, quantise
from glyphlab.exporting.state_file import read_state, write_state
from glyphlab.files import atomic_folder, refuse_taken, safe_name, write_bytes, write_text
from glyphlab.models.classifier import Classifier
from glyphlab.training.run import Run

if TYPE_CHECKING:
    from glyphlab.auditing.findings import Audit

Format = Literal["onnx", "safetensors", "python", "card"]


@dataclass(frozen=True)
class Export:
    """What was written, and how it was checked.

    Attributes
    ----------
    folder : Path
    format : {"onnx", "safetensors", "python", "card"}
    files : mapping of str to int
        Bytes of each file of the folder.
    agreement : Agreement or None
        With what glyphlab itself says; None where there is a card only.
    evaluation : Evaluation or None
        Of the model on the images to check with, in float32.
    int8 : Int8 or None
        The quantised model.
    """

    folder: Path
    format: Format
    files: dict[str, int]
    agreement: Agreement | None
    evaluation: Evaluation | None
    int8: Int8 | None

    def to_json(self) -> dict[str, Any]:
        """All of it under stable keys."""
        made, small, near = self.evaluation, self.int8, self.agreement
        return {
            "folder": str(self.folder),
            "format": self.format,
            "files": self.files,
            "agreement": near and {**vars(near), "within_tolerance": near.within_tolerance},
            "evaluation": made and made.to_json(),
            "int8": small and small.to_json(),
        }


@dataclass(frozen=True)
class _Work:
    """What every format needs to be written."""

    classifier: Classifier
    stem: str
    facts: dict[str, str]
    trained: str
    folder: Path

    def file(self, ending: str) -> Path:
        return self.folder / f"{self.stem}{ending}"


def export(
    run: Run | str | Path,
    format: Format = "onnx",  # noqa: A002  # it is the word of the command
    out: Path | str | None = None,
    *,
    check: Dataset | None = None,
    int8: bool = False,
    calibrate: Dataset | None = None,
    audit: "Audit | None" = None,
) -> Export:
    """Write a trained model for other programs, checked to say what it says here.

    Parameters
    ----------
    run : Run or path of its folder
    format : {"onnx", "safetensors", "python", "card"}
        An ONNX model with the normalisation inside; a plain state dict; one Python file that needs
        PyTorch and safetensors only, beside its weights; or no more than the model card that comes
        with each of them.
    out : path, optional
        A new folder; `export-FORMAT` in the run's where none is given.
    check : Dataset
        Test images, on all of which the file must say what glyphlab says, and on which the accuracy
        in the card is measured. Without them a few built-in examples are compared.
    int8 : bool
        Write the ONNX model in eight bits, too.
    calibrate : Dataset
        Training images by which the eight bits are set; those that the run keeps where none are
        given. Never test images.
    audit : Audit
        Of the training images, for the card.

    Returns
    -------
    Export

    Raises
    ------
    InputError
        If the run is not finished, `out` is taken or can't be written to, images don't fit, the
        format has no such model, or a package is missing.
    GlyphlabError
        If the file says otherwise than glyphlab.

    Notes
    -----
    The card is in the language of `glyphlab.speak`.
    """
    run = run if isinstance(run, Run) else Run(run)
    target = Path(out) if out is not None else run.path / f"export-{format}"
    _refuse(format, target, int8, calibrate)
    classifier = run.classifier
    images = example_images(classifier.image_shape)
    evaluation = None
    if check is not None:
        check_fits(classifier, check)
        evaluation, images = evaluate(run, check, precision="float32"), check.images
    examples = calibration_images(run, classifier, calibrate, check) if int8 else None
    ours = (
        evaluation.probabilities
        if evaluation is not None
        else classifier.probabilities(images, precision="float32")
    )
    name = EXAMPLES if check is None else check.name
    with atomic_folder(target) as folder:
        work = _Work(classifier, _stem(run), facts_of(run, classifier), _trained(run), folder)
        predict = _WRITERS[format](work)
        near = None if predict is None else agreement(predict, name, images, ours)
        small = None
        if examples is not None and predict is not None:
            small = quantise(
                work.file(".onnx"),
                work.facts,
                examples,
                images=images,
                ours=ours,
                evaluation=evaluation,
            )
        card = Card(run, classifier, format, _sizes(folder), near, evaluation, check, small, audit)
        write_text(folder / CARD, card_markdown(card, work.stem))
        files = _sizes(folder)
    return Export(target, format, files, near, evaluation, small)


def _refuse(format_: str, target: Path, int8: bool, calibrate: Dataset | None) -> None:
    if format_ not in get_args(Format):
        known = ", ".join(get_args(Format))
        raise InputError(f"There is no format {format_!r} to export to; use {known}.")
    if int8 and format_ != "onnx":
        raise InputError(f"int8 is for ONNX models, not for {format_}; leave it out.")
    if calibrate is not None and not int8:
        raise InputError("Images to calibrate by are for int8 only; ask for it, too.")
    if target.suffix in (".onnx", ".safetensors", ".py", ".md"):
        raise InputError(
            f"{target} looks like a file, and an export is a folder with a model card; give it "
            f"without {target.suffix}."
        )
    refuse_taken(target)


def _stem(run: Run) -> str:
    """The model's name as that of a file and of a Python module."""
    name = safe_name(run.info.model.rpartition(":")[2]).replace("-", "_").replace(".", "_")
    return name if name.isidentifier() else f"model_{name}".replace("+", "_")


def _trained(run: Run) -> str:
    info = run.info
    if info.imported:
        return "Its weights were imported; how they were trained is not known."
    return f"Trained on {info.n_train:,} images of {info.dataset}, seed {run.seed}."


def _onnx(work: _Work) -> Predict:
    model = onnx_model(work.classifier, work.facts)
    write_bytes(work.file(".onnx"), model)
    return OnnxPredictor(model)


def _safetensors(work: _Work) -> Predict:
    write_state(work.classifier, work.facts, work.file(".safetensors"))
    again = read_state(work.file(".safetensors"), work.classifier)
    return partial(again.probabilities, precision="float32")


def _python(work: _Work) -> Predict:
    text = python_file(work.classifier, work.stem, work.trained)
    write_state(work.classifier, work.facts, work.file(".safetensors"))
    write_text(work.file(".py"), text)
    names = run_path(str(work.file(".py")))
    network = names["load"]()

    def predict(
        images: UInt8[np.ndarray, "n height width channels"],
    ) -> Float32[np.ndarray, "n classes"]:
        return np.asarray(names["predict"](np.array(images), network).numpy())

    return predict


def _nothing(work: _Work) -> None:
    """A card needs no more."""


_WRITERS: dict[str, Callable[[_Work], Predict | None]] = {
    "onnx": _onnx,
    "safetensors": _safetensors,
    "python": _python,
    "card": _nothing,
}


def _sizes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
