"""A run becomes a new folder of files for other programs, whole or not at all."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tests.command import status
from tests.exporting.networks import run_of
from tests.toys import bars

import glyphlab
from glyphlab.data.formats import save_dataset
from glyphlab.errors import GlyphlabError, InputError
from glyphlab.exporting import export as room
from glyphlab.exporting.agreement import agreement
from glyphlab.training.run import WEIGHTS, Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_of(tmp_path_factory.mktemp("runs") / "first")


def test_it_is_compared_with_glyphlab_on_a_dataset_and_its_accuracy_stated(
    run: Run, tmp_path: Path
) -> None:
    test = bars(45, seed=1)
    made = glyphlab.export(run, "onnx", tmp_path / "out", check=test)
    assert made.agreement is not None
    assert (made.agreement.images, made.agreement.n) == ("bars", 45)
    assert 0 <= made.agreement.largest_difference <= 1e-5
    assert made.to_json()["evaluation"]["accuracy"] == glyphlab.evaluate(run, test).accuracy
    assert sorted(made.files) == ["logistic.onnx", "model-card.md"]


def test_without_a_dataset_examples_are_compared(run: Run, tmp_path: Path) -> None:
    made = glyphlab.export(run.path, "onnx", tmp_path / "out")
    assert made.agreement is not None
    assert (made.agreement.images, made.agreement.n) == ("built-in examples", 16)
    assert made.to_json()["evaluation"] is None


def test_the_folder_stands_in_the_run_where_none_is_named(tmp_path: Path) -> None:
    first = run_of(tmp_path / "first")
    assert glyphlab.export(first, "card").folder == tmp_path / "first" / "export-card"
    with pytest.raises(InputError, match="export-card already"):
        glyphlab.export(first, "card")


def test_a_model_that_differs_is_not_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = run_of(tmp_path / "other", "mlp").classifier
    monkeypatch.setattr(room, "read_state", lambda *_: other)
    with pytest.raises(GlyphlabError, match=r"differs by 0\.\d+ .* not written") as raised:
        glyphlab.export(run, "safetensors", tmp_path / "out")
    assert raised.value.exit_status == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]


def test_the_largest_difference_decides() -> None:
    images, ours = (
        np.zeros((2, 1, 1, 1), np.uint8),
        np.array([[0.25, 0.75], [0.5, 0.5]], np.float32),
    )
    assert agreement(lambda _: ours, "x", images, ours).largest_difference == 0
    off = agreement(lambda _: ours + np.float32(2e-5), "x", images, ours)
    assert off.largest_difference == pytest.approx(2e-5, rel=0.01)
    assert not off.within_tolerance
    for wrong in (ours + np.float32(2e-3), ours * np.float32("nan")):
        with pytest.raises(GlyphlabError):
            agreement(lambda _, said=wrong: said, "x", images, ours)


def test_a_difference_on_test_images_is_a_failure_of_the_command(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save_dataset(bars(45, seed=1), tmp_path / "test.safetensors")
    monkeypatch.setattr("glyphlab.exporting.agreement.TOLERANCE", -1.0)
    words = ("export", str(run.path), "--format", "safetensors", "--out", str(tmp_path / "out"))
    assert status(*words, "--check", str(tmp_path / "test.safetensors")) == 1
    said = capsys.readouterr()
    assert "more than 1e-05" in said.err
    assert "on 45 images (bars)" in said.out


def test_the_card_states_data_accuracy_and_limits(run: Run, tmp_path: Path) -> None:
    test = bars(45, seed=1)
    glyphlab.export(run, "card", tmp_path / "out", check=test)
    card = (tmp_path / "out" / "model-card.md").read_text("utf-8")
    evaluation = glyphlab.evaluate(run, test, "float32")
    low, high = evaluation.accuracy_ci95
    for words in (
        "bar0",
        str(run.info.fingerprint)[:16],
        f"{low:.4f}",
        f"{high:.4f}",
        "learning_rate",
        "looked at them once",
    ):
        assert words in card
    with glyphlab.language.speaking("ru"):
        glyphlab.export(run, "card", tmp_path / "ru")
    assert "Обуч" in (tmp_path / "ru" / "model-card.md").read_text("utf-8")


def test_int8_is_set_by_training_images_and_its_accuracy_stands_beside_float32s(
    run: Run, tmp_path: Path
) -> None:
    train, test = bars(120), bars(90, seed=1)
    with pytest.raises(InputError, match="can't be both"):
        glyphlab.export(run, "onnx", tmp_path / "x", check=test, int8=True, calibrate=test)
    made = glyphlab.export(run, "onnx", tmp_path / "out", check=test, int8=True, calibrate=train)
    assert sorted(made.files) == ["logistic.int8.onnx", "logistic.onnx", "model-card.md"]
    assert made.int8 is not None
    assert made.int8.evaluation is not None
    assert made.int8.n_calibration == 120
    session = onnxruntime.InferenceSession(tmp_path / "out" / "logistic.int8.onnx")
    said = session.run(["logits"], {"images": np.asarray(test.images)})[0].argmax(axis=1)
    assert made.int8.evaluation.accuracy == (said == test.labels).mean()
    assert made.int8.same_class > 0.9
    assert made.int8.size_ratio == made.files["logistic.int8.onnx"] / made.files["logistic.onnx"]


def test_int8_is_set_by_what_the_run_keeps_where_no_images_are_given(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", n=600)
    assert run.examples is not None
    assert len(run.examples) == 540  # a tenth is held out
    save_dataset(bars(90, seed=1), tmp_path / "test.safetensors")
    words = ("export", str(run.path), "--int8", "--out", str(tmp_path / "out"))
    found = tmp_path / "found.json"
    assert status(*words, "--check", str(tmp_path / "test.safetensors"), "--json", str(found)) == 0
    said = json.loads(found.read_text("utf-8"))["int8"]
    assert (said["calibrated_on"], said["n_calibration"]) == ("bars", 512)
    again = glyphlab.export(
        run, "onnx", tmp_path / "again", int8=True, calibrate=run.examples, check=bars(90, seed=1)
    )
    assert again.int8 is not None
    assert said["same_class"] == again.int8.same_class
    ours, theirs = (tmp_path / name / "logistic.int8.onnx" for name in ("out", "again"))
    assert ours.read_bytes() == theirs.read_bytes()
    facts = onnxruntime.InferenceSession(ours).get_modelmeta().custom_metadata_map
    assert facts["quantisation"] == "int8, static, set by 512 images of bars"
    card = (tmp_path / "out" / "model-card.md").read_text("utf-8")
    assert "set by 512 images of bars" in card


def test_without_test_images_int8_is_compared_on_what_set_it(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run")
    small = glyphlab.export(run, "onnx", tmp_path / "out", int8=True).int8
    assert small is not None
    assert small.n_calibration == 108
    assert (small.evaluation, small.difference) == (None, None)
    sessions = [
        onnxruntime.InferenceSession(tmp_path / "out" / f"logistic{ending}")
        for ending in (".onnx", ".int8.onnx")
    ]
    images = {"images": np.array(run.examples.images)}  # type: ignore[union-attr]
    ours, theirs = (session.run(["logits"], images)[0].argmax(axis=1) for session in sessions)
    assert small.same_class == (ours == theirs).mean()


def test_int8_of_a_run_that_keeps_no_images_needs_some(run: Run, tmp_path: Path) -> None:
    again = glyphlab.import_weights(run.path / WEIGHTS, tmp_path / "again")
    with pytest.raises(InputError, match="again keeps none; give them by --calibrate"):
        glyphlab.export(again, "onnx", tmp_path / "out", int8=True)
    made = glyphlab.export(again, "onnx", tmp_path / "out", int8=True, calibrate=bars(60))
    assert made.int8 is not None
    assert made.int8.n_calibration == 60


def test_what_can_not_be_exported_is_said_in_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="no format 'pickle' to export to; use onnx"):
        glyphlab.export(run, "pickle")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="There is no run in"):
        glyphlab.export(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").touch()
    with pytest.raises(InputError, match="taken already; remove it or choose another"):
        glyphlab.export(run, "onnx", tmp_path / "taken")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Can't write"):
        glyphlab.export(run, "onnx", tmp_path / "file" / "out")
    with pytest.raises(InputError, match="test on the same classes"):
        glyphlab.export(run, "onnx", tmp_path / "out", check=bars(40, classes=4))
    unfinished = run_of(tmp_path / "unfinished")
    (unfinished.path / WEIGHTS).unlink()
    with pytest.raises(InputError, match="has no weights yet"):
        glyphlab.export(unfinished.path, "onnx")
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(InputError, match=r"onnxscript, .* 'glyphlab\[export\]'"):
        glyphlab.export(run, "onnx", tmp_path / "out")
    assert not (tmp_path / "out").exists()
