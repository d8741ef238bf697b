from pathlib import Path

import numpy as np
import pytest
import torch
from tests.auditing.planted import CHANGES, enlarged, one_of_each_letter, planted, shifted

import glyphlab
from glyphlab.auditing.near_duplicates import near_duplicates, near_duplicates_between
from glyphlab.data.glyphs import load_glyphs
from glyphlab.errors import InputError


@pytest.fixture(scope="module")
def letters() -> np.ndarray:
    return one_of_each_letter()


@pytest.fixture(scope="module")
def digits(shared_data: Path) -> np.ndarray:
    loaded = glyphlab.load(shared_data / "mnist_png.tar.gz")
    chosen = np.random.default_rng(0).choice(len(loaded.train), 2_000, replace=False)
    return loaded.train.images[np.sort(chosen)]


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_of_a_letter_is_traced_to_it(letters: np.ndarray, name: str) -> None:
    copies = planted(letters, CHANGES[name])
    found = near_duplicates_between(copies, letters)
    assert sorted((match.index, match.of) for match in found) == [
        (i, i) for i in range(len(letters))
    ]


@pytest.mark.parametrize("name", CHANGES)
def test_among_digits_every_copy_is_found_and_nothing_else(digits: np.ndarray, name: str) -> None:
    copies = planted(digits[:200], CHANGES[name])
    is_new = (copies != digits[:200]).any((1, 2, 3))
    found = near_duplicates(np.concatenate([digits, copies[is_new]]))
    sources = np.flatnonzero(is_new)
    expected = {(len(digits) + i, int(source)) for i, source in enumerate(sources)}
    assert {(match.index, match.of) for match in found} == expected


def test_different_letters_are_no_near_duplicates(letters: np.ndarray) -> None:
    assert near_duplicates(letters) == []


def test_an_image_repeats_an_earlier_one_and_is_listed_once(letters: np.ndarray) -> None:
    images = np.concatenate([planted(letters, shifted), letters, planted(letters, enlarged)])
    found = near_duplicates(images)
    n = len(letters)
    assert {match.index for match in found} == set(range(n, 3 * n))
    assert len(found) == 2 * n
    assert all(match.of < match.index and match.of % n == match.index % n for match in found)


def test_the_nearest_come_first_and_lie_within_the_threshold(letters: np.ndarray) -> None:
    images = np.concatenate([letters, *(planted(letters, CHANGES[name]) for name in CHANGES)])
    distances = [match.distance for match in near_duplicates(images, threshold=0.03)]
    assert distances == sorted(distances)
    assert distances[-1] <= 0.03


def test_the_distance_is_the_share_of_contrast_that_differs(letters: np.ndarray) -> None:
    image = letters[1].astype(float)
    changed = image.copy()
    changed[2:5, 2:5] = 80
    (match,) = near_duplicates_between(changed[np.newaxis].astype(np.uint8), letters, threshold=0.2)
    share = np.linalg.norm(changed - image) / np.linalg.norm(image - image.mean())
    assert match.of == 1
    assert 0.4 * share < match.distance < share


def test_a_shift_may_be_long(letters: np.ndarray) -> None:
    moved = np.roll(letters, (3, -4), axis=(1, 2))
    found = near_duplicates_between(moved, letters)
    assert len(found) == len(letters)
    assert max(match.distance for match in found) < 0.001


def test_a_letter_at_the_border_may_lose_a_row() -> None:
    images = load_glyphs().train.images[:20]
    cut = np.zeros_like(images)
    cut[:, :-1] = images[:, 1:]
    found = near_duplicates_between(cut, images)
    assert len({match.index for match in found}) >= 18


def test_the_same_shape_in_another_colour_is_another_image(letters: np.ndarray) -> None:
    red, green = (np.concatenate([part] * 3, axis=3) for part in (letters, letters))
    red[..., 1:] //= 4
    green[..., [0, 2]] //= 4
    assert near_duplicates_between(green, red) == []
    assert len(near_duplicates_between(planted_in_colour(red), red)) == len(red)


def planted_in_colour(images: np.ndarray) -> np.ndarray:
    return np.stack([shifted(image) for image in images])


def test_large_images_are_shrunk_first(letters: np.ndarray) -> None:
    large = letters.repeat(4, axis=1).repeat(4, axis=2)
    found = near_duplicates_between(planted(large, shifted), large)
    assert {(match.index, match.of) for match in found} == {(i, i) for i in range(len(large))}


def test_many_copies_of_one_image_are_all_found(letters: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 6, (1_000, *letters.shape[1:]), np.uint8)
    images = np.minimum(letters[0], 240) + noise
    assert {match.index for match in near_duplicates(images)} == set(range(1, 1_000))


def test_images_without_contrast_are_near_only_to_their_like(letters: np.ndarray) -> None:
    faint = np.zeros_like(letters[:2])
    faint[1, 3, 3] = 1
    found = near_duplicates(np.concatenate([letters, faint]))
    assert [(match.index, match.of) for match in found] == [(len(letters) + 1, len(letters))]


@pytest.mark.parametrize("n", [0, 1])
def test_no_image_or_a_single_one_repeats_nothing(letters: np.ndarray, n: int) -> None:
    assert near_duplicates(letters[:n]) == []
    assert near_duplicates_between(letters[:n], letters[:0]) == []


def test_threads_change_nothing(letters: np.ndarray) -> None:
    images = np.concatenate([letters, planted(letters, shifted)])
    threads = torch.get_num_threads()
    found = []
    for number in (1, 2):
        torch.set_num_threads(number)
        try:
            found.append(near_duplicates(images))
        finally:
            torch.set_num_threads(threads)
    assert found[0] == found[1]


def test_progress_ends_at_the_number_of_images(letters: np.ndarray) -> None:
    told: list[tuple[int, int | None]] = []
    near_duplicates(letters, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, len(letters))
    assert told[-1] == (len(letters), len(letters))


@pytest.mark.parametrize("threshold", [0, -1, 0.3, float("nan")])
def test_a_threshold_out_of_range_is_refused(letters: np.ndarray, threshold: float) -> None:
    with pytest.raises(InputError, match=r"give one above 0 and up to 0\.2"):
        near_duplicates(letters, threshold=threshold)
