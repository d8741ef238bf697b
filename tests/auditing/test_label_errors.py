"""Label errors are found, counted and told from what is merely hard."""

import numpy as np
import pytest

from glyphlab.auditing.label_errors import SURELY_WRONG, find_label_errors
from glyphlab.errors import InputError
from glyphlab.evaluation.statistics import wilson_interval


def opinions(true: np.ndarray, sureness: float = 0.9, classes: int = 3) -> np.ndarray:
    """Probabilities of a model that gives the true class `sureness`, the others alike."""
    rest = (1 - sureness) / (classes - 1)
    return np.where(np.eye(classes)[true] > 0, sureness, rest).astype(np.float32)


def test_swapped_labels_are_listed_with_the_class_that_they_are_of() -> None:
    true = np.arange(300) % 3
    labels = true.copy()
    labels[[5, 100, 200]] = [0, 2, 1]
    found = find_label_errors(opinions(true), labels)
    assert sorted(found.indices) == [5, 100, 200]
    assert dict(zip(found.indices, found.suggested, strict=True)) == {5: 2, 100: 1, 200: 2}


def test_the_noise_rate_and_the_joint_count_the_swapped_labels() -> None:
    true = np.repeat([0, 1, 2], 100)
    labels = true.copy()
    labels[:12] = 1  # 12 of 100 zeros are called one
    labels[200:206] = 0  # 6 of 100 twos are called zero
    found = find_label_errors(opinions(true), labels)
    assert found.noise_rate == pytest.approx(18 / 300)
    assert found.joint == pytest.approx(np.array([[88, 0, 6], [12, 100, 0], [0, 0, 94]]) / 300)
    assert found.class_noise_rates == pytest.approx([6 / 94, 12 / 112, 0])


def test_the_interval_is_that_of_a_share_among_so_many_images() -> None:
    true = np.repeat([0, 1], 1000)
    labels = true.copy()
    labels[:100] = 1
    low, high = find_label_errors(opinions(true, classes=2), labels).noise_rate_ci95
    half = 1.96 * np.sqrt(0.05 * 0.95 / 2000)
    assert (low, high) == pytest.approx((0.05 - half, 0.05 + half), abs=0.0015)


def test_right_labels_give_no_errors_and_a_rate_of_nothing() -> None:
    true = np.arange(60) % 3
    found = find_label_errors(opinions(true), true)
    assert len(found.indices) == 0
    assert found.noise_rate == 0
    assert found.noise_rate_ci95 == wilson_interval(0, 60)


def test_every_image_has_a_score_and_the_list_follows_it() -> None:
    true = np.arange(90) % 3
    labels, said = true.copy(), opinions(true)
    labels[[3, 7]] = (labels[[3, 7]] + 1) % 3
    said[7] = opinions(true[7:8], 0.97)
    found = find_label_errors(said, labels)
    assert found.scores.shape == (90,)
    assert list(found.indices) == [7, 3]
    assert found.scores[[7, 3]].max() < np.delete(found.scores, [3, 7]).min()


def test_a_score_is_the_labels_share_of_its_probability_and_its_rivals() -> None:
    true = np.arange(90) % 3
    said = opinions(true)
    said[0] = [0.5, 0.3, 0.2]
    found = find_label_errors(said, true)
    assert found.scores[0] == pytest.approx((0.5 + 0.03) / (0.5 + 0.3 + 2 * 0.03))


def test_a_class_that_half_learned_its_rival_s_name_is_not_called_wrong() -> None:
    """Of the ones 30 % are called two, so models give twos' name to every one."""
    random = np.random.default_rng(0)
    true = np.repeat([0, 1, 2], 400)
    labels = np.where((true == 1) & (random.random(1200) < 0.3), 2, true)
    said = opinions(true, 0.94)
    said[true == 1] = [0.02, 0.68, 0.3]
    found = find_label_errors(said, labels)
    assert sorted(found.indices) == list(np.flatnonzero(labels != true))
    assert found.scores[labels != true].max() < SURELY_WRONG


def test_images_of_no_class_are_not_counted_as_noise_but_listed_if_their_label_is_unlikely() -> (
    None
):
    true = np.arange(300) % 3
    said = opinions(true, 0.95)
    said[0] = [0.01, 0.55, 0.44]
    found = find_label_errors(said, true)
    assert list(found.indices) == [0]
    assert found.noise_rate == 0


def test_unjudged_images_are_neither_listed_nor_counted() -> None:
    true = np.arange(120) % 3
    labels = true.copy()
    labels[[0, 1]] = labels[[1, 0]]
    judged = np.ones(120, np.bool_)
    judged[0] = False
    found = find_label_errors(opinions(true), labels, judged)
    assert list(found.indices) == [1]
    assert found.scores[0] == 1
    assert found.noise_rate == pytest.approx(1 / 119)


def test_a_class_without_images_does_no_harm() -> None:
    true = np.arange(100) % 2
    labels = true.copy()
    labels[4] = 1
    found = find_label_errors(opinions(true, classes=4), labels)
    assert list(found.indices) == [4]
    assert list(found.class_noise_rates[2:]) == [0, 0]


def test_nothing_to_judge_and_unequal_lengths_are_said() -> None:
    said = opinions(np.zeros(4, np.int64))
    with pytest.raises(InputError, match="no image whose label could be judged"):
        find_label_errors(said, np.zeros(4, np.int64), np.zeros(4, np.bool_))
    with pytest.raises(InputError, match="5 labels but probabilities of 4 images"):
        find_label_errors(said, np.zeros(5, np.int64))
