"""Training: it learns, it repeats, it stops and goes on, and it refuses what can't be trained."""

import json
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.interruption import StopAfter
from tests.toys import bars
from torch import nn

from glyphlab.data.dataset import Dataset
from glyphlab.errors import GlyphlabError, InputError, Interrupted
from glyphlab.training import fit as fit_module
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import CHECKPOINT, WEIGHTS, Run
from glyphlab.training.status import Status

QUICK = Recipe(epochs=3, batch_size=32, learning_rate=3e-3, device="cpu")
RICH = QUICK.replace(
    shift=1, rotation=5, average=0.9, dropout=0.2, early_stopping=50, validation=0.2
)


def weights(run: Run) -> dict[str, torch.Tensor]:
    return load_file(run.path / WEIGHTS)


def assert_same_weights(first: Run, second: Run) -> None:
    a, b = weights(first), weights(second)
    assert a.keys() == b.keys()
    for key in a:
        assert torch.equal(a[key], b[key]), key


def test_it_learns_what_can_be_learned(tmp_path: Path) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run")
    assert run.info.train_accuracy == 1.0
    assert run.info.validation_accuracy == 1.0
    assert run.classifier.probabilities(bars(seed=5).images).argmax(1).tolist() == list(
        bars(seed=5).labels
    )


def test_the_history_has_a_line_per_epoch_with_all_figures(tmp_path: Path) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run")
    lines = (run.path / "history.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    assert [entry["epoch"] for entry in entries] == [1, 2, 3]
    assert set(entries[0]) == {
        "epoch",
        "loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
        "learning_rate",
        "images_per_second",
        "peak_share",
        "seconds",
    }
    assert entries == run.history


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    first = fit("mlp", bars(), RICH, out=tmp_path / "a")
    second = fit("mlp", bars(), RICH, out=tmp_path / "b")
    other = fit("mlp", bars(), RICH.replace(seed=1), out=tmp_path / "c")
    assert_same_weights(first, second)
    assert any(not torch.equal(weights(first)[k], weights(other)[k]) for k in weights(first))


def test_training_leaves_the_callers_random_state_alone(tmp_path: Path) -> None:
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    fit("mlp", bars(), RICH, out=tmp_path / "run")
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("stopped_after", [1, 4, 6, 7, 12, 17])
def test_a_training_stopped_anywhere_and_resumed_ends_in_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_after: int
) -> None:
    recipe = RICH.replace(schedule="plateau", patience=1, optimizer="sgd", learning_rate=0.05)
    whole = fit("conv-pool", bars(), recipe, out=tmp_path / "whole")
    with monkeypatch.context() as patch:
        StopAfter(patch, stopped_after)
        with pytest.raises(Interrupted, match="all is saved"):
            fit("conv-pool", bars(), recipe, out=tmp_path / "parts")
    assert not Run(tmp_path / "parts").info.finished
    resumed = fit("conv-pool", bars(), recipe, out=tmp_path / "parts", resume=True)
    assert_same_weights(whole, resumed)
    losses = [entry["loss"] for entry in whole.history]
    assert [entry["loss"] for entry in resumed.history] == losses


def test_resuming_adamw_in_bfloat16_with_channels_last_is_exact_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = RICH.replace(precision="bfloat16", weight_decay=0.05)
    whole = fit("glyphnet", bars(96), recipe, out=tmp_path / "whole")
    with monkeypatch.context() as patch:
        StopAfter(patch, 4)
        with pytest.raises(Interrupted):
            fit("glyphnet", bars(96), recipe, out=tmp_path / "parts")
    assert_same_weights(
        whole, fit("glyphnet", bars(96), recipe, out=tmp_path / "parts", resume=True)
    )


def test_short_epochs_are_not_each_saved_but_all_are_in_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []
    monkeypatch.setattr(fit_module, "save_checkpoint", lambda _, at, *__: saved.append(at.step))
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run")
    assert saved == [1]
    assert [entry["epoch"] for entry in run.history] == [1, 2, 3]


