"""`glyphlab.tune` on toy images, with real trainings."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.interruption import StopAfter
from tests.toys import bars

import glyphlab
from glyphlab.data.ingest import TrainTest
from glyphlab.errors import Diverged, GlyphlabError, InputError, Interrupted
from glyphlab.training import fit
from glyphlab.training.recipe import Recipe, load_recipe
from glyphlab.training.run import Run
from glyphlab.tuning.status import SearchStatus

BARS = bars(120, size=8)
RECIPE = Recipe(batch_size=32, epochs=3, learning_rate=0.01)
POOR = RECIPE.replace(learning_rate=1e-4)
"""A Recipe that most others are better than."""
SEARCH = {"learning_rate": "1e-4..1e-1 log", "average": "0.0,0.5"}


def tune(out: Path, recipe: Recipe = RECIPE, **changes: Any) -> glyphlab.Tuning:
    options: dict[str, Any] = {"search": SEARCH, "trials": 4, "confirm": 0, "out": out}
    return glyphlab.tune("logistic", BARS, recipe, **(options | changes))


def without_seconds(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "trials.jsonl").read_text().splitlines()
    return [json.loads(line) | {"seconds": None} for line in lines]


def test_a_search_leaves_a_run_for_each_trial_and_the_best_recipe(tmp_path: Path) -> None:
    found = tune(tmp_path / "s")
    assert [trial.number for trial in found.trials] == [0, 1, 2, 3]
    for trial in found.trials:
        run = Run(tmp_path / "s" / "trials" / f"{trial.number:04d}")
        assert run.recipe == RECIPE.replace(**trial.settings, seed=0)
        assert run.info.validation_accuracy == trial.validation_accuracy
        assert run.history[-1]["validation_loss"] == trial.validation_loss
        n = run.info.n_validation or 0
        value = (trial.validation_accuracy or 0) + math.exp(-(trial.validation_loss or 0)) / n
        assert trial.value == value
        assert (found.n_train, found.n_validation) == (run.info.n_train, n)
    assert found.best.value == max(trial.value or 0 for trial in found.trials)
    assert load_recipe(tmp_path / "s" / "best.toml") == found.recipe
    assert found.recipe == RECIPE.replace(**found.best.settings)
    saved = json.loads((tmp_path / "s" / "tune.json").read_text())
    assert saved == json.loads(json.dumps(found.to_json()))
    assert "learning_rate" in (tmp_path / "s" / "tune.md").read_text()
    assert "4 trials" in repr(found)


def test_the_recipes_own_seed_is_kept_for_trainings_to_come(tmp_path: Path) -> None:
    recipe = RECIPE.replace(seed=7)
    found = glyphlab.tune(
        "logistic", BARS, recipe, search=SEARCH, trials=2, confirm=0, seed=3, out=tmp_path
    )
    assert Run(tmp_path / "trials" / "0001").recipe.seed == 3
    assert found.recipe.seed == load_recipe(tmp_path / "best.toml").seed == 7


def test_every_trial_is_judged_on_the_same_images(tmp_path: Path) -> None:
    tune(tmp_path, search={"batch_size": "16,32"}, trials=2)
    infos = [Run(tmp_path / "trials" / f"{n:04d}").info for n in range(2)]
    assert infos[0].fingerprint == infos[1].fingerprint == BARS.fingerprint
    recipes = [Run(tmp_path / "trials" / f"{n:04d}").recipe for n in range(2)]
    assert {(r.seed, r.validation) for r in recipes} == {(0, RECIPE.validation)}


def test_a_search_that_is_stopped_goes_on_with_the_trial_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tune(tmp_path / "whole")
    per_epoch = math.ceil(108 / 32)
    stop = StopAfter(monkeypatch, 3 * per_epoch + per_epoch + 2)
    with pytest.raises(Interrupted, match="Stopped after 1 of 4 trials; all is saved in"):
        tune(tmp_path / "parts")
    monkeypatch.setattr(fit, "take_step", stop.take_step)
    again = StopAfter(monkeypatch, 10_000)
    tune(tmp_path / "parts")
    assert len(stop.taken) + len(again.taken) == 4 * 3 * per_epoch
    assert without_seconds(tmp_path / "parts") == without_seconds(tmp_path / "whole")


def test_a_search_that_is_done_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tune(tmp_path, POOR, confirm=2)

    def no_step(*_: object) -> None:
        raise AssertionError("something is trained")

    monkeypatch.setattr(fit, "take_step", no_step)
    again = tune(tmp_path, POOR, confirm=2)
    assert again.trials == first.trials
    assert again.to_json() == first.to_json()


def test_the_best_is_confirmed_on_images_that_no_trial_has_seen(tmp_path: Path) -> None:
    told: list[SearchStatus] = []
    found = tune(tmp_path, POOR, confirm=2, report=told.append)
    assert found.changes
    assert found.confirmation is not None
    assert found.pair is not None
    (tuned, untuned) = [
        [Run(tmp_path / "confirmation" / name / f"seed{seed}") for seed in (1, 2)]
        for name in (f"trial-{found.best.number:04d}", "untuned")
    ]
    for runs, recipe in ((tuned, found.recipe), (untuned, POOR)):
        assert [run.recipe for run in runs] == [recipe.replace(seed=seed) for seed in (1, 2)]
    trial = Run(tmp_path / "trials" / "0000").info
    seen, left = glyphlab.split(BARS, 0.2, 0)
    assert {run.info.fingerprint for run in tuned + untuned} == {seen.fingerprint}
    assert trial.fingerprint == seen.fingerprint
    evaluations = [e for c in found.confirmation.candidates for e in c.evaluations]
    assert {e.dataset_fingerprint for e in evaluations} == {left.fingerprint}
    assert found.pair.n == len(left)
    assert found.pair.trainings == 2
    accuracies = {run.path: glyphlab.evaluate(run, left).accuracy for run in (*tuned, *untuned)}
    difference = sum(accuracies[r.path] for r in tuned) - sum(accuracies[r.path] for r in untuned)
    assert found.pair.difference == pytest.approx(difference / 2)
    said = " ".join(found.sentences())
    assert "that no trial has seen, mean of 2 trainings each with other seeds" in said
    stages = [s.trial.label for s in told if s.stage == "confirmation" and s.ended]
    assert stages[-1] == "untuned, seed 2"


def test_nothing_is_confirmed_where_the_first_recipe_stays_the_best(tmp_path: Path) -> None:
    found = tune(tmp_path, trials=1, confirm=2)
    assert not found.changes
    assert found.confirmation is None
    assert found.recipe == RECIPE
    assert "No trial was better than the Recipe that the search started from" in str(
        found.sentences()
    )
    assert not (tmp_path / "confirmation").exists()


class Diverging:
    """A step that makes all weights infinite, in trainings with a high learning rate."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, above: float, from_seed: int = 0) -> None:
        self.take_step, self.above, self.from_seed = fit.take_step, above, from_seed
        monkeypatch.setattr(fit, "take_step", self.step)

    def step(self, training: Any, chosen: Any, step: int) -> torch.Tensor:
        recipe = training.recipe
        totals = self.take_step(training, chosen, step)
        if recipe.learning_rate > self.above and recipe.seed >= self.from_seed:
            return totals * math.inf
        return totals


