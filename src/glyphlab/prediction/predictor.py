"""From images to what a trained model says of them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8

from glyphlab.data.archives import Member
from glyphlab.data.dataset import Dataset
from glyphlab.data.decode import has_image_name
from glyphlab.data.form import ImageForm
from glyphlab.data.stores import fetch, file_name, is_remote, shown
from glyphlab.data.unlikeness import Images, Limits, Logits, Unlikeness
from glyphlab.errors import InputError
from glyphlab.models.classifier import Classifier
from glyphlab.models.precision import Precision
from glyphlab.prediction.predictions import Predictions, together
from glyphlab.prediction.reading import Chunk, ImageFiles, Wanted, image_file, read_chunks
from glyphlab.progress import Progress, no_progress
from glyphlab.training.run import EXAMPLE_LOGITS, Run

Source = str | Path | bytes | Member
"""A file, a folder or an archive; or the bytes of one image file, in a Member with its name."""


def predict(
    run: Run | str | Path,
    sources: Source | Sequence[Source],
    *,
    raw: bool = False,
    precision: Precision = "auto",
    progress: Progress = no_progress,
) -> Predictions:
    """Say what images show.

    An image of the size that the model was trained on is taken as it is. Any other, a photograph,
    a scan or a drawing, dark on light or light on dark, is brought to the form of the training
    images first, see `glyphlab.data.normalise`; of RGB models it is only scaled.

    Parameters
    ----------
    run : Run or path of its folder
    sources : str, Path, bytes or Member, or a sequence of these
        Files, folders and archives, searched for images; or the content of an image file, which
        goes by the name of its `glyphlab.data.archives.Member`, or, as bytes alone, by "image 1",
        "image 2", … for the first, second, … of the sources.
    raw : bool
        Only scale the images, as for a Dataset.
    precision : {"auto", "float32", "bfloat16"}
        As for `glyphlab.evaluate`.
    progress : callable
        Told how many images are done, and how many there are, unless a tar is among them.

    Returns
    -------
    Predictions
        In the order of the sources and, within each, of their members.

    Raises
    ------
    InputError
        If the run has no weights, a source is missing, or there is no image that can be read.
    """
    chunks = predict_chunks(run, sources, raw=raw, precision=precision, progress=progress)
    return together(list(chunks))


def predict_chunks(
    run: Run | str | Path,
    sources: Source | Sequence[Source],
    *,
    raw: bool = False,
    precision: Precision = "auto",
    progress: Progress = no_progress,
) -> Iterator[Predictions]:
    """As `predict`, some images at a time, so that memory does not grow with their number."""
    predictor = Predictor(run if isinstance(run, Run) else Run(run), raw=raw, precision=precision)
    read, done = 0, 0
    problems: list[str] = []
    files = ImageFiles(_named(sources))
    for chunk in read_chunks(files, predictor.wanted):
        read += len(chunk.names)
        done += len(chunk.names) + len(chunk.problems)
        problems += [f"{problem.path} ({problem.reason})" for problem in chunk.problems[:1]]
        yield _predictions(predictor, chunk)
        progress(done, files.total)
    if not read:
        reason = f"the first that was tried is {problems[0]}" if problems else "there is none"
        raise InputError(f"No image can be read: {reason}; give image files, folders or archives.")


class Judged(NamedTuple):
    """What a model says of images.

    Attributes
    ----------
    probabilities : float32 [n, classes]
    unlike : bool [n] or None
        See `Predictions`.
    """

    probabilities: Float32[np.ndarray, "n classes"]
    unlike: Bool[np.ndarray, " n"] | None


class Predictor:
    """A finished run, opened to be asked about images.

    Parameters
    ----------
    run : Run
    raw : bool
        Only scale images, do not bring them to the form of the training images.
    precision : {"auto", "float32", "bfloat16"}

    Attributes
    ----------
    classifier : Classifier
    wanted : Wanted
        What images are brought to.
    examples : Dataset or None
        See `Run.examples`.

    Raises
    ------
    InputError
        If the run has no weights, takes images that are not square, or knows one class only.
    """

    def __init__(self, run: Run, *, raw: bool = False, precision: Precision = "auto") -> None:
        self.run, self.classifier, self._precision = run, run.classifier, precision
        if len(self.classifier.classes) < 2:
            raise InputError(
                f"{run.path} knows one class only, {self.classifier.classes[0]!r}, and would name "
                "it for any image; give a run of two classes or more."
            )
        self.wanted = _wanted(run, self.classifier, raw)
        self.examples = run.examples
        self._unlike = _unlike(run, self.examples)

    def judge(self, images: UInt8[np.ndarray, "n size size channels"]) -> Judged:
        """Say what images show that are as the model wants them; threads may share it."""
        return self.judged(images, self.classifier.logits(images, precision=self._precision))

    def judged(
        self,
        images: UInt8[np.ndarray, "n size size channels"],
        logits: Float32[np.ndarray, "n classes"],
    ) -> Judged:
        """What these logits of images mean, however they were computed."""
        probabilities = np.asarray(torch.softmax(torch.from_numpy(logits), dim=1).numpy())
        return Judged(probabilities, None if self._unlike is None else self._unlike(images, logits))


def _unlike(
    run: Run, examples: Dataset | None
) -> Callable[[Images, Logits], Bool[np.ndarray, " n"]] | None:
    """What tells images that are unlike all that a run was trained on; None where nothing can."""
    if examples is None or run.info.unlike_above is None:
        return None
    limits, said = Limits.from_json(run.info.unlike_above), None
    if limits.by_logits is not None:
        said = run.example_logits
        if said is None:
            return None
        if said.shape != (len(examples), len(examples.classes)):
            raise InputError(
                f"{run.path} keeps logits {list(said.shape)} of {len(examples):,} examples of "
                f"{len(examples.classes)} classes, which don't belong together; delete "
                f"{EXAMPLE_LOGITS} there to do without, or train again."
            )
    unlikeness = Unlikeness(examples.images, said)
    return lambda images, logits: unlikeness.passes(images, limits, logits)


def _wanted(run: Run, classifier: Classifier, raw: bool) -> Wanted:
    height, width, channels = classifier.image_shape
    if height != width:
        raise InputError(
            f"{classifier.model} takes images of {height}×{width}, which are not square; "
            "use Classifier.probabilities on arrays of that shape."
        )
    form = ImageForm.from_json(run.info.form) if run.info.form and not raw else None
    # The colours of a photograph are not lifted off their ground; see `normalise`.
    return Wanted(height, "grey" if channels == 1 else "rgb", form if channels == 1 else None)


def _named(sources: Source | Sequence[Source]) -> list[Path | Member]:
    """What is given as bytes alone, by its place among the sources."""
    several = [sources] if isinstance(sources, str | Path | bytes | Member) else sources
    named: list[Path | Member] = []
    for number, source in enumerate(several, start=1):
        match source:
            case bytes():
                named.append(Member(f"image {number}", source))
            case Member():
                named.append(source)
            case str() if is_remote(source):
                named.append(_fetched(source))
            case _:
                named.append(Path(source))
    return named


def _fetched(address: str) -> Path | Member:
    """A file of a store: an image by its address, an archive where it was fetched to."""
    path = fetch(address)
    is_image = has_image_name(file_name(address))
    return image_file(path, shown(address)) if is_image else path


def _predictions(predictor: Predictor, chunk: Chunk) -> Predictions:
    judged = predictor.judge(chunk.images)
    return Predictions(
        model=predictor.run.info.model,
        classes=predictor.classifier.classes,
        names=chunk.names,
        images=chunk.images,
        probabilities=judged.probabilities,
        unlike=judged.unlike,
        problems=chunk.problems,
    )
