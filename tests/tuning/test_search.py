"""A search without trainings: what is tried, in what order, and what is kept."""

import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.toys import bars
from tests.tuning.trials import SPACE, Pretended

from glyphlab.errors import GlyphlabError, InputError
from glyphlab.places.place import Task
from glyphlab.training.recipe import Recipe
from glyphlab.tuning.folder import ASKED, TRIALS, SearchFolder, open_folder
from glyphlab.tuning.ranges import Choices
from glyphlab.tuning.record import read_trials
from glyphlab.tuning.search import Plan, Search
from glyphlab.tuning.status import SearchStatus, tell_nobody
from glyphlab.tuning.training import Job, Outcome

BARS = bars(30)
FIRST = {"learning_rate": 1e-3, "rotation": 0.0, "epochs": 5, "schedule": "cosine"}


def plan(**changes: Any) -> Plan:
    chosen: dict[str, Any] = {
        "model": "logistic",
        "arguments": {},
        "base": Recipe(epochs=5),
        "space": SPACE,
        "first": FIRST,
        "trials": 14,
        "seed": 0,
        "prune": True,
    }
    return Plan(**(chosen | changes))


def search(folder: Path, place: Pretended, **changes: Any) -> Search:
    done = Search(plan(**changes), SearchFolder(folder), tell_nobody)
    done.go(place, BARS)
    return done


def lines(folder: Path) -> list[str]:
    return (folder / TRIALS).read_text().splitlines()


def test_the_recipe_to_start_from_is_the_first_trial(tmp_path: Path) -> None:
    done = search(tmp_path, Pretended(), trials=3)
    assert [trial.number for trial in done.ended] == [0, 1, 2]
    assert done.ended[0].settings == FIRST
    assert search(tmp_path / "b", Pretended(), first=None, trials=1).ended[0].settings != FIRST


def test_the_same_search_does_the_same_trials(tmp_path: Path) -> None:
    search(tmp_path / "a", Pretended())
    search(tmp_path / "b", Pretended())
    search(tmp_path / "c", Pretended(), seed=1)
    assert lines(tmp_path / "a") == lines(tmp_path / "b")
    assert lines(tmp_path / "a")[1:] != lines(tmp_path / "c")[1:]


class Killed(Exception):
    """The process ends, whatever it was doing."""


class Killing(Pretended):
    """A place on which the process is killed during a trial, or before it is noted."""

    def __init__(self, trials: int) -> None:
        super().__init__()
        self.trials = trials

    def outcome(self, job: Job) -> Outcome:
        if len(self.done) > self.trials:
            raise Killed
        return super().outcome(job)


@pytest.mark.parametrize("kills", [(0, 4), (11,), (1, 1, 1, 8)])
def test_a_search_that_was_killed_goes_on_as_if_it_was_not(
    tmp_path: Path, kills: tuple[int, ...]
) -> None:
    search(tmp_path / "whole", Pretended())
    for trials in kills:
        with pytest.raises(Killed):
            search(tmp_path / "parts", Killing(trials))
    place = Pretended()
    search(tmp_path / "parts", place)
    assert lines(tmp_path / "parts") == lines(tmp_path / "whole")
    assert len(place.done) == 14 - sum(kills)


def test_a_search_is_extended_by_more_trials(tmp_path: Path) -> None:
    search(tmp_path / "whole", Pretended())
    search(tmp_path / "parts", Pretended(), trials=6)
    search(tmp_path / "parts", Pretended())
    assert lines(tmp_path / "parts") == lines(tmp_path / "whole")


def test_trials_that_run_beside_each_other_are_all_different_and_all_kept(tmp_path: Path) -> None:
    place = Pretended(at_once=4)
    done = search(tmp_path, place)
    assert [trial.number for trial in done.ended] != list(range(14))
    assert [json.loads(line)["number"] for line in lines(tmp_path)] == list(range(14))
    settings = [trial.settings for trial in done.ended]
    assert all(a != b for a, b in itertools.combinations(settings, 2))


def test_what_was_begun_beside_others_is_tried_again_with_the_same_settings(
    tmp_path: Path,
) -> None:
    place = Killing(2)
    place.at_once = 4
    with pytest.raises(Killed):
        search(tmp_path, place)
    begun = {int(f.parent.name): json.loads(f.read_text()) for f in tmp_path.rglob(ASKED)}
    assert len(begun) > len(read_trials(tmp_path / TRIALS))
    done = search(tmp_path, Pretended())
    for trial in done.ended:
        assert trial.settings == begun.get(trial.number, trial.settings)


class Failing(Pretended):
    """A place on which some trials diverge."""

    def outcome(self, job: Job) -> Outcome:
        number = int(job.label.split()[1])
        if number % 2:
            return Outcome(job.label, "failed", reason="The loss is not finite in epoch 1")
        return super().outcome(job)


def test_a_trial_that_fails_is_noted_and_the_search_goes_on(tmp_path: Path) -> None:
    done = search(tmp_path, Failing(), trials=4)
    assert [trial.state for trial in done.ended] == ["complete", "failed"] * 2
    assert done.ended[1].reason == "The loss is not finite in epoch 1"


class AllFailing(Pretended):
    """A place on which every trial diverges."""

    def outcome(self, job: Job) -> Outcome:
        return Outcome(job.label, "failed", reason="The loss is not finite in epoch 1")


def test_a_search_of_which_all_trials_fail_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(GlyphlabError, match="All 3 trials failed; the last: The loss is not"):
        search(tmp_path, AllFailing(), trials=3)
    assert len(lines(tmp_path)) == 3


