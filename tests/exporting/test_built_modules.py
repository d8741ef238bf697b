"""A run of a module that was built before its training is exported, and comes back, as any."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from tests.command import status
from tests.exporting.networks import run_of_built
from tests.toys import bars

import glyphlab
from glyphlab.exporting.export import Format
from glyphlab.training.run import Run

BUILT: list[tuple[str, dict[str, Any]]] = [
    ("conv-pool", {"pooling": "mean"}),
    ("mlp", {"hidden": (20, 10), "activation": "tanh"}),
]
TEST = bars(45, seed=1)


@pytest.fixture(scope="module", params=BUILT, ids=[model for model, _ in BUILT])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    model, arguments = request.param
    return run_of_built(tmp_path_factory.mktemp("built") / "run", model, **arguments)


@pytest.mark.parametrize("kind", ["onnx", "safetensors", "python"])
def test_each_format_says_what_the_module_says(run: Run, tmp_path: Path, kind: Format) -> None:
    made = glyphlab.export(run, kind, tmp_path / "out", check=TEST)
    assert made.agreement is not None
    assert made.agreement.within_tolerance


def test_files_and_card_name_its_arguments(run: Run, tmp_path: Path) -> None:
    glyphlab.export(run, "onnx", tmp_path / "out")
    (file,) = (tmp_path / "out").glob("*.onnx")
    facts = onnxruntime.InferenceSession(file).get_modelmeta().custom_metadata_map
    assert facts["model"] == run.info.model
    assert json.loads(facts["arguments"]) == run.info.arguments
    card = (tmp_path / "out" / "model-card.md").read_text("utf-8")
    for key, value in run.info.arguments.items():
        assert f"{key} = {value}" in card


def test_it_comes_back_without_further_words(run: Run, tmp_path: Path) -> None:
    glyphlab.export(run, "safetensors", tmp_path / "out")
    (file,) = (tmp_path / "out").glob("*.safetensors")
    again = glyphlab.import_weights(file, tmp_path / "again")
    assert (again.info.model, again.info.arguments) == (run.info.model, run.info.arguments)
    ours = run.classifier.logits(TEST.images)
    np.testing.assert_array_equal(again.classifier.logits(TEST.images), ours)


def test_the_command_needs_no_model_for_it(run: Run, tmp_path: Path) -> None:
    words = ("export", str(run.path), "--format", "python", "--out", str(tmp_path / "out"))
    assert status(*words) == 0
