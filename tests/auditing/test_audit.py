"""The whole audit of one Dataset and of two, on images whose faults are known."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.toys import bars

from glyphlab.auditing.audit import audit
from glyphlab.auditing.findings import Audit
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.joining import concatenate
from glyphlab.errors import InputError
from glyphlab.training.recipe import default_recipe

QUICK = default_recipe("glyphnet-small").replace(steps=40, batch_size=32, precision="float32")
MISLABELLED = 7
STAGES: list[str] = []


@contextmanager
def noted(description: str, unit: str) -> Iterator[object]:
    STAGES.append(f"{description} in {unit}")
    yield lambda done, total: None


def faulty() -> tuple[Dataset, Dataset]:
    """120 bars of which image 7 has the label of image 8, its copy as image 120; and 60 to test.

    Test image 0 is training image 3, and test image 1 is training image 4 moved by a pixel.
    """
    train, test = bars(120), bars(60, seed=1).renamed("test")
    labels = np.array(train.labels)
    labels[MISLABELLED] = labels[MISLABELLED + 1]
    train = replace(train, labels=labels, skipped=[Skipped("bars/0/bad.png", "empty")])
    images = np.array(test.images)
    images[0], images[1] = train.images[3], np.roll(train.images[4], 1, axis=1)
    test = replace(test, images=images)
    return concatenate([train, train.subset(np.array([5])).renamed("again")]), test


@pytest.fixture(scope="module")
def found() -> Audit:
    train, test = faulty()
    return audit(train, test, folds=3, recipe=QUICK, bar=noted)


def test_the_exact_copy_is_found_with_the_image_that_it_repeats(found: Audit) -> None:
    assert [(copy.index, copy.of, copy.distance) for copy in found.duplicates] == [(120, 5, 0.0)]
    assert found.duplicates[0].id.startswith("again/bars/")


def test_the_test_image_that_was_learned_from_is_a_leak(found: Audit) -> None:
    assert (found.leaks[0].index, found.leaks[0].of, found.leaks[0].distance) == (0, 3, 0.0)
    assert 3 in [copy.index for copy in found.leak_sources]


def test_the_wrong_label_is_ranked_first_with_the_right_class(found: Audit) -> None:
    assert found.label_errors[0].index == MISLABELLED
    assert found.label_errors[0].suggested == f"bar{MISLABELLED % 3}"


def test_the_noise_rate_has_an_interval_around_it(found: Audit) -> None:
    assert found.noise is not None
    low, high = found.noise.rate_ci95
    assert low <= found.noise.rate <= high
    assert np.array(found.noise.joint).sum() == pytest.approx(1)


def test_unreadable_files_are_listed_as_ingest_met_them(found: Audit) -> None:
    assert [(file.id, file.reason) for file in found.unreadable] == [
        ("bars/bars/0/bad.png", "empty"),
        ("again/bars/0/bad.png", "empty"),
    ]


def test_balance_tells_counts_and_what_models_recognise(found: Audit) -> None:
    assert sum(found.balance.counts.values()) == 121
    assert found.balance.recall is not None
    assert set(found.balance.recall) == {"bar0", "bar1", "bar2"}


def test_the_test_set_has_findings_of_its_own(found: Audit) -> None:
    assert found.test is not None
    assert (found.test.n, found.test.duplicates) == (60, [])
    assert found.test.predicted is not None
    assert len(found.test.predicted) == 60


def test_the_accuracy_is_told_with_and_without_leaks(found: Audit) -> None:
    effect = found.leak_effect
    assert effect is not None
    assert (effect.n, effect.n_without_leaks) == (60, 60 - len(found.leaks))
    total = effect.without_leaks * effect.n_without_leaks + effect.on_leaks * len(found.leaks)
    assert total == pytest.approx(effect.accuracy * 60)


def test_each_stage_has_a_progress_bar(found: Audit) -> None:
    assert any(stage.startswith("Judging bars+again") for stage in STAGES)
    assert sum(stage.startswith("Searching") for stage in STAGES) >= 3


def test_without_models_pixels_alone_are_looked_at() -> None:
    train, test = faulty()
    found = audit(train, test, judge_labels=False)
    assert (found.noise, found.label_errors, found.leak_effect) == (None, [], None)
    assert [copy.index for copy in found.duplicates] == [120]


def test_the_same_audit_gives_the_same_findings() -> None:
    train, _ = faulty()
    first, second = (audit(train, folds=2, recipe=QUICK) for _ in range(2))
    assert first.model_copy(update={"seconds": 0}) == second.model_copy(update={"seconds": 0})


@pytest.mark.parametrize(
    ("train", "sentence"),
    [
        (bars(1), "bars has a single image; an audit compares at least two"),
        (bars(12).subset(np.arange(0, 12, 3)), "All images of bars are of one class"),
        (
            replace(bars(6), images=np.zeros((6, 28, 28, 1), np.uint8)),
            "All images of bars are the same",
        ),
    ],
)
def test_what_leaves_nothing_to_compare_is_refused(train: Dataset, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        audit(train)


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (bars(12, classes=4), "the classes"),
        (bars(12, size=20), "20×20 in grey"),
        (bars(12).subset(np.arange(0)), "bars has no image"),
    ],
)
def test_a_test_set_that_does_not_fit_is_refused(test: Dataset, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        audit(bars(12), test)


def test_a_folder_of_ones_own_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    audit(bars(30), recipe=QUICK, folds=2, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
