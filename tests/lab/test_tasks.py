"""The lab from Datasets to report content."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.toys import bars

from glyphlab.data.joining import concatenate
from glyphlab.errors import InputError
from glyphlab.lab.tasks import Plan, run_lab
from glyphlab.report.comparison_words import pair_sentence
from glyphlab.report.content import LabContent

QUICK = {"batch_size": 32, "precision": "float32", "steps": 12}


@contextmanager
def silent(titles: Sequence[str]) -> Iterator[None]:
    yield


def plan(out: Path, **changes: object) -> Plan:
    whole = Plan(
        train=bars(200),
        test=bars(90, seed=1).renamed("bars-test"),
        out=out,
        models=("logistic", "mlp", "conv2", "conv-pool"),
        settings=QUICK,
    )
    return replace(whole, **changes)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> LabContent:
    return run_lab(plan(tmp_path_factory.mktemp("lab"), seeds=2), silent)


def test_every_model_is_trained_with_every_seed_and_tested_on_all_images(
    content: LabContent,
) -> None:
    assert [result.model for result in content.results] == ["logistic", "mlp", "conv2", "conv-pool"]
    for result in content.results:
        assert [run.evaluation.seed for run in result.runs] == [0, 1]
        assert {run.evaluation.n for run in result.runs} == {90}
        assert all(run.train_seconds > 0 for run in result.runs)


def test_the_tasks_of_the_models_present_are_answered(content: LabContent) -> None:
    assert [answer.task for answer in content.answers] == ["Lab 1", "Task 1", "Task 2", "Task 4"]
    pooling = " ".join(content.answers[2].sentences)
    assert "n = 90" in pooling
    assert "time to train" in pooling


def test_first_layers_are_shown_as_images(content: LabContent) -> None:
    shapes = {r.model: None if r.filters is None else r.filters.shape for r in content.results}
    assert shapes["logistic"] == (3, 28, 28, 1)
    assert shapes["conv2"] == (32, 3, 3, 1)
    assert shapes["mlp"] == (64, 28, 28, 1)


def test_a_lab_ended_half_way_goes_on_where_it_was(tmp_path: Path) -> None:
    run_lab(plan(tmp_path, models=("logistic",)), silent)
    weights = tmp_path / "runs" / "corrected" / "logistic" / "seed0" / "weights.safetensors"
    before = weights.stat().st_mtime_ns
    content = run_lab(plan(tmp_path, models=("logistic", "conv-pool")), silent)
    assert weights.stat().st_mtime_ns == before
    assert len(content.results) == 2


def test_the_notebook_stands_beside_the_corrected_training(tmp_path: Path) -> None:
    both = plan(tmp_path, models=("logistic", "conv-pool"), protocols=("corrected", "notebook"))
    content = run_lab(both, silent)
    rows = [(result.model, result.protocol) for result in content.results]
    assert rows == [
        ("logistic", "corrected"),
        ("conv-pool", "corrected"),
        ("conv-pool", "notebook"),
    ]
    words = " ".join(content.answers[-1].sentences)
    assert "average train error" in words
    pair = content.comparison.pair("conv-pool", "conv-pool (notebook)")
    assert pair_sentence(pair) in words


def test_the_notebook_alone_keeps_copies_and_says_nothing_of_leaving_them_out(
    tmp_path: Path,
) -> None:
    doubled = concatenate([bars(200), bars(200).subset(np.arange(6))])
    alone = plan(tmp_path, train=doubled, models=("conv-pool",), protocols=("notebook",))
    content = run_lab(alone, silent)
    assert content.training.n == 206
    assert all(answer.task != "Lab 1" for answer in content.answers)


def test_models_that_the_notebook_has_not_can_not_be_trained_by_it_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="notebook has conv2"):
        run_lab(plan(tmp_path, models=("mlp",), protocols=("notebook",)), silent)


def test_a_test_set_with_other_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="classes"):
        run_lab(plan(tmp_path, test=bars(90, classes=4)), silent)
    assert not list(tmp_path.iterdir())


def test_a_test_set_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--size"):
        run_lab(plan(tmp_path, test=bars(90, size=20)), silent)


def test_an_unknown_model_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="resnet"):
        run_lab(plan(tmp_path, models=("logistic", "resnet")), silent)
    assert not list(tmp_path.iterdir())


def test_an_unknown_setting_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="epoch is no key"):
        run_lab(plan(tmp_path, settings={"epoch": 3}), silent)
    assert not list(tmp_path.iterdir())


def test_each_training_of_a_lab_is_logged_for_itself(tmp_path: Path) -> None:
    run_lab(plan(tmp_path, models=["logistic"], seeds=2, log=["tensorboard"]), silent)
    for seed in (0, 1):
        folder = tmp_path / "runs" / "corrected" / "logistic" / f"seed{seed}" / "tensorboard"
        assert any(folder.glob("events.*"))


def test_an_unknown_log_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no log 'wandb'"):
        run_lab(plan(tmp_path, log=["wandb"]), silent)
    assert not list(tmp_path.iterdir())


def test_testing_on_the_training_images_is_warned_of(tmp_path: Path) -> None:
    same = plan(tmp_path, models=("logistic",), test=bars(200), audit=False)
    content = run_lab(same, silent)
    assert any("training set" in warning for warning in content.warnings)


def test_copies_of_test_images_are_left_out_and_their_effect_is_shown(tmp_path: Path) -> None:
    test = bars(90, seed=1).renamed("bars-test")
    leaky = concatenate([bars(200), test.subset(np.arange(6))])
    content = run_lab(plan(tmp_path, train=leaky, test=test, models=("logistic",)), silent)
    assert (content.training.n, content.test.n) == (200, 90)
    said = " ".join(content.answers[0].sentences)
    assert "Of the 206 training images 6 are left out: 6 that repeat a test image" in said
    assert "6 of the 90 test images (6.7%) had leaked so" in said
    assert "With the copies left in, as in the notebook, logistic would have shown" in said
    assert (tmp_path / "runs" / "with-copies" / "logistic" / "seed0").is_dir()


def test_without_the_audit_all_images_are_trained_on(tmp_path: Path) -> None:
    doubled = concatenate([bars(200), bars(200).subset(np.arange(6))])
    content = run_lab(plan(tmp_path, train=doubled, models=("logistic",), audit=False), silent)
    assert content.training.n == 206
    assert all(answer.task != "Lab 1" for answer in content.answers)
