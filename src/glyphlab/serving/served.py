"""The models that are served: opened, watched, and exchanged when their runs change."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.decode import Undecodable, decode_all
from glyphlab.errors import InputError
from glyphlab.language import say
from glyphlab.memory import keep_from_collector
from glyphlab.models import is_known
from glyphlab.prediction.predictor import Predictor
from glyphlab.prediction.reading import Wanted
from glyphlab.serving.batching import Batcher
from glyphlab.serving.engine import Engine, keep_elsewhere, kept_engine
from glyphlab.serving.explaining import Explainer
from glyphlab.serving.metrics import Metrics
from glyphlab.serving.refusal import Refusal
from glyphlab.training.run import INFO, WEIGHTS, Run

BATCH = 128
DECIMALS = 6
"""Of the probabilities in an answer."""
SLOW, FAST = "PyTorch", "ONNX Runtime"
"""What computes."""
_log = logging.getLogger(__name__)

Image = bytes | UInt8[np.ndarray, "size size channels"]
"""A PNG of a model's own size and mode, as it was sent; or any image, as the model wants it."""
Said = dict[str, Any] | Undecodable
Stamp = tuple[tuple[int, int, int], ...]
Opener = Callable[[Path], Run]
"""What opens the folder of a run; it may know networks that no name can build."""


class Computing(NamedTuple):
    """Where models compute.

    Attributes
    ----------
    executor : Executor
    side_by_side : int
        Batches that one model computes at a time.
    """

    executor: Executor
    side_by_side: int


class ServedModel:
    """One run as it was when it was opened.

    Parameters
    ----------
    name : str
        What requests call it.
    path : Path
        Folder of the run.
    computing : Computing
    metrics : Metrics
    open_run : callable

    Attributes
    ----------
    quickened : bool
        Whether all has been done for quick answers.
    computed_by : str
        PyTorch, or ONNX Runtime.
    batcher : Batcher
        Answers for images as `wanted`, computed together with those of other requests.

    Raises
    ------
    InputError
        If it can't predict.
    """

    def __init__(
        self, name: str, path: Path, computing: Computing, metrics: Metrics, open_run: Opener = Run
    ) -> None:
        self.name, self.path, self.stamp = name, path, stamp_of(path)
        self.predictor = Predictor(open_run(path))
        self.scaled_only = Wanted(self.predictor.wanted.size, self.predictor.wanted.mode, form=None)
        self.explainer = Explainer(self.predictor)
        self._batch_images = metrics.batch_images.labels(name)
        self.computed_by = SLOW
        self._compute: Engine = self.predictor.classifier.logits
        self._use_kept_engine()
        self.quickened = False
        self.batcher = Batcher(self.answers, *computing, BATCH)

    async def quicken(self) -> None:
        """Be ready to explain, and compute by ONNX from now on, if it can be made.

        Another process makes it, which can build only networks that have a name.
        """
        self.quickened = True
        await asyncio.to_thread(self.explainer.prepare)
        if self.computed_by == SLOW and is_known(self.predictor.run.info.model):
            await keep_elsewhere(self.path / WEIGHTS)
            await asyncio.to_thread(self._use_kept_engine)
        keep_from_collector()

    def _use_kept_engine(self) -> None:
        engine = kept_engine(self.predictor.classifier, self.path / WEIGHTS)
        if engine is not None:
            self._compute, self.computed_by = engine, FAST

    def wanted(self, raw: bool) -> Wanted:
        """How it takes images: only scaled, where they are wanted raw."""
        return self.scaled_only if raw else self.predictor.wanted

    def answers(self, images: Sequence[Image]) -> list[Said]:
        """What it says of images, as it is sent; of what can't be read, why."""
        self._batch_images.observe(len(images))
        pixels, problems = self._pixels(images)
        judged = self.predictor.judged(pixels, self._compute(pixels))
        classes = self.predictor.classifier.classes
        order = np.argsort(-judged.probabilities, axis=1, kind="stable").tolist()
        shown = np.round(judged.probabilities.astype(np.float64), DECIMALS).tolist()
        unlike = [None] * len(images) if judged.unlike is None else judged.unlike.tolist()
        said: list[Said] = [
            {
                "model": self.name,
                "class": classes[best[0]],
                "probability": row[best[0]],
                "second": classes[best[1]],
                "second_probability": row[best[1]],
                "unlike": strange,
                "probabilities": row,
            }
            for best, row, strange in zip(order, shown, unlike, strict=True)
        ]
        for place, reason in problems.items():
            said[place] = Undecodable(reason)
        return said

    def _pixels(
        self, images: Sequence[Image]
    ) -> tuple[UInt8[np.ndarray, "n size size channels"], dict[int, str]]:
        """The images as one array; where there are image files among them, these are read first."""
        pixels = np.zeros((len(images), *self.predictor.classifier.image_shape), np.uint8)
        files: dict[int, bytes] = {}
        for place, image in enumerate(images):
            if isinstance(image, bytes):
                files[place] = image
            else:
                pixels[place] = image
        if not files:
            return pixels, {}
        places, found = list(files), np.zeros((len(files), *pixels.shape[1:]), np.uint8)
        problems = decode_all(list(files.values()), found, self.scaled_only.mode)
        pixels[places] = found
        return pixels, {places[place]: reason for place, reason in problems.items()}

    def description(self) -> dict[str, Any]:
        """What `/api/models` says of it."""
        info, classifier = self.predictor.run.info, self.predictor.classifier
        examples = self.predictor.examples
        return {
            "name": self.name,
            "architecture": info.model,
            "dataset": info.dataset,
            "classes": list(classifier.classes),
            "image_shape": list(classifier.image_shape),
            "parameters": info.parameters,
            "validation_accuracy": info.validation_accuracy,
            "form": self.predictor.wanted.form is not None,
            "examples": 0 if examples is None else len(examples),
            "computed_by": self.computed_by,
        }


