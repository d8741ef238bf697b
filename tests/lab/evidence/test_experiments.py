"""Every experiment: its trainings, and what it makes of their outcomes."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.interruption import StopAfter
from tests.toys import bars

import glyphlab
from glyphlab.errors import InputError, Interrupted
from glyphlab.lab.evidence.capacity import MEASURES, _matched
from glyphlab.lab.evidence.checks import Outcomes, verdict
from glyphlab.lab.evidence.experiment import Findings, estimated_seconds
from glyphlab.lab.evidence.experiments import EXPERIMENTS
from glyphlab.lab.evidence.material import Budget, Material
from glyphlab.lab.evidence.networks import StridedConv
from glyphlab.lab.evidence.trial import Outcome, Trial, outcome_file, run_trial
from glyphlab.lab.evidence.words import with_images
from glyphlab.language import speaking
from glyphlab.models import MODELS, build
from glyphlab.training.operations import prediction_flops

TRAIN, TEST = bars(240), bars(90, seed=1)
MATERIAL = Material.of(TRAIN, TEST, Budget(seeds=2, scale=0.02))
N = 2_000


def told(trial: Trial, accuracy: float, train: float, error: float) -> Outcome:
    """An outcome with a known accuracy; a little better with the second seed."""
    correct = {
        shift: np.arange(N) < round(N * (accuracy - 0.01 * shift)) + 2 * trial.seed
        for shift in trial.shifts
    }
    loss, confidence = (1.9, 0.5) if "Sigmoid" in trial.model else (0.2, 0.99)
    return Outcome(correct, train + trial.seed / 1_000, loss, error, confidence, 7, 1.0, 2.0)


def as_claimed(name: str, trial: Trial) -> Outcome:
    """What would come out if the claim were right."""
    accuracy, train, error = 0.9, 0.9, 0.02
    match name:
        case "training-size":
            accuracy = 0.5 + 0.05 * np.log10(trial.images or 1)
        case "pixel-order":
            accuracy -= 0.3 if trial.permuted and trial.model not in ("logistic", "mlp") else 0
        case "regularisation":
            train = 0.92 if {"l1", "l2"} & set(trial.settings) or trial.recipe.dropout else 1.0
        case "schedules":
            accuracy -= 0.1 if trial.recipe.schedule == "constant" else 0
        case "label-noise":
            train -= 0.9 * trial.noise
        case "notebook-head":
            error = 0.5 if "Sigmoid" in trial.model else 0.02
    outcome = told(trial, accuracy, train, error)
    steady = {"shift-tolerance": trial.model == "mlp", "pooling": trial.model == "conv2"}
    if steady.get(name):
        for shift in outcome.correct:
            outcome.correct[shift][: 150 * shift] = False
    return outcome


def judged(name: str, make: object) -> tuple[str, Findings]:
    experiment = EXPERIMENTS[name]
    found: dict[str, list[Outcome]] = {}
    for trial in experiment.all_trials(MATERIAL):
        found.setdefault(trial.label, []).append(make(name, trial))
    findings = experiment.judge(Outcomes(found), MATERIAL)
    assert all(len(row) == len(findings.columns) for row in findings.rows)
    return verdict(findings.checks), findings


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_outcomes_as_claimed_support_the_claim(name: str) -> None:
    assert judged(name, as_claimed)[0] == "supported"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_outcomes_in_which_nothing_differs_support_no_claim_of_a_difference(name: str) -> None:
    said, _ = judged(name, lambda _, trial: told(trial, 0.9, 0.9, 0.02))
    assert (said == "supported") == (name == "capacity")


def words(name: str, findings: Findings) -> str:
    """All that people read of an experiment."""
    experiment = EXPERIMENTS[name]
    charts = [
        text
        for chart in findings.charts
        for text in (
            chart.title,
            chart.x_label,
            chart.y_label,
            *(line.name for line in chart.lines),
        )
    ]
    return "\n".join(
        [
            *(experiment.title, experiment.claim, experiment.method),
            *(check.sentence for check in findings.checks),
            *(*findings.remarks, *findings.columns, *charts),
            *(cell for row in findings.rows for cell in row),
        ]
    )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_in_russian_only_names_are_english_and_decimals_have_commas(name: str) -> None:
    with speaking("ru"):
        said, findings = judged(name, as_claimed)
        text = words(name, findings)
    assert said == "supported"
    names = {*MODELS, "LeNet", "SGD", "Adam"}
    for known in sorted(names, key=len, reverse=True):
        text = text.replace(known, "")
    assert re.findall("[A-Za-z]{2,}", text) == []
    assert re.findall(r"\d\.\d", text) == []
    assert not re.search(r"\.\.", text)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_what_was_done_in_one_language_is_known_in_the_other(name: str, tmp_path: Path) -> None:
    def files() -> list[Path]:
        trials = EXPERIMENTS[name].all_trials(MATERIAL)
        return [outcome_file(trial, MATERIAL, tmp_path) for trial in trials]

    english = files()
    with speaking("ru"):
        assert files() == english
    assert len(set(english)) == len(english)


def test_russian_labels_have_the_plurals_of_their_counts() -> None:
    with speaking("ru"):
        assert [with_images("mlp", n).replace("\u00a0", " ") for n in (21, 102, 50, 5_000)] == [
            "mlp, 21 изображение",
            "mlp, 102 изображения",
            "mlp, 50 изображений",
            "mlp, 5 000 изображений",
        ]


def test_few_images_are_compared_with_half_of_them() -> None:
    few = replace(MATERIAL, train=MATERIAL.train.subset(np.arange(16)))
    experiment = EXPERIMENTS["training-size"]
    found: dict[str, list[Outcome]] = {}
    for trial in experiment.all_trials(few):
        found.setdefault(trial.label, []).append(told(trial, 0.8, 0.9, 0.02))
    findings = experiment.judge(Outcomes(found), few)
    assert findings.columns == ("model", "8 images", "16 images")


def test_a_lenet_that_beats_its_like_contradicts_the_claim_of_capacity() -> None:
    said, _ = judged(
        "capacity", lambda _, trial: told(trial, 0.95 if trial.label == "lenet5" else 0.8, 0.9, 0)
    )
    assert said == "contradicted"


def test_every_network_has_every_seed_and_what_it_is_compared_with() -> None:
    for experiment in EXPERIMENTS.values():
        trials = experiment.all_trials(MATERIAL)
        seeds: dict[str, list[int]] = {}
        for trial in trials:
            seeds.setdefault(trial.label, []).append(trial.seed)
        assert set(map(tuple, seeds.values())) == {(0, 1)}, experiment.name
        assert len(seeds) >= 2


def test_networks_of_matched_size_are_as_large_as_lenet_5() -> None:
    def parameters(model: str, arguments: dict) -> int:
        return sum(p.numel() for p in build(model, (28, 28, 1), 10, **arguments).parameters())

    def operations(model: str, arguments: dict) -> int:
        import torch

        module = build(model, (28, 28, 1), 10, **arguments)
        return prediction_flops(module, torch.zeros(1, 1, 28, 28))

    assert MEASURES == ("parameters", "operations")
    matched = _matched((28, 28, 1), 10)
    for kind in ("mlp", "conv2"):
        found = parameters(kind, matched[kind, "parameters"])
        assert found == pytest.approx(83_774, rel=0.05)
        wanted = operations("lenet5", {})
        found = operations(kind, matched[kind, "operations"])
        assert found == pytest.approx(wanted, rel=0.05)


def test_networks_differ_from_the_labs_in_one_thing() -> None:
    strided = StridedConv((28, 28, 1), 10)
    # conv-pool's 54,410, and a convolution of 2×2 from 32 maps to 32.
    assert sum(p.numel() for p in strided.parameters()) == 54_410 + 32 * 32 * 4 + 32


def test_an_outcome_is_kept_and_not_made_again(tmp_path: Path) -> None:
    trial = Trial("a", "logistic", 3, 0, shifts=(0, 2))
    first = run_trial(trial, MATERIAL, tmp_path)
    file = outcome_file(trial, MATERIAL, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    before = file.stat().st_mtime_ns
    second = run_trial(trial, MATERIAL, tmp_path)
    assert file.stat().st_mtime_ns == before
    assert second.to_json() == first.to_json()
    assert first.correct[0].shape == (90,)


def test_another_training_has_another_outcome(tmp_path: Path) -> None:
    first = Trial("a", "logistic", 3, 0)
    others = [
        Trial("a", "logistic", 3, 0, noise=0.1),
        Trial("a", "logistic", 3, 1),
        Trial("a", "logistic", 4, 0),
        Trial("a", "logistic", 3, 0, permuted=True),
        Trial("a", "logistic", 3, 0, settings={"l2": 0.1}),
    ]
    files = {outcome_file(trial, MATERIAL, tmp_path) for trial in (first, *others)}
    assert len(files) == 6
    same = Trial("another label", "logistic", 3, 0)
    assert outcome_file(same, MATERIAL, tmp_path) == outcome_file(first, MATERIAL, tmp_path)


def test_a_damaged_outcome_is_refused_in_one_sentence(tmp_path: Path) -> None:
    trial = Trial("a", "logistic", 3, 0)
    outcome_file(trial, MATERIAL, tmp_path).write_text('{"outcome": {}}')
    with pytest.raises(InputError, match="delete it and repeat the command"):
        run_trial(trial, MATERIAL, tmp_path)


def test_the_cost_counts_what_is_left() -> None:
    short, long = Trial("a", "logistic", 1, 0), Trial("a", "logistic", 100_000, 0)
    assert estimated_seconds([], MATERIAL) == 0
    assert 0 < estimated_seconds([short], MATERIAL) < estimated_seconds([long], MATERIAL)


def test_an_experiment_runs_names_its_cost_and_keeps_what_is_done(tmp_path: Path) -> None:
    costs: list[tuple[str, int, bool]] = []

    def run() -> list[glyphlab.Evidence]:
        return glyphlab.evidence(
            TRAIN,
            TEST,
            ["notebook-head"],
            seeds=2,
            scale=0.05,
            out=tmp_path,
            announce=lambda e, n, seconds: costs.append((e.name, n, seconds > 0)),
        )

    first, second = run(), run()
    assert costs == [("notebook-head", 4, True), ("notebook-head", 4, False)]
    assert json.dumps(first[0].to_json(), allow_nan=False) == json.dumps(second[0].to_json())
    assert (first[0].n, first[0].trainings, first[0].seeds) == (90, 4, 2)
    assert "no probability can pass 0.5761 and no loss fall below 0.5514" in first[0].sentences[0]


def test_an_experiment_stopped_half_way_goes_on_with_the_training_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = StopAfter(monkeypatch, steps=2)
    trial = Trial("a", "logistic", 6, 0)
    with pytest.raises(Interrupted):
        run_trial(trial, MATERIAL, tmp_path)
    assert stop.taken == [0, 1]
    assert [path.suffix for path in tmp_path.iterdir()] == [".training"]
    gone_on = run_trial(trial, MATERIAL, tmp_path)
    assert stop.taken == [0, 1, 2, 3, 4, 5]
    whole = run_trial(trial, MATERIAL, tmp_path / "whole")
    assert np.array_equal(gone_on.correct[0], whole.correct[0])
    assert gone_on.loss == whole.loss


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"names": ["gravity"]}, "no experiment 'gravity'; choose from training-size"),
        ({"seeds": 1}, "give 2 seeds or more"),
        ({"scale": 0.0}, "a scale above 0"),
        ({"test": bars(90, classes=4)}, "classes"),
    ],
)
def test_what_can_be_no_experiment_is_refused(changes: dict, message: str, tmp_path: Path) -> None:
    words = {"train": TRAIN, "test": TEST, "out": tmp_path / "out"} | changes
    with pytest.raises(InputError, match=message):
        glyphlab.evidence(**words)
    assert not (tmp_path / "out").exists()
