"""A search on a real cluster of Ray, and trainings that several of its processes do together."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tests.integration.nodes import Nodes
from tests.places import tasks
from tests.toys import bars

import glyphlab
from glyphlab.errors import InputError
from glyphlab.places.local import HERE
from glyphlab.places.place import Place, Task
from glyphlab.training.recipe import default_recipe
from glyphlab.training.run import CHECKPOINT, WEIGHTS, Run
from glyphlab.tuning.training import Job, Outcome, Progress, train

# Ray leaves a log file of its client server open.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

QUICK = {"batch_size": 32, "precision": "float32", "validation": 0.2}
JOB = Job("trial 0", "logistic", {}, default_recipe("logistic").replace(**QUICK, epochs=20))


def test_workers_of_one_task_are_a_group(place: Place) -> None:
    task = Task("sum", tasks.add_up, (place.put(10.0),), workers=2)
    assert list(place.run([task])) == [(task, (21.0, 2, 1))]


def test_what_one_worker_says_is_said_for_all(place: Place) -> None:
    with pytest.raises(InputError, match=r"^this can't be used"):
        list(place.run([Task("refuse", tasks.refuse_on_the_second, ("this",), workers=2)]))


def test_workers_need_room_for_all(place: Place) -> None:
    with pytest.raises(InputError, match="4 workers of 1 cores need 4 at once"):
        list(place.run([Task("sum", tasks.add_up, (place.put(1.0),), workers=4)]))


def go_on(label: str, progress: Progress) -> bool:
    return False


def trained(place: Place, folder: Path, judge: Any, workers: int = 2) -> Outcome:
    """A trial that several processes do."""
    arguments = (JOB, place.put(bars(400)), place.calling(judge))
    task = Task("trial 0", train, arguments, workers=workers, folder=folder)
    [(_, outcome)] = place.run([task])
    return outcome


@pytest.fixture(scope="module")
def undisturbed(place: Place, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A trial by two workers, and what came of it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return folder, trained(place, folder, go_on)


def test_a_trial_by_two_workers_comes_back_as_one_run(
    undisturbed: tuple[Path, Outcome], tmp_path: Path
) -> None:
    folder, outcome = undisturbed
    run = Run(folder)
    assert outcome.state == "complete" and outcome.epochs == len(run.history) == 20
    assert run.info.finished and run.info.processes == 2
    alone = trained(HERE, tmp_path, go_on, workers=1)
    assert outcome.accuracy == pytest.approx(alone.accuracy, abs=0.03)


def test_a_trial_by_two_workers_is_ended_early_for_both(place: Place, tmp_path: Path) -> None:
    asked = []

    def judge(label: str, progress: Progress) -> bool:
        asked.append(progress.to_judge)
        return progress.to_judge and max(progress.values) >= 5

    outcome = trained(place, tmp_path / "run", judge)
    assert outcome.state == "pruned" and 10 <= outcome.epochs < 20
    assert any(asked) and not (tmp_path / "run" / WEIGHTS).exists()
    assert not (tmp_path / "run" / CHECKPOINT).exists()


def test_a_trial_of_which_a_worker_is_killed_goes_on(
    place: Place, undisturbed: tuple[Path, Outcome], tmp_path: Path
) -> None:
    killed: list[int] = []

    def judge(label: str, progress: Progress) -> bool:
        if progress.to_judge and not killed:
            killed.append(kill_a_worker())
        return False

    outcome = trained(place, tmp_path, judge)
    assert killed
    one, other = (load_file(folder / WEIGHTS) for folder in (tmp_path, undisturbed[0]))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert outcome.values == undisturbed[1].values


def kill_a_worker() -> int:
    """Kill one of the processes that train together; they are known by what Ray calls them."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if title.startswith(b"ray::") and b"RayTrainWorker" in title:
            os.kill(int(folder.name), signal.SIGKILL)
            return int(folder.name)
    raise AssertionError("no worker is there")


def test_a_search_by_several_workers_needs_a_cluster(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="need a cluster; compute --on ray"):
        glyphlab.tune("logistic", bars(120), workers=2, out=tmp_path / "search")
    assert not (tmp_path / "search").exists()


def test_a_search_by_two_workers_each_tries_and_confirms(nodes: Nodes, tmp_path: Path) -> None:
    found = glyphlab.tune(
        "logistic",
        bars(120),
        search={"learning_rate": "1e-4..1e-1 log"},
        fixed=QUICK | {"epochs": 3},
        trials=2,
        confirm=1,
        on="ray",
        workers=2,
        out=tmp_path / "search",
    )
    assert [trial.state for trial in found.trials] == ["complete"] * 2
    assert Run(tmp_path / "search" / "trials" / "0001").info.processes == 2


def test_a_search_tries_there_what_it_tries_here_until_results_guide_it(
    nodes: Nodes, tmp_path: Path
) -> None:
    def trials(on: str) -> list[Any]:
        found = glyphlab.tune(
            "logistic",
            bars(120),
            search={"learning_rate": "1e-4..1e-1 log", "average": "0.0,0.5"},
            fixed=QUICK | {"epochs": 3},
            trials=5,
            prune=False,
            confirm=1,
            on=on,
            out=tmp_path / on,
        )
        run = Run(tmp_path / on / "trials" / "0004")
        assert run.recipe.learning_rate == found.trials[4].settings["learning_rate"]
        assert found.confirmation is not None
        accuracies = [candidate.accuracy for candidate in found.confirmation.candidates]
        return [*(trial.to_json() | {"seconds": 0} for trial in found.trials), accuracies]

    assert trials("ray") == trials("local")