def test_long_epochs_are_saved_within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[int] = []
    monkeypatch.setattr(fit_module, "SECONDS_BETWEEN_SAVES", 0.0)
    monkeypatch.setattr(fit_module, "save_checkpoint", lambda _, at, *__: saved.append(at.step))
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run")
    steps = 3 * -(-run.info.n_train // QUICK.batch_size)
    assert saved == list(range(1, steps + 1))


def test_a_run_killed_before_its_first_checkpoint_starts_again(tmp_path: Path) -> None:
    whole = fit("logistic", bars(), QUICK, out=tmp_path / "whole")
    from glyphlab.training.starting import start_run

    with ExitStack() as held:
        start_run("logistic", bars(), QUICK, held, out=tmp_path / "killed")
    assert_same_weights(whole, fit("logistic", bars(), QUICK, out=tmp_path / "killed", resume=True))


def test_resuming_a_finished_run_gives_it_back(tmp_path: Path) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run")
    again = fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True)
    assert again.info == run.info


def test_a_users_module_is_trained_and_can_be_reached(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 3))
    run = fit(module, bars(), QUICK, out=tmp_path / "run")
    assert run.classifier.module is not None
    assert run.info.validation_accuracy == 1.0


def test_early_stopping_ends_the_training_and_keeps_the_best_weights(tmp_path: Path) -> None:
    recipe = QUICK.replace(epochs=40, early_stopping=2)
    run = fit("logistic", bars(), recipe, out=tmp_path / "run")
    accuracies = [entry["validation_accuracy"] for entry in run.history]
    best = accuracies.index(max(accuracies))
    assert len(accuracies) == best + 3 < 40
    assert run.info.validation_accuracy == max(accuracies)


def test_steps_replace_epochs(tmp_path: Path) -> None:
    reports: list[Status] = []
    fit("logistic", bars(), QUICK.replace(steps=10), out=tmp_path / "run", report=reports.append)
    assert reports[-1].step == reports[-1].steps == 10


def test_min_steps_lengthen_a_training_on_few_images(tmp_path: Path) -> None:
    reports: list[Status] = []
    recipe = QUICK.replace(epochs=1, min_steps=10)
    fit("logistic", bars(), recipe, out=tmp_path / "run", report=reports.append)
    assert reports[-1].step == reports[-1].steps == 10


def test_reports_name_epoch_rate_speed_and_time_left(tmp_path: Path) -> None:
    reports: list[Status] = []
    fit("logistic", bars(), QUICK, out=tmp_path / "run", report=reports.append)
    ends = [status for status in reports if status.entry]
    assert [status.epoch for status in ends] == [1, 2, 3]
    assert ends[0].seconds_left > 0
    assert ends[-1].seconds_left == 0
    assert all(status.images_per_second > 0 and status.peak_share > 0 for status in ends)


def test_a_loss_that_explodes_stops_with_epoch_rate_and_advice(tmp_path: Path) -> None:
    recipe = QUICK.replace(optimizer="sgd", learning_rate=1e30, precision="float32")
    with pytest.raises(GlyphlabError, match=r"epoch 1.*e\+29.*lower learning_rate"):
        fit("mlp", bars(), recipe, out=tmp_path / "run")


def test_a_folder_with_a_run_is_not_overwritten(tmp_path: Path) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run")
    before = (run.path / WEIGHTS).read_bytes()
    with pytest.raises(InputError, match="already holds a run"):
        fit("logistic", bars(), QUICK, out=tmp_path / "run")
    assert (run.path / WEIGHTS).read_bytes() == before


@pytest.mark.parametrize(
    ("model", "seed", "recipe", "words"),
    [
        ("mlp", 0, QUICK, "another model"),
        ("logistic", 1, QUICK, "another Dataset"),
        ("logistic", 0, QUICK.replace(epochs=4), "another Recipe"),
    ],
)
def test_resuming_another_training_is_refused(
    tmp_path: Path, model: str, seed: int, recipe: Recipe, words: str
) -> None:
    fit("logistic", bars(), QUICK, out=tmp_path / "run")
    with pytest.raises(InputError, match=words):
        fit(model, bars(seed=seed), recipe, out=tmp_path / "run", resume=True)


