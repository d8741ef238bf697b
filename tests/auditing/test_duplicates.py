"""Images with the same pixels, found by their digests."""

import numpy as np

from glyphlab.auditing.duplicates import digests, first_alike, first_among, outvoted


def images(*values: int) -> np.ndarray:
    """Images of 2×3, each of one value."""
    return np.stack([np.full((2, 3, 1), value, np.uint8) for value in values])


def test_digests_are_equal_only_for_the_same_pixels() -> None:
    random = np.random.default_rng(0).integers(0, 256, (50, 4, 4, 1), dtype=np.uint8)
    keys = digests(np.concatenate([random, random]))
    assert len(np.unique(keys)) == 50
    assert (keys[:50] == keys[50:]).all()


def test_a_single_changed_pixel_makes_another_digest() -> None:
    image = np.zeros((1, 28, 28, 1), np.uint8)
    changed = image.copy()
    changed[0, 27, 27, 0] = 1
    assert digests(image)[0] != digests(changed)[0]


def test_progress_ends_at_the_number_of_images() -> None:
    told: list[tuple[int, int | None]] = []
    digests(images(1, 2, 3), lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]


def test_each_image_is_given_the_first_one_with_its_pixels() -> None:
    assert first_alike(digests(images(7, 5, 7, 9, 5, 7))).tolist() == [0, 1, 0, 3, 1, 0]


def test_images_of_another_set_are_found_by_the_first_of_their_kind() -> None:
    keys, others = digests(images(1, 2, 3, 2)), digests(images(9, 2, 8, 2, 3))
    assert first_among(keys, others).tolist() == [-1, 1, 4, 1]


def test_of_two_labels_for_the_same_pixels_the_minority_is_outvoted() -> None:
    first = first_alike(digests(images(7, 7, 7, 4)))
    assert outvoted(first, np.array([0, 1, 0, 2])) == [(1, 0)]


def test_without_a_majority_all_of_them_are_outvoted() -> None:
    first = first_alike(digests(images(4, 7, 7)))
    assert outvoted(first, np.array([2, 0, 1])) == [(1, 2), (2, 1)]


def test_copies_with_the_same_label_are_in_no_conflict() -> None:
    first = first_alike(digests(images(7, 7, 5)))
    assert outvoted(first, np.array([3, 3, 1])) == []
