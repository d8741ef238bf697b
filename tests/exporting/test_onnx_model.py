"""A classifier as ONNX says what the classifier says, and what it is."""

import json
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
