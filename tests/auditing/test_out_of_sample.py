"""Each image is judged by models that have seen neither it nor its copies."""

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.interruption import StopAfter
from tests.toys import bars

from glyphlab.auditing import fold as module
from glyphlab.auditing.label_errors import find_label_errors
from glyphlab.auditing.out_of_sample import assign_folds, out_of_sample
from glyphlab.data.dataset import Dataset
from glyphlab.errors import Diverged, InputError, Interrupted
from glyphlab.training import status
from glyphlab.training.recipe import Recipe, default_recipe


def quick(**changes: Any) -> Recipe:
    """The default Recipe, cut short."""
    return default_recipe("glyphnet-small").replace(**{"steps": 40, "batch_size": 32} | changes)


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> list[Dataset]:
    """What the models are given to learn from, in the order of the folds."""
    seen: list[Dataset] = []
    train = module.fit

    def note(model: str, dataset: Dataset, *rest: Any, **options: Any) -> Any:
        seen.append(dataset)
        return train(model, dataset, *rest, **options)

    monkeypatch.setattr(module, "fit", note)
    return seen


def test_known_wrong_labels_are_found_end_to_end() -> None:
    clean = bars(120)
    labels = clean.labels.copy()
    labels[[10, 50, 91]] = (labels[[10, 50, 91]] + 1) % 3
    said = out_of_sample(replace(clean, labels=labels), folds=3, recipe=quick())
    assert (said.own.probabilities.argmax(1) == clean.labels).all()
    assert said.own.probabilities.sum(1) == pytest.approx(np.ones(120), abs=1e-5)
    found = find_label_errors(said.own.probabilities, labels, said.own.judged)
    assert sorted(found.indices) == [10, 50, 91]


def test_no_model_learns_from_an_image_that_it_judges(learned: list[Dataset]) -> None:
    dataset = bars(30)
    out_of_sample(dataset, folds=3, recipe=quick(steps=1))
    folds = [set(dataset.ids) - set(part.ids) for part in learned]
    assert [len(fold) for fold in folds] == [10, 10, 10]
    assert set.union(*folds) == set(dataset.ids)


def test_a_second_dataset_is_judged_by_all_models() -> None:
    said = out_of_sample(bars(60), bars(9, seed=1), folds=2, recipe=quick())
    assert said.test is not None
    assert (said.test.probabilities.argmax(1) == bars(9).labels).all()
    assert said.test.probabilities.sum(1) == pytest.approx(np.ones(9), abs=1e-5)
    assert said.test.judged.all()


def test_the_same_seed_gives_the_same_and_another_seed_other_probabilities() -> None:
    first, again, other = (
        out_of_sample(bars(40), folds=2, seed=seed, recipe=quick(steps=5)).own.probabilities
        for seed in (3, 3, 4)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_a_class_with_too_few_images_to_learn_is_left_unjudged() -> None:
    dataset = bars(63)
    labels = np.where(np.arange(63) < 61, dataset.labels % 2, 2)
    said = out_of_sample(replace(dataset, labels=labels), bars(3), folds=3, recipe=quick(steps=1))
    assert list(np.flatnonzero(~said.own.judged)) == [61, 62]
    assert said.test is not None
    assert list(said.test.judged) == [True, True, False]


def test_a_training_is_given_no_more_images_than_it_sees(learned: list[Dataset]) -> None:
    out_of_sample(bars(120), folds=2, recipe=quick(steps=2, batch_size=16))
    assert [len(part) for part in learned] == [32, 32]


def test_progress_counts_images_learned_from_and_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "SECONDS_BETWEEN_REPORTS", 0.0)
    told: list[tuple[int, int | None]] = []

    @contextmanager
    def bar(description: str, unit: str) -> Any:
        assert (description, unit) == ("Judging bars by 2 models", "images")
        yield lambda done, total: told.append((done, total))

    out_of_sample(bars(40), bars(6), folds=2, recipe=quick(steps=3, batch_size=10), bar=bar)
    total = 2 * 3 * 10 + 40 + 2 * 6
    assert told[:3] == [(10, total), (20, total), (30, total)]
    assert told[-1] == (total, total)


def test_an_interruption_leaves_nothing_behind_where_no_folder_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    places: list[Path] = []
    train = module.fit

    def note(*arguments: Any, out: Path, **options: Any) -> Any:
        places.append(out)
        return train(*arguments, out=out, **options)

    monkeypatch.setattr(module, "fit", note)
    StopAfter(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        out_of_sample(bars(40), folds=2, recipe=quick())
    assert [place.is_relative_to(tmp_path) for place in places] == [True]
    assert not list(tmp_path.iterdir())


def test_the_same_call_goes_on_in_its_folder_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, folder, recipe = bars(40), tmp_path / "models", quick(steps=10)
    whole = out_of_sample(dataset, folds=2, recipe=recipe).own.probabilities
    steps = StopAfter(monkeypatch, 15)
    with pytest.raises(Interrupted, match="the same command goes on") as stopped:
        out_of_sample(dataset, folds=2, recipe=recipe, folder=folder)
    assert stopped.value.path == folder
    again = out_of_sample(dataset, folds=2, recipe=recipe, folder=folder).own.probabilities
    assert steps.taken == [*range(10), *range(10)]
    assert (again == whole).all()
    assert not folder.exists()


def test_colour_images_of_two_classes_and_another_size_are_judged() -> None:
    grey = bars(40, classes=2, size=32)
    dataset = replace(grey, images=grey.images.repeat(3, axis=3))
    said = out_of_sample(dataset, folds=2, recipe=quick())
    assert (said.own.probabilities.argmax(1) == grey.labels).mean() > 0.9


def test_a_loss_that_is_not_finite_is_said() -> None:
    wild = quick(learning_rate=1e30, warmup=0.0)
    with pytest.raises(Diverged, match=r"models that judge bars.*loss is not finite"):
        out_of_sample(bars(40), folds=2, recipe=wild)


def test_folds_have_the_same_share_of_each_class() -> None:
    labels = np.repeat([0, 1, 2], [50, 20, 5])
    folds = assign_folds(labels, 5)
    assert [np.bincount(folds[labels == k]).tolist() for k in range(3)] == [
        [10] * 5,
        [4] * 5,
        [1] * 5,
    ]
    assert (folds != assign_folds(labels, 5, seed=1)).any()


def test_images_of_one_group_come_into_one_fold() -> None:
    groups = np.arange(100) // 4
    folds = assign_folds(np.arange(100) % 2, 5, groups=groups)
    assert all(len(set(folds[groups == group])) == 1 for group in range(25))
    assert np.bincount(folds).tolist() == [20] * 5


def test_fewer_groups_than_folds_make_fewer_folds() -> None:
    assert assign_folds(np.array([0, 1, 1]), 5).max() == 2


def test_a_single_fold_or_group_is_refused() -> None:
    with pytest.raises(InputError, match="give at least 2 of both"):
        assign_folds(np.zeros(10, np.int64), 1)
    with pytest.raises(InputError, match="1 different images"):
        assign_folds(np.zeros(10, np.int64), 5, groups=np.zeros(10, np.int64))