def test_a_trial_that_diverges_is_noted_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Diverging(monkeypatch, above=0.0099)
    found = tune(tmp_path, trials=5)
    failed = [trial for trial in found.trials if trial.state == "failed"]
    assert {t.number for t in failed} == {
        t.number for t in found.trials if t.settings["learning_rate"] > 0.0099
    }
    assert 0 < len(failed) < 5
    assert failed[0].number == 0
    assert failed[0].reason == "The loss is not finite in epoch 1, at learning rate 0.01"
    assert not (tmp_path / "trials" / "0000" / "checkpoint.safetensors").exists()
    assert f"{len(failed)} failed" in found.sentences()[0]


def test_a_search_of_which_every_trial_diverges_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Diverging(monkeypatch, above=0.0)
    with pytest.raises(GlyphlabError, match="All 2 trials failed; the last: The loss"):
        tune(tmp_path, trials=2)


def test_a_best_trial_that_diverges_by_another_seed_is_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Diverging(monkeypatch, above=0.0, from_seed=1)
    with pytest.raises(Diverged, match="by another seed diverged"):
        tune(tmp_path, POOR, confirm=1)
    assert len(without_seconds(tmp_path)) == 4


def test_a_trial_that_is_ended_early_is_no_longer_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_all_but_five(space: object, ended: list[Any], values: dict[int, float]) -> bool:
        assert max(values) < 10
        return len(ended) > 1 and max(values) > 5

    monkeypatch.setattr("glyphlab.tuning.search.should_end", end_all_but_five)
    found = tune(tmp_path / "a", trials=3)
    assert [trial.state for trial in found.trials] == ["complete", "complete", "pruned"]
    last = found.trials[2]
    assert (last.epochs, last.value, list(last.values)) == (2, None, [3, 6])
    run = Run(tmp_path / "a" / "trials" / "0002")
    assert not run.info.finished
    assert not (run.path / "checkpoint.safetensors").exists()
    assert "1 were ended early" in found.sentences()[0]
    assert tune(tmp_path / "b", trials=3, prune=False).count("complete") == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"trials": 0}, "0 trials can't be"),
        ({"confirm": -1}, "-1 trainings to confirm can't be"),
        ({"timeout": 0}, "A timeout of 0 minutes can't be"),
        ({"timeout": math.nan}, "A timeout of nan minutes can't be"),
        ({"seed": -1}, "The seed -1 can't be"),
        ({"fixed": {"validation": 0}}, "give validation above 0"),
        ({"fixed": {"epochs": 0}}, "epochs = 0 can't be"),
        ({"search": {"lr": "0..1"}}, "lr is no key of a Recipe"),
        ({"on": "the moon"}, "'the moon' is no place to compute"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        tune(tmp_path / "s", **options)
    assert said in str(refused.value)
    assert not (tmp_path / "s").exists()


def test_a_module_and_parts_are_refused(tmp_path: Path) -> None:
    module: Any = torch.nn.Linear(3, 3)
    with pytest.raises(InputError, match=r"package\.module:factory"):
        glyphlab.tune(module, BARS, out=tmp_path)
    parts: Any = TrainTest(BARS, BARS)
    with pytest.raises(InputError, match=r"loaded\.train"):
        glyphlab.tune("mlp", parts, out=tmp_path)
