"""From a finished run to a folder that other programs can use."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.evaluation.evaluating import evaluate
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.exporting.agreement import NOISE, Agreement, agreement, noise_images
from glyphlab.exporting.facts import facts_of
from glyphlab.exporting.onnx_model import onnx_model
from glyphlab.exporting.onnx_runtime import OnnxPredictor
from glyphlab.files import atomic_folder, refuse_taken
from glyphlab.models.classifier import Classifier
from glyphlab.training.run import Run

Format = Literal["onnx"]
FORMATS: tuple[Format, ...] = get_args(Format)
ONNX_FILE = "model.onnx"


@dataclass(frozen=True)
class Export:
    """What was exported.

    Attributes
    ----------
    format : str
    folder : Path
    files : tuple of str
        Their names in the folder.
    model : str
    agreement : Agreement or None
        How near it is to glyphlab, if it computes.
    evaluation : Evaluation or None
        Of the run, on the images to check with.
    """

    format: Format
    folder: Path
    files: tuple[str, ...]
    model: str
    agreement: Agreement | None = None
    evaluation: Evaluation | None = None

    def to_json(self) -> dict[str, Any]:
        """All figures under stable keys."""
        figures: dict[str, Any] = {
            "model": self.model,
            "format": self.format,
            "folder": str(self.folder),
            "files": list(self.files),
            "agreement": None if self.agreement is None else asdict(self.agreement),
        }
        if self.evaluation is not None:
            figures |= {
                "dataset": self.evaluation.dataset,
                "n": self.evaluation.n,
                "accuracy": self.evaluation.accuracy,
                "accuracy_ci95": list(self.evaluation.accuracy_ci95),
            }
        return figures


def export(
    run: Run | str | Path,
    format: Format = "onnx",  # noqa: A002
    out: str | Path | None = None,
    *,
    check: Dataset | None = None,
) -> Export:
    """Write a trained model for other programs into a new folder.

    Parameters
    ----------
    run : Run or path of its folder
        Finished, or of imported weights.
    format : {"onnx"}
    out : path, optional
        Of the new folder; beside the run, with the format behind its name, where none is given.
    check : Dataset, optional
        Images with labels, to compare the exported model with glyphlab on. Noise is taken where
        there is none.

    Returns
    -------
    Export

    Raises
    ------
    InputError
        If the run is not finished, there is something at `out` already or it can't be written
        to, a package is missing, or the images to check with don't fit.
    Differs
        If a probability of the exported model differs by more than 1e-5; nothing is written.
    """
    run = run if isinstance(run, Run) else Run(run)
    if format not in FORMATS:
        raise InputError(f"There is no format {format!r}; use {', '.join(FORMATS)}.")
    folder = Path(out) if out is not None else default_folder(run.path, format)
    refuse_taken(folder)
    classifier = run.classifier
    evaluation = None if check is None else evaluate(run, check, "float32")
    asked = _Asked(run, classifier, check, evaluation)
    with atomic_folder(folder) as part:
        found = _WRITERS[format](asked, part)
        files = tuple(sorted(file.name for file in part.iterdir()))
    return Export(format, folder, files, classifier.model, found, evaluation)


def default_folder(run: Path, format: Format) -> Path:  # noqa: A002
    """Beside the run, with the format behind its name."""
    place = run.resolve()
    return run.parent / f"{place.name}-{format}" if run.name else Path(f"{place}-{format}")


@dataclass(frozen=True)
class _Asked:
    """What there is to write an export from."""

    run: Run
    classifier: Classifier
    check: Dataset | None
    evaluation: Evaluation | None


def _write_onnx(asked: _Asked, folder: Path) -> Agreement:
    model = onnx_model(asked.classifier, facts_of(asked.run.info, asked.classifier))
    (folder / ONNX_FILE).write_bytes(model)
    predict = OnnxPredictor(model)
    if asked.check is None or asked.evaluation is None:
        noise = noise_images(asked.classifier.image_shape)
        return agreement(NOISE, predict(noise), asked.classifier.probabilities(noise))
    theirs = predict(asked.check.images)
    return agreement(asked.check.name, theirs, asked.evaluation.probabilities)


_WRITERS: dict[Format, Callable[[_Asked, Path], Agreement | None]] = {"onnx": _write_onnx}