def test_a_checkpoint_of_another_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in ("logistic", "mlp"):
        with monkeypatch.context() as patch:
            StopAfter(patch, 3)
            with pytest.raises(Interrupted):
                fit(model, bars(), QUICK, out=tmp_path / model)
    (tmp_path / "mlp" / CHECKPOINT).replace(tmp_path / "logistic" / CHECKPOINT)
    with pytest.raises(InputError, match="belongs to another model"):
        fit("logistic", bars(), QUICK, out=tmp_path / "logistic", resume=True)


@pytest.mark.parametrize("rubbish", [b"", b"\x00" * 64, b"\xff" * 200, b"{}"])
def test_a_damaged_checkpoint_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rubbish: bytes
) -> None:
    with monkeypatch.context() as patch:
        StopAfter(patch, 3)
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run")
    (tmp_path / "run" / CHECKPOINT).write_bytes(rubbish)
    with pytest.raises(InputError, match="can't be read"):
        fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True)


def test_a_checkpoint_of_more_bytes_than_the_model_can_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        StopAfter(patch, 3)
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run")
    with (tmp_path / "run" / CHECKPOINT).open("ab") as file:
        file.truncate(101_000_000)
    with pytest.raises(InputError, match="above 100 MB, which no checkpoint of this model is"):
        fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True)


def test_a_model_with_the_wrong_number_of_outputs_is_refused(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 4))
    with pytest.raises(InputError, match="3"):
        fit(module, bars(), QUICK, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_one_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one class"):
        fit("logistic", bars(classes=1), QUICK, out=tmp_path / "run")


def test_dropout_for_a_model_without_a_dropout_layer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no dropout layer"):
        fit("logistic", bars(), QUICK.replace(dropout=0.5), out=tmp_path / "run")


def test_a_device_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cuda:7"):
        fit("logistic", bars(), QUICK.replace(device="cuda:7"), out=tmp_path / "run")


def test_an_output_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Can't write"):
        fit("logistic", bars(), QUICK, out=tmp_path / "file" / "run")


SQUARE = {"channels": 1, "background": 0.0, "ink": 255.0, "extent": 0.5, "centring": "box"}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "glyphlab.run"}', "rubbish"])
def test_a_damaged_run_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match="damaged"):
        Run(tmp_path)


@pytest.mark.parametrize(
    "lie",
    [
        {"form": {"size": 28}},
        {"form": {"size": 0, **SQUARE}},
        {"form": {"size": 28, **SQUARE, "ink": 300.0}},
        {"form": {"size": 28, **SQUARE, "centring": "left"}},
        {"unlike_above": {"distance": 1.0}},
        {"unlike_above": "far"},
        {"model": None},
        {"arguments": []},
        {"parameters": "many"},
        {"parameters": 10**30},
        {"seconds": "1.5"},
        {"train_accuracy": [0.5]},
        {"versions": {"torch": 2}},
        {"unknown": 1},
    ],
)
def test_a_run_that_says_what_can_not_be_is_refused(tmp_path: Path, lie: dict[str, object]) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run")
    said = json.loads((run.path / "run.json").read_text("utf-8"))
    (run.path / "run.json").write_text(json.dumps(said | lie))
    with pytest.raises(InputError, match="damaged"):
        Run(run.path)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run"):
        Run(tmp_path)


def test_a_run_without_weights_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    StopAfter(monkeypatch, 3)
    with pytest.raises(Interrupted):
        fit("logistic", bars(), QUICK, out=tmp_path / "run")
    with pytest.raises(InputError, match="no weights yet"):
        _ = Run(tmp_path / "run").classifier


def test_a_few_images_are_enough(tmp_path: Path) -> None:
    dataset: Dataset = bars(4, classes=2)
    run = fit("glyphnet", dataset, QUICK, out=tmp_path / "run")
    assert run.info.n_train + run.info.n_validation == 4
    assert np.isfinite(run.history[-1]["loss"])
