"""A classifier as ONNX says what the classifier says, and what it is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from tests.exporting.networks import KINDS, classifier, run_of

import glyphlab
from glyphlab.exporting.facts import facts_of
from glyphlab.exporting.onnx_model import onnx_model


@pytest.mark.parametrize("kind", KINDS)
def test_onnx_runtime_says_what_the_classifier_says_of_any_number_of_images(kind: str) -> None:
    made = classifier(kind)
    session = onnxruntime.InferenceSession(onnx_model(made))
    for n in (1, 7, 1_000 if kind in ("logistic", "lenet5") else 64):
        images = np.random.default_rng(n).integers(0, 256, (n, *made.image_shape), np.uint8)
        logits, probabilities = session.run(["logits", "probabilities"], {"images": images})
        np.testing.assert_allclose(probabilities, made.probabilities(images), atol=1e-5)
        np.testing.assert_allclose(logits, made.logits(images), atol=1e-4)


def test_the_file_states_what_it_is_and_tells_of_no_folder(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run")
    encoded = onnx_model(run.classifier, facts_of(run, run.classifier))
    model = onnx.load_from_string(encoded)
    facts = {entry.key: entry.value for entry in model.metadata_props}
    assert facts["model"] == "logistic"
    assert json.loads(facts["classes"]) == ["bar0", "bar1", "bar2"]
    assert json.loads(facts["image_shape"]) == [28, 28, 1]
    assert json.loads(facts["dataset"]) == "bars"
    assert json.loads(facts["form"])["size"] == 28
    assert json.loads(facts["glyphlab"]) == glyphlab.__version__
    assert model.producer_name == "glyphlab"
    assert str(tmp_path).encode() not in encoded
    assert b".py" not in encoded


def test_a_module_goes_on_training_as_it_was() -> None:
    made = classifier("logistic")
    made.module.train()
    onnx_model(made)
    assert made.module.training


def test_onnx_runtime_reports_nothing_to_its_makers(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(onnx_model(classifier("logistic")))
    code = (
        "from glyphlab.exporting.onnx_runtime import open_session\n"
        "open_session(open('model.onnx', 'rb').read(), 1)\n"
    )
    for folder in ("home", "temporary"):
        (tmp_path / folder).mkdir()
    unset = {name: v for name, v in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    places = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "temporary")}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=unset | places, check=True)
    # Where it reports, it keeps the device's id in the home, and a session among temporary files.
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".onnx"]
    assert left == []
