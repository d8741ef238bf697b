"""What TensorBoard itself reads of a training's event files."""

from pathlib import Path

import pytest
from tests.interruption import StopAfter
from tests.toys import bars

from glyphlab.errors import Interrupted
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import Run

pytest.importorskip("tensorboard", reason="the extra tensorboard is not installed")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

QUICK = Recipe(epochs=3, batch_size=32, learning_rate=3e-3, device="cpu")


def events(run: Run) -> EventAccumulator:
    read = EventAccumulator(str(run.path / "tensorboard"))
    read.Reload()
    return read


def series(run: Run, tag: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in events(run).Scalars(tag)]


def in_history(run: Run, key: str) -> list[tuple[int, float]]:
    return [(int(entry["epoch"]), pytest.approx(entry[key], rel=1e-6)) for entry in run.history]


@pytest.mark.parametrize(
    ("tag", "key"),
    [
        ("loss/train", "loss"),
        ("loss/validation", "validation_loss"),
        ("accuracy/train", "train_accuracy"),
        ("accuracy/validation", "validation_accuracy"),
        ("learning_rate", "learning_rate"),
        ("images_per_second", "images_per_second"),
    ],
)
def test_each_figure_of_each_epoch_can_be_read(tmp_path: Path, tag: str, key: str) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["tensorboard"])
    assert series(run, tag) == in_history(run, key)


def test_the_table_of_trainings_has_recipe_and_accuracy(tmp_path: Path) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["tensorboard"])
    read = events(run)
    content = read.summary_metadata["_hparams_/session_start_info"].plugin_data.content
    told = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    assert told["model"].string_value == "logistic"
    assert told["batch_size"].number_value == 32
    (accuracy,) = read.Scalars("final/validation_accuracy")
    assert accuracy.value == run.info.validation_accuracy


def test_the_mistakes_on_held_out_images_are_shown(tmp_path: Path) -> None:
    bad = QUICK.replace(epochs=1, learning_rate=1e-6)
    run = fit("logistic", bars(), bad, out=tmp_path / "run", log=["tensorboard"])
    (sheet,) = events(run).Images("mistakes")
    assert sheet.width >= 28


def test_without_mistakes_there_is_no_sheet(tmp_path: Path) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["tensorboard"])
    assert run.info.validation_accuracy == 1.0
    assert not events(run).Tags()["images"]


def test_a_training_that_goes_on_has_every_epoch_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        StopAfter(patch, 10)  # of 7 steps an epoch
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["tensorboard"])
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True, log=["tensorboard"])
    assert series(run, "loss/train") == in_history(run, "loss")


def test_epochs_that_a_killed_training_does_again_count_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        # Saved in the first epoch only, then lost in the third.
        StopAfter(patch, 3)
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["tensorboard"])
    checkpoint = (tmp_path / "run" / "checkpoint.safetensors").read_bytes()
    with monkeypatch.context() as patch:
        StopAfter(patch, 14)
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True, log=["tensorboard"])
    (tmp_path / "run" / "checkpoint.safetensors").write_bytes(checkpoint)
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True, log=["tensorboard"])
    assert series(run, "loss/train") == in_history(run, "loss")


def test_a_training_first_logged_when_it_goes_on_is_told_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        StopAfter(patch, 10)
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run")
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True, log=["tensorboard"])
    assert series(run, "loss/train") == in_history(run, "loss")
