"""Trials side by side in processes."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.toys import bars

import glyphlab
from glyphlab.errors import GlyphlabError, Interrupted
from glyphlab.lab.evidence import experiments
from glyphlab.lab.evidence.material import Budget, Material
from glyphlab.lab.evidence.trial import Trial, outcome_file, run_trial
from glyphlab.lab.evidence.workers import MATERIAL, Workers, workers
from glyphlab.progress import no_progress

IMAGES = Material.of(bars(200), bars(90, seed=1).renamed("bars-test"), Budget(seeds=2))


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with workers(IMAGES, tmp_path_factory.mktemp("team"), 2) as started:
        yield started


def trials(steps: int = 6, **settings: object) -> list[Trial]:
    return [Trial("a", "logistic", steps, seed, settings=settings) for seed in range(3)]


def test_outcomes_are_those_of_one_trial_after_the_other(team: Workers, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    team.do(trials(), tmp_path / "team", lambda *done: told.append(done))
    assert told[-1] == (18, 18)
    for trial in trials():
        file = outcome_file(trial, IMAGES, tmp_path / "team")
        assert file.exists()
        beside = run_trial(trial, IMAGES, tmp_path / "team")
        alone = run_trial(trial, IMAGES, tmp_path / "alone")
        assert np.array_equal(beside.correct[0], alone.correct[0])
        assert (beside.loss, beside.parameters) == (alone.loss, alone.parameters)
    assert len(list((tmp_path / "team").iterdir())) == 3


def test_a_trial_that_fails_is_told_by_its_own_sentence(team: Workers, tmp_path: Path) -> None:
    with pytest.raises(GlyphlabError, match="not finite"):
        team.do(trials(learning_rate=1e30, optimizer="sgd"), tmp_path, no_progress)


def test_ctrl_c_stops_all_and_the_trainings_in_hand_go_on(tmp_path: Path) -> None:
    long = trials(steps=4_000)[:2]

    def interrupt(done: int, total: int | None) -> None:
        if done:
            signal.raise_signal(signal.SIGINT)

    with (
        workers(IMAGES, tmp_path, 2) as team,
        pytest.raises(Interrupted, match=r"Stopped after [\d,]+ of 8,000 steps; all is saved in"),
    ):
        team.do(long, tmp_path / "e", interrupt)
    assert not (tmp_path / MATERIAL).exists()
    begun = sorted((tmp_path / "e").iterdir())
    assert [path.suffix for path in begun] == [".training"] * len(begun)
    assert begun
    steps: list[int] = []
    run_trial(long[0], IMAGES, tmp_path / "e", lambda status: steps.append(status.step))
    assert steps[-1] == 4_000


def test_a_worker_that_is_killed_is_told_of(tmp_path: Path) -> None:
    with workers(IMAGES, tmp_path, 1) as team:
        team.processes[0].kill()
        with pytest.raises(GlyphlabError, match="ended; repeat the command to go on"):
            team.do(trials(), tmp_path / "e", no_progress)


def test_evidence_by_a_team_is_that_of_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(folder: str) -> dict[str, object]:
        (one,) = glyphlab.evidence(
            *(bars(200), bars(90, seed=1).renamed("bars-test")),
            ["notebook-head"],
            seeds=2,
            scale=0.02,
            out=tmp_path / folder,
        )
        return {key: value for key, value in one.to_json().items() if key != "seconds"}

    alone = found("alone")
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(experiments, "SECONDS_WORTH_A_TEAM", 0.0)
    assert json.dumps(found("team")) == json.dumps(alone)
    assert sorted(path.name for path in (tmp_path / "team").iterdir()) == ["notebook-head"]
