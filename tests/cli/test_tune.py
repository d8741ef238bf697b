"""`glyphlab tune` on toy images."""

import json
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from tests.command import status
from tests.toys import bars

from glyphlab.cli.tuning_view import search_words, trial_words
from glyphlab.data.formats import save_dataset
from glyphlab.training.run import Run
from glyphlab.tuning.status import SearchStatus, TrialStatus


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with toy images."""
    monkeypatch.chdir(tmp_path)
    save_dataset(bars(120, size=8), tmp_path / "train.safetensors")
    return tmp_path


TUNE = (
    *("tune", "logistic", "--data", "train.safetensors", "--out", "s"),
    *("--set", "batch_size=32", "--set", "epochs=3", "--search", "learning_rate=1e-4..1e-1 log"),
)


def test_a_search_prints_its_trials_and_writes_all_of_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (*TUNE, "--search", "average=0.0,0.5", "--trials", "4", "--confirm", "1")
    assert status(*words, "--json", "t.json") == 0
    said = capsys.readouterr()
    figures = json.loads((here / "t.json").read_text())
    assert figures == json.loads((here / "s" / "tune.json").read_text())
    assert (figures["model"], figures["seed"], len(figures["trials"])) == ("logistic", 0, 4)
    assert figures["space"] == {"learning_rate": "0.0001..0.1 log", "average": "0,0.5"}
    assert "4 trials: 4 went to their end." in said.out
    assert "that chose it" in said.out
    assert f"{figures['best']['number']} (best)" in said.out
    assert "trial 3: validation" in said.err
    assert "4 of 4 trials done, best" in said.err
    assert "\x1b" not in said.err
    summary = (here / "s" / "tune.md").read_text()
    assert "`glyphlab tune logistic --data train.safetensors --trials 4 --search" in summary
    assert status(*words) == 0
    assert "4 of 4 trials were done before" not in capsys.readouterr().err


def test_the_best_recipe_trains(here: Path) -> None:
    assert status(*TUNE, "--trials", "2", "--confirm", "0") == 0
    words = ("train", "logistic", "--data", "train.safetensors", "--recipe", "s/best.toml")
    assert status(*words, "--out", "run") == 0
    best = json.loads((here / "s" / "tune.json").read_text())["recipe"]
    assert Run(here / "run").recipe.model_dump(exclude_none=True) == best


def test_a_search_goes_on_with_more_trials_and_says_what_was_done_before(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(*TUNE, "--trials", "2", "--confirm", "0") == 0
    first = (here / "s" / "trials.jsonl").read_text()
    capsys.readouterr()
    assert status(*TUNE, "--trials", "3", "--confirm", "0") == 0
    assert (here / "s" / "trials.jsonl").read_text().startswith(first)
    assert "2 of 3 trials were done before." in capsys.readouterr().err


def test_the_test_part_of_a_source_has_no_part_in_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = here / "both"
    save_dataset(bars(120, size=8), parts / "train.safetensors")
    save_dataset(bars(30, size=8, seed=1), parts / "test.safetensors")
    tried = []
    for data, out in (("train.safetensors", "s"), ("both", "t")):
        words = [{"train.safetensors": data, "s": out}.get(word, word) for word in TUNE]
        assert status(*words, "--trials", "2", "--confirm", "1") == 0
        lines = (here / out / "trials.jsonl").read_text().splitlines()
        tried.append([json.loads(line) | {"seconds": 0} for line in lines])
    assert tried[0] == tried[1]
    assert "The 30 test images of bars are not used." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--search", "learning_rate"], "is nothing to search"),
        (["--search", "learning_rate=1..0"], "the first number must be below the second"),
        (["--search", "lr=0..1"], "lr is no key of a Recipe"),
        (["--search", "seed=0..5"], "seed can't be searched"),
        (["--search", "shift=0..1", "--search", "shift=0..2"], "shift is searched twice"),
        (["--search", "dropout=0..0.5"], "no dropout layer"),
        (["--set", "rotation=3", "--search", "rotation=0..5"], "both set and searched"),
        (["--set", "seed=3"], "--seed"),
        (["--set", "validation=0"], "validation above 0"),
        (["--set", "epochs"], "key=value"),
        (["--recipe", "none.toml"], "none.toml"),
        (["--on", "moon"], "'moon' is no place to compute"),
        (["--trials", "0"], "--trials"),
        (["--timeout", "-1"], "-1.0 minutes"),
        (["--arg", "hidden=[3]"], "hidden"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    before = set(here.rglob("*"))
    assert status("tune", "logistic", "--data", "train.safetensors", *words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert set(here.rglob("*")) == before


def test_a_search_space_that_cannot_be_is_told_before_any_image_is_read(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("tune", "mlp", "--data", "nowhere", "--search", "lr=0..1") == 2
    assert "lr is no key" in capsys.readouterr().err


def test_another_search_in_the_same_folder_is_refused_and_nothing_lost(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(*TUNE, "--trials", "1", "--confirm", "0") == 0
    kept = {path: path.read_bytes() for path in (here / "s").rglob("*") if path.is_file()}
    assert status(*TUNE, "--trials", "1", "--confirm", "0", "--seed", "1") == 2
    assert "another seed; repeat its own command" in capsys.readouterr().err
    assert kept == {p: p.read_bytes() for p in (here / "s").rglob("*") if p.is_file()}


def test_without_optuna_one_sentence_says_what_to_install(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert status(*TUNE) == 2
    assert "pip install 'glyphlab[tune]'" in capsys.readouterr().err


LONG = ("--trials", "3", "--set", "epochs=60", "--confirm", "0", "--no-prune")


def start(here: Path, out: str) -> "subprocess.Popen[str]":
    words = [out if word == "s" else word for word in TUNE]
    return subprocess.Popen(
        [sys.executable, "-m", "glyphlab", *words, *LONG],
        cwd=here,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def wait_for(process: "subprocess.Popen[str]", file: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists():
            return
        time.sleep(0.01)
    pytest.fail(f"there was never a {file.name}")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_search_that_is_killed_goes_on_to_the_same_trials(
    here: Path, number: signal.Signals
) -> None:
    whole = start(here, "whole")
    whole.communicate()
    assert whole.returncode == 0
    process = start(here, "parts")
    wait_for(process, here / "parts" / "trials" / "0001" / "checkpoint.safetensors")
    process.send_signal(number)
    error = process.communicate()[1]
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert "Stopped after 1 of 3 trials; all is saved in parts. To go on, repeat" in error
        assert "Traceback" not in error
    assert not (here / "parts" / "tune.json").exists()
    again = start(here, "parts")
    assert "1 of 3 trials were done before." in again.communicate()[1]
    assert again.returncode == 0
    lines = [(here / out / "trials.jsonl").read_text().splitlines() for out in ("whole", "parts")]
    first, second = ([json.loads(line) | {"seconds": 0} for line in part] for part in lines)
    assert first == second
    assert len(first) == 3
    recipes = [(here / out / "best.toml").read_text() for out in ("whole", "parts")]
    assert recipes[0] == recipes[1]


def test_what_is_said_of_a_trial_and_of_the_whole() -> None:
    trial = TrialStatus("trial 3", "running", {}, epoch=2, epochs=5, accuracy=0.5, seconds_left=9)
    assert trial_words(trial) == "epoch 2/5, validation 0.5000, 9.0 s left"
    assert trial_words(TrialStatus("trial 3", "running", {})) == "begins"
    failed = TrialStatus("trial 3", "failed", {}, reason="The loss is not finite")
    assert trial_words(failed) == "failed: The loss is not finite"
    pruned = TrialStatus("trial 3", "pruned", {}, epoch=3, accuracy=0.25, seconds=61)
    assert trial_words(pruned) == "ended early, validation 0.2500 after 3 epochs in 1 min 01 s"
    whole = SearchStatus("search", trial, 3, 9, "trial 1", 0.75, 12.0)
    assert search_words(whole) == ("3 of 9 trials done, best 0.7500 (trial 1), about 12 s left")
    confirming = SearchStatus("confirmation", trial, 0, 6)
    assert search_words(confirming) == "0 of 6 trainings to confirm done"


def test_the_live_table_shows_the_trials_that_have_room() -> None:
    from rich.console import Console

    from glyphlab.cli.tuning_view import _table

    trials = [
        TrialStatus("trial 0", "complete", {"rotation": 2.5}, epoch=5, accuracy=0.75, seconds=3),
        TrialStatus("trial 1", "failed", {"rotation": 9.0}, reason="The loss \x1b is not finite"),
        TrialStatus("trial 2", "running", {"rotation": 1.0}, epoch=1, epochs=5, seconds_left=8),
    ]
    console = Console(width=100, file=StringIO())
    with console.capture() as captured:
        console.print(_table(SearchStatus("search", trials[2], 2, 9), trials))
    shown = captured.get()
    assert "2 of 9 trials done" in shown
    assert "rotation=2.5" in shown
    assert "1/5" in shown
    assert "8.0 s left" in shown
    assert "\\x1b is not finite" in shown
