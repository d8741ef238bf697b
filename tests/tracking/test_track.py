"""Tools are told of a training, and none of them can harm it."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
import torch
from safetensors.torch import load_file
from tests.interruption import StopAfter
from tests.toys import bars

from glyphlab.errors import Diverged, InputError, Interrupted
from glyphlab.lab.notebook_protocol import fit_notebook
from glyphlab.tracking import track as track_module
from glyphlab.tracking.track import check_tools
from glyphlab.tracking.tracker import Ending, Entry, Status, Tracked
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import WEIGHTS

QUICK = Recipe(epochs=3, batch_size=32, learning_rate=3e-3, device="cpu")


class Notes:
    """A tool that notes what it is told."""

    made: "list[Notes]"

    def __init__(self, training: Tracked, history: Sequence[Entry]) -> None:
        self.training, self.history = training, list(history)
        self.entries: list[Entry] = []
        self.ending: Ending | None = None
        self.status: Status | None = None
        type(self).made.append(self)

    def note_epoch(self, entry: Entry) -> None:
        self.entries.append(dict(entry))

    def finish(self, ending: Ending) -> None:
        self.ending = ending

    def close(self, status: Status) -> None:
        self.status = status


class Broken(Notes):
    """A tool that is lost in the second epoch."""

    def note_epoch(self, entry: Entry) -> None:
        super().note_epoch(entry)
        if entry["epoch"] == 2:
            raise ConnectionError("no answer from http://me:secret@there:5000/api\nand more")


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tools, "notes" and "broken"."""
    module = ModuleType("tools_of_the_test")
    module.Notes, module.Broken = Notes, Broken  # type: ignore[attr-defined]
    Notes.made, Broken.made = [], []
    monkeypatch.setitem(sys.modules, module.__name__, module)
    places = {"notes": ("Notes", module.__name__), "broken": ("Broken", module.__name__)}
    monkeypatch.setattr(track_module, "TOOLS", places)


@pytest.mark.usefixtures("tools")
def test_a_tool_is_told_every_epoch_as_the_history_has_it(tmp_path: Path) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", log="notes")
    (notes,) = Notes.made
    assert notes.entries == run.history
    assert notes.training.name == "logistic-bars-seed0"
    assert notes.training.parameters["batch_size"] == 32
    assert notes.status == "finished"


@pytest.mark.usefixtures("tools")
def test_at_the_end_a_tool_gets_figures_files_and_mistakes(tmp_path: Path) -> None:
    recipe = QUICK.replace(epochs=1, learning_rate=1e-6, validation=0.25)
    run = fit("logistic", bars(), recipe, out=tmp_path / "run", log=["notes"])
    ending = Notes.made[0].ending
    assert ending is not None
    assert ending.figures["validation_accuracy"] == run.info.validation_accuracy
    assert all(file.is_file() for file in ending.files)
    assert {file.name for file in ending.files} == {
        "run.json",
        "recipe.toml",
        "history.jsonl",
        "weights.safetensors",
    }
    assert run.info.validation_accuracy is not None
    wrong = round((1 - run.info.validation_accuracy) * run.info.n_validation)
    assert ending.mistakes.shape == (min(wrong, 64), 28, 28, 1)


@pytest.mark.usefixtures("tools")
def test_a_tool_that_fails_is_told_no_more_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        run = fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["broken", "notes"])
    assert run.info.finished
    assert [len(each.made[0].entries) for each in (Broken, Notes)] == [2, 3]
    (remark,) = caplog.messages
    assert remark == (
        "Broken can't be told of this training, which goes on without it (ConnectionError: no "
        f"answer from http://there:5000/api); its figures are in {tmp_path / 'run'}."
    )


@pytest.mark.usefixtures("tools")
def test_a_training_that_goes_on_tells_what_was_done_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        StopAfter(patch, 10)  # of 7 steps an epoch
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["notes"])
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["notes"], resume=True)
    stopped, resumed = Notes.made
    assert stopped.status == "stopped"
    assert stopped.ending is None
    assert resumed.history == stopped.entries == run.history[:1]
    assert resumed.entries == run.history[1:]


@pytest.mark.usefixtures("tools")
def test_a_training_that_fails_is_said_to_have_failed(tmp_path: Path) -> None:
    wild = QUICK.replace(optimizer="sgd", learning_rate=1e30, warmup=0)
    with pytest.raises(Diverged):
        fit("mlp", bars(), wild, out=tmp_path / "run", log=["notes"])
    assert Notes.made[0].status == "failed"


@pytest.mark.usefixtures("tools")
def test_a_finished_run_is_given_back_and_nobody_is_told(tmp_path: Path) -> None:
    fit("logistic", bars(), QUICK, out=tmp_path / "run")
    fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True, log=["notes"])
    assert not Notes.made


@pytest.mark.usefixtures("tools")
def test_the_notebooks_protocol_tells_as_well(tmp_path: Path) -> None:
    run = fit_notebook("conv-pool", bars(60), out=tmp_path / "run", log=["notes"])
    (notes,) = Notes.made
    assert notes.training.name == "conv-pool-bars-notebook-seed0"
    assert notes.entries == run.history


def test_logging_changes_no_weight(tmp_path: Path) -> None:
    recipe = QUICK.replace(shift=1, dropout=0.2)
    silent = fit("mlp", bars(), recipe, out=tmp_path / "silent")
    logged = fit("mlp", bars(), recipe, out=tmp_path / "logged", log=["tensorboard"])
    a, b = (load_file(run.path / WEIGHTS) for run in (silent, logged))
    assert a.keys() == b.keys()
    assert all(torch.equal(a[key], b[key]) for key in a)


def test_an_unknown_tool_is_refused_before_any_training(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no log 'wandb'; choose from tensorboard, mlflow\."):
        fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["wandb"])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["tensorboard", "mlflow"])
def test_a_tool_that_is_not_installed_is_named_with_its_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (f"glyphlab.tracking.{name}", "torch.utils.tensorboard"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=rf"pip install 'glyphlab\[{name}\]'"):
        check_tools(name)
