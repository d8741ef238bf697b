"""A self-test of about a minute: whether it works here, and gives equal bits."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.numpy import load_file

from glyphlab.data.dataset import Dataset
from glyphlab.data.decode import decode
from glyphlab.data.formats import open_file, save_dataset
from glyphlab.data.glyphs import load_glyphs
from glyphlab.errors import GlyphlabError
from glyphlab.evaluation.evaluating import evaluate
from glyphlab.models.precision import choose_precision
from glyphlab.training.device import choose_device
from glyphlab.training.fit import fit
from glyphlab.training.operations import measure_peak
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.training.run import WEIGHTS
from glyphlab.training.status import Status

MODEL = "lenet5"
STEPS = 150
IMAGES, TESTED = 4_000, 2_000
LEAST_ACCURACY = 0.7
"""Far below what these steps reach (some 0.85), far above chance."""
TRIES, NEARLY = 5, 0.8
"""How often the precisions are measured, and how near to the faster one counts as fast."""


@dataclass(frozen=True)
class Check:
    """What came of one check.

    Attributes
    ----------
    name : str
    passed : bool
    said : str
        What was found.
    seconds : float
    """

    name: str
    passed: bool
    said: str
    seconds: float


class _Failed(Exception):
    """A check has found what should not be."""


def run_checks() -> Iterator[Check]:
    """Check one thing after the other, in a temporary folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="glyphlab-doctor-") as name:
        for title, check in CHECKS.items():
            started = time.perf_counter()
            passed, said = _outcome(check, Path(name) / title.replace(" ", "-"))
            yield Check(title, passed, said, time.perf_counter() - started)


def _outcome(check: Callable[[Path], str], folder: Path) -> tuple[bool, str]:
    folder.mkdir()
    try:
        return True, check(folder)
    except (_Failed, GlyphlabError) as failure:
        return False, str(failure)
    except Exception as error:  # Whatever it is, the other checks tell more of it.
        return False, f"{type(error).__name__}: {error}"


def check_files(folder: Path) -> str:
    """A Dataset that is written is read again the same."""
    images = _images(IMAGES)
    started = time.perf_counter()
    save_dataset(images, folder / "images.safetensors")
    seconds = time.perf_counter() - started
    if open_file(folder / "images.safetensors").fingerprint != images.fingerprint:
        raise _Failed("a Dataset file does not hold what was written to it")
    size = (folder / "images.safetensors").stat().st_size
    return f"{size / 1e6 / seconds:,.0f} MB/s written, checked"


def check_decoder(folder: Path) -> str:
    """A picture decodes to its very pixels."""
    pixels = np.arange(28 * 28, dtype=np.uint8).reshape(28, 28)
    encoded = cv2.imencode(".png", pixels)[1].tobytes()
    decoded = decode(encoded, 28, "grey")
    if not np.array_equal(np.squeeze(decoded), pixels):
        raise _Failed("a PNG of 28×28 was not decoded to its pixels")
    return "a PNG came back pixel by pixel"


def check_precision(folder: Path) -> str:
    """The precision that is chosen is the faster one."""
    device = choose_device("auto")
    chosen = choose_precision("auto", device)
    peaks = dict.fromkeys((torch.float32, torch.bfloat16), 0.0)
    for _ in range(TRIES):  # Other programs can only make it slower, so the best of each counts.
        for dtype in peaks:
            peaks[dtype] = max(peaks[dtype], measure_peak(device, dtype))
        if peaks[chosen] >= NEARLY * max(peaks.values()):
            return _shown(peaks)
    raise _Failed(f"precision=auto takes the slower one: {_shown(peaks)}")


def check_training(folder: Path) -> str:
    """A short training learns, and the same training gives the same bits."""
    train, test = _images(IMAGES), load_glyphs().test
    run = fit(MODEL, train, _recipe(), out=folder / "one")
    accuracy = evaluate(run, test.subset(_spread(len(test), TESTED))).accuracy
    if accuracy < LEAST_ACCURACY:
        raise _Failed(f"after {STEPS} steps {MODEL} names {accuracy:.1%} rightly; too few")
    fit(MODEL, train, _recipe(), out=folder / "other")
    _check_equal(folder / "one", folder / "other", "the same training gave other weights")
    speed = run.info.images_per_second or 0.0
    return f"{accuracy:.1%} right after {STEPS} steps, {speed:,.0f} images/s, equal bits twice"


def check_resuming(folder: Path) -> str:
    """A training that was cut off ends in the bits of one that was not."""

    class CutOff(Exception):
        pass

    def cut(status: Status) -> None:
        if status.epoch > 1:
            raise CutOff

    train = _images(IMAGES)
    try:
        fit(MODEL, train, _recipe(), out=folder / "cut", report=cut)
    except CutOff:
        pass
    else:
        raise _Failed("the training was to be cut off, and was not")
    fit(MODEL, train, _recipe(), out=folder / "cut", resume=True)
    fit(MODEL, train, _recipe(), out=folder / "whole")
    _check_equal(folder / "cut", folder / "whole", "a training that went on has other weights")
    return "cut off and gone on with, equal bits"


CHECKS: dict[str, Callable[[Path], str]] = {
    "Dataset file": check_files,
    "decoder": check_decoder,
    "precision": check_precision,
    "training": check_training,
    "resuming": check_resuming,
}


def _shown(peaks: Mapping[torch.dtype, float]) -> str:
    shown = (f"{str(dtype).removeprefix('torch.')} {p / 1e9:,.0f}" for dtype, p in peaks.items())
    return f"{', '.join(shown)} GFLOP/s"


def _images(n: int) -> Dataset:
    train = load_glyphs().train
    return train.subset(_spread(len(train), n))


def _spread(n: int, wanted: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.linspace(0, n - 1, wanted).astype(np.int64)


def _recipe() -> Recipe:
    return default_recipe(MODEL).replace(steps=STEPS, device="cpu")


def _check_equal(one: Path, other: Path, otherwise: str) -> None:
    a, b = load_file(one / WEIGHTS), load_file(other / WEIGHTS)
    if a.keys() != b.keys() or not all(np.array_equal(a[key], b[key]) for key in a):
        raise _Failed(otherwise)