def test_keys_that_exclude_each_other_fail_a_trial_only(tmp_path: Path) -> None:
    space = {"min_steps": Choices((0, 50)), "max_steps": Choices((20, 100))}
    done = search(tmp_path, Pretended(), space=space, first=None, trials=20)
    assert done.exhausted
    states = {(t.settings["min_steps"], t.settings["max_steps"]): t.state for t in done.ended}
    assert states == {
        (0, 20): "complete",
        (0, 100): "complete",
        (50, 100): "complete",
        (50, 20): "failed",
    }
    failed = next(trial for trial in done.ended if trial.state == "failed")
    assert "min_steps must not be above max_steps" in str(failed.reason)


def test_after_the_time_is_over_no_trial_is_begun_but_one_always_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count()
    monkeypatch.setattr("glyphlab.tuning.search.time.monotonic", lambda: next(clock))
    assert len(search(tmp_path / "a", Pretended(), seconds=3.5).ended) == 3
    assert len(search(tmp_path / "b", Pretended(), seconds=0.5).ended) == 1


class Judging(Pretended):
    """A place on which each trial asks, half-way, whether to end early."""

    def __init__(self) -> None:
        super().__init__()
        self.ended_early: dict[str, bool] = {}

    def run(self, tasks: Iterable[Task[Any]]) -> Iterator[tuple[Task[Any], Any]]:
        from glyphlab.tuning.training import Progress

        for task in tasks:
            job, _, judge = task.arguments
            value = 0.9 - int(job.label.split()[1]) / 10
            values = {6: value}
            progress = Progress(3, 5, 3, 5, value, 1.0, values, to_judge=True)
            self.ended_early[job.label] = early = judge(job.label, progress)
            state, final = ("pruned", None) if early else ("complete", value)
            yield task, Outcome(job.label, state, final, value, 1.0, values, 3, 1.0)  # type: ignore[arg-type]


def test_trials_are_ended_early_unless_that_is_not_wanted(tmp_path: Path) -> None:
    place = Judging()
    done = search(tmp_path / "a", place, trials=7)
    assert [label for label, early in place.ended_early.items() if early] == ["trial 5", "trial 6"]
    assert [t.state for t in done.ended] == ["complete"] * 5 + ["pruned"] * 2
    place = Judging()
    search(tmp_path / "b", place, trials=7, prune=False)
    assert not any(place.ended_early.values())


def test_who_watches_is_told_of_each_trial_and_of_the_whole(tmp_path: Path) -> None:
    told: list[SearchStatus] = []
    under_way = Search(plan(trials=3), SearchFolder(tmp_path), told.append)
    under_way.go(Pretended(), BARS)
    assert [(s.trial.label, s.trial.state, s.ended) for s in told] == [
        ("trial 0", "running", 0),
        ("trial 0", "complete", 1),
        ("trial 1", "running", 1),
        ("trial 1", "complete", 2),
        ("trial 2", "running", 2),
        ("trial 2", "complete", 3),
    ]
    assert [status.seconds_left for status in told] == [None, 4.0, 4.0, 2.0, 2.0, 0.0]
    assert told[-1].best_accuracy == max(t.validation_accuracy or 0 for t in under_way.ended)
    again: list[SearchStatus] = []
    Search(plan(trials=3), SearchFolder(tmp_path), again.append).go(Pretended(), BARS)
    assert [status.trial.earlier for status in again] == [True] * 3


def test_a_list_of_trials_of_another_space_is_refused(tmp_path: Path) -> None:
    search(tmp_path, Pretended(), trials=2)
    file = tmp_path / TRIALS
    file.write_text(file.read_text().replace('"epochs": 5', '"epochs": 50', 1))
    with pytest.raises(InputError, match="trial 0 lies outside the search space"):
        search(tmp_path, Pretended(), trials=2)


SEARCH = {
    "model": "mlp",
    "arguments": {"hidden": (300,)},
    "fingerprint": "abc",
    "recipe": {"learning_rate": 0.1},
    "space": {"rotation": "0..5"},
    "seed": 0,
    "prune": True,
    "confirmed": True,
}


def test_the_folder_of_a_search_is_found_again(tmp_path: Path) -> None:
    open_folder(tmp_path / "s", SEARCH, {"dataset": "letters"})
    before = (tmp_path / "s" / "search.json").read_text()
    open_folder(tmp_path / "s", SEARCH, {"dataset": "letters"})
    assert (tmp_path / "s" / "search.json").read_text() == before


@pytest.mark.parametrize(
    ("key", "other", "said"),
    [
        ("model", "conv2", "another model;"),
        ("arguments", {"hidden": [500]}, "another list of model arguments"),
        ("fingerprint", "def", "another Dataset"),
        ("recipe", {"learning_rate": 0.2}, "another Recipe to start from"),
        ("space", {"rotation": "0..6"}, "another search space"),
        ("seed", 1, "another seed"),
        ("prune", False, "another choice of pruning"),
        ("confirmed", False, "another choice whether images are set aside"),
    ],
)
def test_another_search_in_the_same_folder_is_refused(
    tmp_path: Path, key: str, other: object, said: str
) -> None:
    open_folder(tmp_path, SEARCH, {})
    with pytest.raises(InputError, match=said):
        open_folder(tmp_path, SEARCH | {key: other}, {})


@pytest.mark.parametrize("text", ["{", "[]", '{"format": "other"}'])
def test_a_folder_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "search.json").write_text(text)
    with pytest.raises(InputError, match=r"search\.json"):
        open_folder(tmp_path, SEARCH, {})
