"""Served models compute what their classifiers say."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from tests.toys import bars

from glyphlab.exporting.onnx_model import onnx_model
from glyphlab.models.classifier import Classifier
from glyphlab.serving import engine
from glyphlab.serving.engine import keep, keep_elsewhere, kept_engine
from glyphlab.training.run import WEIGHTS, Run

IMAGES = bars(50, seed=3).images


def kept(home: Path) -> list[Path]:
    return sorted((home / "cache" / "onnx").glob("*"))


def test_an_engine_is_kept_by_another_process_and_says_what_the_classifier_says(
    runs: list[Path], own_home: Path
) -> None:
    weights = runs[1] / WEIGHTS
    classifier = Run(runs[1]).classifier
    assert kept_engine(classifier, weights) is None
    asyncio.run(keep_elsewhere(weights))
    assert len(kept(own_home)) == 1
    compute = kept_engine(classifier, weights)
    assert compute is not None
    for images in (IMAGES, IMAGES[:1]):
        np.testing.assert_allclose(compute(images), classifier.logits(images), atol=1e-4)


def test_what_is_kept_is_not_used_when_it_is_damaged_or_of_another_model(
    runs: list[Path], own_home: Path
) -> None:
    classifier = Run(runs[0]).classifier
    keep(runs[0] / WEIGHTS)
    assert kept_engine(classifier, runs[0] / WEIGHTS) is not None
    (file,) = kept(own_home)
    for wrong in (b"nonsense", onnx_model(Run(runs[1]).classifier)):
        file.write_bytes(wrong)
        assert kept_engine(classifier, runs[0] / WEIGHTS) is None


def test_what_onnx_can_not_express_or_says_otherwise_is_not_kept(
    runs: list[Path],
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = onnx_model(Run(runs[1]).classifier)

    def refuse(_: Classifier) -> bytes:
        raise RuntimeError("no such operation")

    for make, words in ((refuse, "(no such operation)"), (lambda _: other, "logits differ by")):
        monkeypatch.setattr(engine, "onnx_model", make)
        keep(runs[0] / WEIGHTS)
        assert kept(own_home) == []
        assert words in caplog.text


def test_the_oldest_are_forgotten(
    own_home: Path, runs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = own_home / "cache" / "onnx"
    folder.mkdir(parents=True)
    for number in range(engine.KEPT + 3):
        (folder / f"{number}.onnx").write_bytes(b"old")
    keep(runs[0] / WEIGHTS)
    assert len(kept(own_home)) == engine.KEPT
    assert kept_engine(Run(runs[0]).classifier, runs[0] / WEIGHTS) is not None
