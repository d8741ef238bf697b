"""Images of no class are told from hard, rare and wrongly labelled ones."""

import numpy as np
import pytest
from tests.toys import bars

from glyphlab.auditing.outliers import THRESHOLD, find_outliers, hesitation, strangeness
from glyphlab.errors import InputError

UNSURE, SURE = [1 / 3, 1 / 3, 1 / 3], [0.98, 0.01, 0.01]


def noise(n: int, seed: int = 1) -> np.ndarray:
    """Images of random pixels, 28×28 in grey."""
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28, 1), dtype=np.uint8)


def test_noise_among_bars_of_which_the_models_know_nothing_is_an_outlier() -> None:
    images = np.concatenate([bars(90).images, noise(3)])
    said = np.array([SURE] * 90 + [UNSURE] * 3, np.float32)
    found = find_outliers(images, said)
    assert sorted(found.indices) == [90, 91, 92]
    assert found.scores[90:].min() > THRESHOLD > found.scores[:90].max()


def test_a_hard_image_that_looks_like_others_is_none() -> None:
    said = np.array([UNSURE] + [SURE] * 89, np.float32)
    assert len(find_outliers(bars(90).images, said).indices) == 0


def test_a_strange_image_that_the_models_know_is_none() -> None:
    images = np.concatenate([bars(90).images, noise(1)])
    assert len(find_outliers(images, np.array([SURE] * 91, np.float32)).indices) == 0


def test_outliers_come_with_the_strangest_first() -> None:
    images = np.concatenate([bars(90).images, noise(2)])
    said = np.array([SURE] * 90 + [[0.4, 0.3, 0.3], UNSURE], np.float32)
    assert list(find_outliers(images, said).indices) == [91, 90]


def test_hesitation_runs_from_nothing_to_one() -> None:
    said = np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4], np.float32)
    assert hesitation(said) == pytest.approx([0, 0.5, 1], abs=1e-6)


def test_an_image_that_ten_others_repeat_is_not_strange_at_all() -> None:
    images = np.concatenate([np.repeat(noise(1), 11, axis=0), noise(1, seed=2)])
    found = strangeness(images)
    assert found[:11] == pytest.approx(np.zeros(11), abs=1e-2)
    assert found[11] > 1


def test_strangeness_is_the_mean_distance_to_the_nearest_by_the_own_contrast() -> None:
    images = noise(12)
    rows = images.reshape(12, -1) / 255
    distances = [np.sqrt(((rows - row) ** 2).mean(1)) for row in rows]
    expected = [np.sort(d)[1:11].mean() / row.std() for d, row in zip(distances, rows, strict=True)]
    assert strangeness(images) == pytest.approx(expected, rel=1e-3)


def test_large_and_colour_images_are_compared_in_small() -> None:
    small = noise(12)
    large = small.repeat(4, axis=1).repeat(4, axis=2).repeat(3, axis=3)
    assert strangeness(large) == pytest.approx(strangeness(small), rel=1e-3)


def test_no_more_images_are_compared_with_than_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glyphlab.auditing.outliers._REFERENCES", 60)
    monkeypatch.setattr("glyphlab.auditing.outliers._AT_ONCE", 25)
    images = np.concatenate([bars(90).images, noise(1)])
    told: list[tuple[int, int | None]] = []
    found = strangeness(images, progress=lambda done, total: told.append((done, total)))
    assert found.argmax() == 90
    assert told == [(25, 91), (50, 91), (75, 91), (91, 91)]


def test_what_has_nothing_to_be_compared_with_is_refused() -> None:
    with pytest.raises(InputError, match="3 images but probabilities of 2"):
        find_outliers(noise(3), np.array([SURE] * 2, np.float32))
    with pytest.raises(InputError, match="give at least 2 of both"):
        find_outliers(noise(1), np.array([SURE], np.float32))
