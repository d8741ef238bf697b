"""Real clusters of Ray on this machine, with nodes and processes that are really killed."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.integration.nodes import Nodes
from tests.places import tasks
from tests.toys import bars

import glyphlab
from glyphlab.auditing.out_of_sample import out_of_sample
from glyphlab.data.formats import save_dataset
from glyphlab.errors import GlyphlabError, InputError, Interrupted
from glyphlab.lab.comparing import compare_runs, find_runs
from glyphlab.lab.tasks import Plan, run_lab
from glyphlab.lab.trainings import Training, train_all
from glyphlab.lab.watching import Note
from glyphlab.places.local import HERE
from glyphlab.places.opening import open_place
from glyphlab.places.place import Place, Task
from glyphlab.training.recipe import default_recipe
from glyphlab.training.run import Run
from glyphlab.training.status import Status

# Ray leaves a log file of its client server open.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

QUICK = {"batch_size": 32, "precision": "float32", "validation": 0.2}


def results(place: Place, *given: Task[Any]) -> list[Any]:
    """What the tasks gave, in the order given."""
    found = {id(task): result for task, result in place.run(given)}
    return [found[id(task)] for task in given]


def test_tasks_are_done_with_what_they_are_given(place: Place) -> None:
    assert place.at_once == 3
    assert results(place, *[Task(f"{n}", tasks.double, (n,)) for n in range(9)]) == [
        2 * n for n in range(9)
    ]
    assert results(place, Task("one", tasks.threads)) == [("1", 1)]


def test_a_task_that_no_node_has_room_for_is_refused(place: Place) -> None:
    with pytest.raises(InputError, match="wide needs 2 cores of one node"):
        results(place, Task("wide", tasks.double, (1,), cores=2))


def test_a_dataset_is_sent_once_and_read_there_without_a_copy(place: Place) -> None:
    dataset = bars()
    shared = place.put(dataset)
    assert shared.get() is dataset
    for seen in results(place, *[Task("see", tasks.describe, (shared,)) for _ in range(2)]):
        assert seen == {
            "owned": False,
            "writeable": False,
            "fingerprint": dataset.fingerprint,
            "part": (5, "bars/1/4.png"),
            "renamed": "other",
        }


def test_tasks_call_functions_of_this_process(place: Place) -> None:
    def ask(number: int, *, more: int = 0) -> tuple[int, int]:
        return number + more, os.getpid()

    called = [Task("ask", tasks.ask, (place.calling(ask), n)) for n in range(3)]
    assert results(place, *called) == [(n, os.getpid()) for n in range(3)]

    def refuse() -> None:
        raise InputError("Nobody wants that.")

    forgiving = Task("forgive", tasks.ask_and_forgive, (place.calling(refuse),))
    assert results(place, forgiving) == ["Nobody wants that."]


def test_tasks_that_come_one_by_one_are_asked_for_as_there_is_room(place: Place) -> None:
    most, ended = 0, 0

    def given() -> Iterator[Task[int]]:
        nonlocal most
        for number in range(8):
            most = max(most, number + 1 - ended)
            yield Task("double", tasks.double, (number,))

    for _ in place.run(given()):
        ended += 1
    assert (ended, most) == (8, 3)


def test_errors_of_tasks_are_what_they_were(place: Place) -> None:
    with pytest.raises(InputError, match=r"^this can't be used; give another\.$") as refused:
        results(place, Task("refuse", tasks.refuse, ("this",)))
    assert type(refused.value) is InputError
    with pytest.raises(KeyError, match="a defect"):
        results(place, Task("fail", tasks.fail))


def test_a_folder_goes_there_and_comes_back(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    assert results(place, Task("write", tasks.write_more, ("a",), folder=folder)) == [[]]
    task = Task("write", tasks.write_more, ("b",), folder=folder)
    assert results(place, task) == [["lines.txt", "number.bin"]]
    assert (folder / "lines.txt").read_text() == "ab"
    assert (folder / "deep" / "number.bin").read_bytes() == b"\0\1"
    with pytest.raises(InputError, match=f"^The run in {tmp_path / 'refused'} has another"):
        refused = Task("refuse", tasks.refuse_in_folder, folder=tmp_path / "refused")
        results(place, refused)
    assert (tmp_path / "refused" / "left.txt").read_text() == "so far"
    assert sorted(path.name for path in tmp_path.rglob(".*")) == []


def test_a_task_whose_process_is_killed_is_done_again(place: Place, tmp_path: Path) -> None:
    mark = tmp_path / "killed"
    (process,) = results(place, Task("die", tasks.die_once, (str(mark),)))
    assert mark.exists()
    assert process != os.getpid()


def test_a_task_that_always_dies_is_told_of(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GlyphlabError, match="doomed has ended 4 times without a result"):
        results(place, Task("doomed", tasks.die_always))
    assert capfd.readouterr().out == ""


def test_ctrl_c_lets_tasks_end_and_keeps_their_folders(place: Place, tmp_path: Path) -> None:
    started, folder = tmp_path / "started", tmp_path / "run"

    def interrupt() -> None:
        wait_for(started.exists)
        signal.raise_signal(signal.SIGINT)

    long = Task("long", tasks.work_until_stopped, (str(started),), folder=folder)
    threading.Thread(target=interrupt).start()
    with pytest.raises(Interrupted, match="Stopped after 0 tasks; 1 were being done"):
        results(place, long)
    assert (folder / "checkpoint.txt").read_text() == "half-way"


def test_a_node_with_other_versions_is_refused(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glyphlab.places.cluster.own_versions", lambda: there | {"torch": "1.0"})
    from glyphlab.places.versions import own_versions

    there = own_versions()
    with (
        pytest.raises(
            InputError, match=rf"Node .+ has torch {there['torch']}, but this machine has torch 1\."
        ),
        open_place("ray"),
    ):
        pass


def trainings(folder: Path, seeds: int = 3, **settings: object) -> list[Training]:
    dataset = bars(200)
    return [
        Training(
            f"{model}, seed {seed}",
            model,
            dataset,
            default_recipe(model).replace(**(QUICK | {"epochs": 8} | settings), seed=seed),
            folder / model / f"seed{seed}",
        )
        for model in ("logistic", "mlp")
        for seed in range(seeds)
    ]


@contextmanager
def silent(titles: Sequence[str]) -> Iterator[None]:
    yield


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same runs: recipes, weights and losses, bit for bit."""
    names = sorted(path.relative_to(one) for path in one.rglob("run.json"))
    if not names or names != sorted(path.relative_to(other) for path in other.rglob("run.json")):
        return False
    for name in names:
        first, second = Run((one / name).parent), Run((other / name).parent)
        weights, others = (load_file(run.path / "weights.safetensors") for run in (first, second))
        losses = [[entry["loss"] for entry in run.history] for run in (first, second)]
        if first.recipe != second.recipe or losses[0] != losses[1]:
            return False
        if not all(torch.equal(weights[key], others[key]) for key in weights):
            return False
    return True


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of a sweep that was done here, on one thread."""
    folder = tmp_path_factory.mktemp("undisturbed")
    train_all(trainings(folder), HERE, silent, folder)
    return folder


def test_a_sweep_gives_the_runs_of_a_local_one(
    place: Place, tmp_path: Path, undisturbed: Path
) -> None:
    told: list[tuple[str, str, str, Status | None]] = []

    @contextmanager
    def watch(titles: Sequence[str]) -> Iterator[Note]:
        assert len(titles) == 6

        def note(title: str, state: str, node: str = "", status: Status | None = None) -> None:
            told.append((title, state, node, status))

        yield note

    train_all(trainings(tmp_path), place, watch, tmp_path)
    assert same(tmp_path, undisturbed)
    of_one = [each[1:] for each in told if each[0] == "mlp, seed 1"]
    assert [state for state, *_ in of_one] == ["running"] * (len(of_one) - 1) + ["done"]
    assert of_one[0][1] == os.uname().nodename
    assert of_one[-2][2] is not None
    assert of_one[-2][2].step == of_one[-2][2].steps
    files = sorted(path.name for path in (tmp_path / "mlp" / "seed1").iterdir())
    assert files == sorted(p.name for p in (undisturbed / "mlp" / "seed1").iterdir())
    before = (tmp_path / "mlp" / "seed1" / "weights.safetensors").stat().st_mtime_ns
    train_all(trainings(tmp_path), place, watch, tmp_path)
    assert (tmp_path / "mlp" / "seed1" / "weights.safetensors").stat().st_mtime_ns == before


def test_a_training_that_was_stopped_here_goes_on_there(
    place: Place, tmp_path: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def impatient(titles: Sequence[str]) -> Iterator[Note]:
        def note(title: str, state: str, node: str = "", status: Status | None = None) -> None:
            if status is not None and title == "mlp, seed 0":
                signal.raise_signal(signal.SIGINT)

        yield note

    with pytest.raises(Interrupted):
        train_all(trainings(tmp_path), HERE, impatient, tmp_path)
    assert (tmp_path / "mlp" / "seed0" / "checkpoint.safetensors").exists()
    train_all(trainings(tmp_path), place, silent, tmp_path)
    assert same(tmp_path, undisturbed)
    assert not (tmp_path / "mlp" / "seed0" / "checkpoint.safetensors").exists()


def test_a_run_of_another_recipe_is_refused_before_anything_is_trained(
    place: Place, tmp_path: Path
) -> None:
    train_all(trainings(tmp_path, seeds=1), HERE, silent, tmp_path)
    with pytest.raises(InputError, match="has another Recipe"):
        train_all(trainings(tmp_path, seeds=2, epochs=9), place, silent, tmp_path)
    assert len(list(tmp_path.rglob("run.json"))) == 2


def test_a_lab_audit_and_comparison_are_those_of_this_machine(place: Place, tmp_path: Path) -> None:
    def plan(name: str) -> Plan:
        train, test = bars(160), bars(90, seed=1).renamed("bars-test")
        doubled = glyphlab.concatenate([train, test.subset(np.arange(6))])
        settings = {"batch_size": 32, "precision": "float32", "steps": 12}
        models = ("logistic", "mlp")
        return Plan(doubled, test, tmp_path / name, models=models, seeds=2, settings=settings)

    there, here = run_lab(plan("there"), silent, place=place), run_lab(plan("here"), silent)
    assert same(tmp_path / "there", tmp_path / "here")
    for one, other in zip(there.results, here.results, strict=True):
        for first, second in zip(one.runs, other.runs, strict=True):
            probabilities = first.evaluation.probabilities, second.evaluation.probabilities
            assert np.array_equal(*probabilities)
    assert there.answers[0] == here.answers[0]

    test = bars(60, seed=2).renamed("others")
    runs = find_runs([tmp_path / "there"]), find_runs([tmp_path / "here"])
    compared = compare_runs(runs[0], test, place=place), compare_runs(runs[1], test)
    assert compared[0].pairs[0].difference == compared[1].pairs[0].difference

    recipe = default_recipe("glyphnet-small").replace(steps=6, batch_size=16)
    opinions = [
        out_of_sample(bars(60), bars(9, seed=1), folds=3, recipe=recipe, place=where)
        for where in (place, HERE)
    ]
    assert np.array_equal(opinions[0].own.probabilities, opinions[1].own.probabilities)
    assert np.array_equal(opinions[0].test.probabilities, opinions[1].test.probabilities)


def test_evidence_is_that_of_this_machine(place: Place, tmp_path: Path) -> None:
    def found(name: str, where: Place) -> dict[str, Any]:
        (one,) = glyphlab.evidence(
            *(bars(200), bars(90, seed=1).renamed("bars-test")),
            ["notebook-head"],
            seeds=2,
            scale=0.02,
            out=tmp_path / name,
            place=where,
        )
        return {key: value for key, value in one.to_json().items() if key != "seconds"}

    assert found("there", place) == found("here", HERE)
    names = [
        sorted(path.name for path in (tmp_path / name / "notebook-head").iterdir())
        for name in ("there", "here")
    ]
    assert names[0] == names[1]


def test_a_training_whose_process_is_killed_ends_in_the_same_weights(
    place: Place, tmp_path: Path, undisturbed: Path
) -> None:
    mark, folder = tmp_path / "killed", tmp_path / "runs" / "mlp" / "seed2"
    training = trainings(tmp_path / "runs")[-1]
    arguments = (str(mark), training.order(place), place.put(training.dataset))
    results(place, Task("killed", tasks.train_but_die_once, arguments, folder=folder))
    assert mark.exists()
    assert same(folder, undisturbed / "mlp" / "seed2")


def lab(here: Path, on: str = "ray", epochs: int = 8) -> "subprocess.Popen[str]":
    words = ["lab", "--data", "bars.safetensors", "--test", "test.safetensors", "--out", "lab"]
    words += ["--models", "logistic,mlp", "--seeds", "3", "--no-audit", "--format", "md"]
    for key, value in (QUICK | {"epochs": epochs}).items():
        words += ["--set", f"{key}={value}"]
    return subprocess.Popen(
        [sys.executable, "-m", "glyphlab", *words, "--on", on],
        cwd=here,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def save_images(here: Path) -> None:
    save_dataset(bars(200), here / "bars.safetensors")
    save_dataset(bars(90, seed=1).renamed("bars-test"), here / "test.safetensors")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_command_goes_on_to_the_runs_of_an_undisturbed_one(
    nodes: Nodes, tmp_path: Path, number: signal.Signals
) -> None:
    save_images(tmp_path)
    runs, epochs = tmp_path / "lab" / "runs" / "corrected", 60
    process = lab(tmp_path, epochs=epochs)
    wait_for(lambda: process.poll() is not None or any(runs.rglob("weights.safetensors")))
    process.send_signal(number)
    _, error = process.communicate()
    if number == signal.SIGINT:
        assert process.returncode == 130, error
        assert "To go on, repeat the command." in error
    finished = list(runs.rglob("weights.safetensors"))
    assert 1 <= len(finished) < 6, error
    before = [path.stat().st_mtime_ns for path in finished]
    again = lab(tmp_path, epochs=epochs)
    _, error = again.communicate()
    assert again.returncode == 0, error
    assert [path.stat().st_mtime_ns for path in finished] == before
    folder = tmp_path / "undisturbed"
    train_all(trainings(folder, epochs=epochs), HERE, silent, folder)
    assert same(runs, folder)


def test_a_cluster_is_used_from_a_machine_outside_it(
    nodes: Nodes, tmp_path: Path, undisturbed: Path
) -> None:
    save_images(tmp_path)
    process = lab(tmp_path, f"ray://127.0.0.1:{nodes.port}")
    _, error = process.communicate()
    assert process.returncode == 0, error
    assert same(tmp_path / "lab" / "runs" / "corrected", undisturbed)
    node = os.uname().nodename
    assert set(re.findall(rf"^(.+) on {node}: ", error, re.MULTILINE)) == {
        f"{model}, seed {seed}" for model in ("logistic", "mlp") for seed in range(3)
    }
    assert "Traceback" not in error
    assert "ray" not in error.replace("array", "").lower()


def test_a_node_that_dies_in_the_middle_of_a_sweep_costs_time_only(
    nodes: Nodes, place: Place, tmp_path: Path, undisturbed: Path
) -> None:
    killed = threading.Event()

    @contextmanager
    def watch(titles: Sequence[str]) -> Iterator[Note]:
        running: set[str] = set()

        def note(title: str, state: str, node: str = "", status: Status | None = None) -> None:
            running.add(title)
            if len(running) == 3 and not killed.is_set():  # one on each node
                killed.set()
                nodes.kill_one()

        yield note

    train_all(trainings(tmp_path), place, watch, tmp_path)
    assert killed.is_set()
    assert same(tmp_path, undisturbed)
    nodes.others.append(nodes.add())


def wait_for(ready: Callable[[], object], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.01)
    pytest.fail("it has not happened")
