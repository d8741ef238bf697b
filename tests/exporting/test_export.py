"""A run becomes a new folder of files for other programs, whole or not at all."""

import sys
from pathlib import Path

import numpy as np
import pytest
from tests.exporting.networks import run_of
from tests.toys import bars

import glyphlab
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
    assert made.to_json()["accuracy"] == glyphlab.evaluate(run, test).accuracy


def test_without_a_dataset_noise_is_compared(run: Run, tmp_path: Path) -> None:
    made = glyphlab.export(run.path, "onnx", tmp_path / "out")
    assert made.agreement is not None
    assert (made.agreement.images, made.agreement.n) == ("noise", 16)
    assert "accuracy" not in made.to_json()


def test_the_folder_stands_beside_the_run_where_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_of(tmp_path / "first")
    assert glyphlab.export(first, "onnx").folder == tmp_path / "first-onnx"
    monkeypatch.chdir(tmp_path / "first")
    with pytest.raises(InputError, match="first-onnx already"):
        glyphlab.export(".", "onnx")


def test_a_model_that_differs_is_not_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = room.onnx_model(run_of(tmp_path / "other", "mlp").classifier)
    monkeypatch.setattr(room, "onnx_model", lambda *_: other)
    with pytest.raises(GlyphlabError, match=r"differs from glyphlab's by 0\.\d+ .* 16 images") as e:
        glyphlab.export(run, "onnx", tmp_path / "out")
    assert e.value.exit_status == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]


def test_the_largest_difference_decides() -> None:
    ours = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)
    assert agreement("x", ours, ours).largest_difference == 0
    for wrong in (ours + np.float32(2e-5), ours * np.float32("nan")):
        with pytest.raises(GlyphlabError):
            agreement("x", wrong, ours)


def test_what_can_not_be_exported_is_said_in_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="no format 'pickle'; use onnx"):
        glyphlab.export(run, "pickle")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="There is no run in"):
        glyphlab.export(tmp_path)
    (tmp_path / "taken").mkdir()
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
