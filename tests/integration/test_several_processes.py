"""Processes that train together, started by the command, and killed.

LeNet-5 has neither dropout nor batch norm nor maxima, so that sums in another order are all that
several processes change.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.sharding import write_shards
from tests.toys import bars

from glyphlab.data.formats import save_dataset
from glyphlab.training.run import CHECKPOINT, WEIGHTS, Run

STEPS = 100
WORDS = (
    *("--set", f"steps={STEPS}", "--set", "batch_size=96", "--set", "optimizer=sgd"),
    *("--set", "learning_rate=0.05", "--set", "precision=float32", "--set", "device=cpu"),
)
AGREEMENT = 1e-3
"""Largest difference of a weight after these steps, over the largest weight of its tensor."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "bars.safetensors"
    save_dataset(bars(1_200), path)
    return path


@pytest.fixture(scope="module")
def alone(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training by one process that nobody disturbed."""
    return finished(data, tmp_path_factory.mktemp("alone") / "run", 1)


@pytest.fixture(scope="module")
def pair(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same by two."""
    return finished(data, tmp_path_factory.mktemp("pair") / "run", 2)


def command(data: Path, out: Path, workers: int, *more: str, model: str = "lenet5") -> list[str]:
    train = ["-m", "glyphlab", "train", model, "--data", str(data), "--out", str(out), *WORDS]
    return [sys.executable, *train, "--workers", str(workers), *more]


def started(words: list[str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def finished(data: Path, out: Path, workers: int, *more: str, model: str = "lenet5") -> Path:
    process = started(command(data, out, workers, *more, model=model))
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return out


def in_the_middle(
    data: Path, out: Path, workers: int = 2, model: str = "lenet5"
) -> subprocess.Popen[str]:
    """A training whose first checkpoint is there."""
    process = started(command(data, out, workers, model=model))
    deadline = time.monotonic() + 180
    while not (out / CHECKPOINT).exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.02)
    return process


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that another has started, the first first."""
    found = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True
    )
    return sorted(map(int, found.stdout.split()))


def difference(one: Path, other: Path) -> float:
    """The largest difference of a weight, over the largest weight of its tensor."""
    a, b = load_file(one / WEIGHTS), load_file(other / WEIGHTS)
    assert a.keys() == b.keys()
    return max(float((a[key] - b[key]).abs().max() / b[key].abs().max()) for key in a)


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def test_two_and_four_processes_agree_with_one(
    data: Path, alone: Path, pair: Path, tmp_path: Path
) -> None:
    four = finished(data, tmp_path / "run", 4)
    for several in (pair, four):
        assert difference(several, alone) < AGREEMENT
        for mine, theirs in zip(Run(several).history, Run(alone).history, strict=True):
            assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
            assert mine["validation_loss"] == pytest.approx(theirs["validation_loss"], rel=1e-3)
        assert Run(several).info.n_train == Run(alone).info.n_train
    assert (Run(pair).info.processes, Run(alone).info.processes) == (2, 1)


def test_torchrun_is_the_same_as_workers(data: Path, pair: Path, tmp_path: Path) -> None:
    words = command(data, tmp_path / "run", 1)[1:]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    process = started([*torchrun, "--standalone", *words])
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert difference(tmp_path / "run", pair) == 0


@pytest.mark.parametrize("number", [0, 1])
def test_a_killed_worker_ends_the_training_and_it_goes_on(
    data: Path, alone: Path, pair: Path, tmp_path: Path, number: int
) -> None:
    process = in_the_middle(data, tmp_path / "run")
    workers = workers_of(process)
    os.kill(workers[number], signal.SIGKILL)
    _, said = process.communicate(timeout=180)
    assert process.returncode == 1
    assert f"Process {number + 1} of 2 was ended by signal 9" in said
    assert "Traceback" not in said
    assert all(map(is_gone, workers))
    assert (tmp_path / "run" / CHECKPOINT).exists()
    if number == 0:
        assert difference(finished(data, tmp_path / "run", 1, "--resume"), alone) < AGREEMENT
    else:
        assert difference(finished(data, tmp_path / "run", 2, "--resume"), pair) == 0


def test_workers_end_with_the_one_that_started_them(data: Path, pair: Path, tmp_path: Path) -> None:
    process = in_the_middle(data, tmp_path / "run")
    workers = workers_of(process)
    process.kill()
    process.communicate(timeout=180)
    deadline = time.monotonic() + 180
    while not all(map(is_gone, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert difference(finished(data, tmp_path / "run", 2, "--resume"), pair) == 0


def test_ctrl_c_stops_all_and_nothing_is_lost(data: Path, pair: Path, tmp_path: Path) -> None:
    process = in_the_middle(data, tmp_path / "run")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=180)
    assert process.returncode == 130
    assert said.count("Stopped after step") == 1
    assert difference(finished(data, tmp_path / "run", 2, "--resume"), pair) == 0


def test_running_means_of_batch_norm_go_on_where_they_were(data: Path, tmp_path: Path) -> None:
    undisturbed = finished(data, tmp_path / "undisturbed", 2, model="glyphnet-small")
    process = in_the_middle(data, tmp_path / "run", model="glyphnet-small")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=180)
    assert process.returncode == 130
    resumed = finished(data, tmp_path / "run", 2, "--resume", model="glyphnet-small")
    assert any("running_mean" in key for key in load_file(resumed / WEIGHTS))
    assert difference(resumed, undisturbed) == 0
    assert Run(resumed).info.validation_accuracy == Run(undisturbed).info.validation_accuracy


def test_shards_are_shared_as_one_file_is(data: Path, tmp_path: Path) -> None:
    shards = write_shards(bars(1_200), tmp_path / "shards", 200)
    runs = [finished(shards, tmp_path / f"run{n}", n) for n in (1, 2)]
    assert difference(*runs) < AGREEMENT


@pytest.mark.parametrize(
    ("workers", "more", "sentence"),
    [
        (5, (), "A batch of 96 can't be divided evenly among 5 processes"),
        (2, ("--set", "epoch=3"), "epoch is no key of a Recipe"),
        (2, ("--set", "device=cuda"), "There is no device cuda"),
        (0, (), "--workers"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    data: Path, tmp_path: Path, workers: int, more: tuple[str, ...], sentence: str
) -> None:
    if "cuda" in sentence and torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    process = started(command(data, tmp_path / "run", workers, *more))
    _, said = process.communicate(timeout=180)
    assert process.returncode == 2
    assert said.count(sentence) == 1
    assert "Traceback" not in said
    assert not (tmp_path / "run").exists()


def test_a_run_that_is_there_is_refused_by_all(data: Path, pair: Path) -> None:
    process = started(command(data, pair, 2))
    _, said = process.communicate(timeout=180)
    assert process.returncode == 2
    assert said.count("already holds a run") == 1