class ServedModels(Mapping[str, ServedModel]):
    """All models of a server, by name.

    Parameters
    ----------
    paths : sequence of Path
        Folders of finished runs.
    computing : Computing
    metrics : Metrics
    open_run : callable

    Raises
    ------
    InputError
        If there is none, one is given twice, or can't predict.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        computing: Computing,
        metrics: Metrics,
        open_run: Opener = Run,
    ) -> None:
        if not paths:
            raise InputError("There is no model to serve; give the folder of a finished run.")
        self._computing, self._metrics, self._open_run = computing, metrics, open_run
        named = zip(names_of(paths), paths, strict=True)
        self._models = {name: self._opened(name, path) for name, path in named}
        self._failed: dict[str, Stamp] = {}

    def __getitem__(self, name: str) -> ServedModel:
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    @property
    def waiting(self) -> int:
        """Images that wait for a model."""
        return sum(model.batcher.waiting for model in self.values())

    def named(self, names: Sequence[str]) -> list[ServedModel]:
        """The models of these names; all where there is none.

        Raises
        ------
        Refusal
            404 for a name that no model has.
        """
        for name in names:
            if name not in self:
                raise Refusal(HTTPStatus.NOT_FOUND, partial(_no_model, name, ", ".join(self)))
        return [self[name] for name in dict.fromkeys(names)] if names else list(self.values())

    async def refresh(self) -> None:
        """Open each run anew whose files have changed; the old model answers until then.

        Requests that began with the old model end with it. A run that can't be opened is tried
        again when it changes.
        """
        for name, model in list(self.items()):
            stamp = stamp_of(model.path)
            if stamp in (model.stamp, self._failed.get(name)):
                continue
            try:
                self._models[name] = await asyncio.to_thread(self._opened, name, model.path)
            except InputError as error:
                self._failed[name] = stamp
                self._metrics.reloads.labels(name, "failed").inc()
                _log.warning("%s serves on as it was: %s", name, error)
            else:
                self._metrics.reloads.labels(name, "done").inc()
                _log.warning("%s was read anew from %s", name, model.path)

    async def quicken(self) -> None:
        """Let all models compute as fast as they can; they answer meanwhile."""
        for model in list(self.values()):
            if not model.quickened:
                await model.quicken()

    def _opened(self, name: str, path: Path) -> ServedModel:
        return ServedModel(name, path, self._computing, self._metrics, self._open_run)


def _no_model(name: str, known: str) -> str:
    return say("serve-refused-model", name=repr(name[:100]), known=known)


def stamp_of(run: Path) -> Stamp:
    """What changes when a run is written anew; empty entries for files that are not there."""
    stamps = []
    for name in (WEIGHTS, INFO):
        try:
            found = (run / name).stat()
            stamps.append((found.st_mtime_ns, found.st_size, found.st_ino))
        except OSError:
            stamps.append((0, 0, 0))
    return tuple(stamps)


def names_of(paths: Sequence[Path]) -> list[str]:
    """A name for each run: its folder's, with as many folders above it as tell them apart.

    Raises
    ------
    InputError
        If a folder is given twice.
    """
    whole = [path.resolve() for path in paths]
    for path in whole:
        if whole.count(path) > 1:
            raise InputError(f"The run {path} is given twice; give each once.")
    return [
        next(
            name
            for depth in range(1, len(path.parts) + 1)
            if sum(_tail(other, depth) == (name := _tail(path, depth)) for other in whole) == 1
        )
        for path in whole
    ]


def _tail(path: Path, depth: int) -> str:
    return "/".join(path.parts[-depth:])
