"""How unlike all examples an image is."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.toys import bars

import glyphlab
from glyphlab.data import unlikeness
from glyphlab.data.unlikeness import Limits, Unlikeness

EXAMPLES = bars(300).images
RIGHT = bars(600, seed=1).images


def test_it_is_the_distance_to_the_third_nearest_example_at_half_the_size() -> None:
    found = Unlikeness(EXAMPLES).distances(RIGHT[:5])
    half = [
        np.stack([cv2.resize(image, (14, 14), interpolation=cv2.INTER_AREA) for image in images])
        for images in (RIGHT[:5], EXAMPLES)
    ]
    here, there = (images.reshape(len(images), -1) / 255 for images in half)
    apart = np.sqrt(((here[:, None] - there[None]) ** 2).mean(2))
    expected = np.sort(apart, axis=1)[:, 2]
    assert found[:, 0] == pytest.approx(expected, abs=1e-4)
    assert found[:, 1] == pytest.approx(expected / here.std(1), abs=1e-3)


def said(images: np.ndarray) -> np.ndarray:
    """What a network might say of bars: how bright each third of the columns is."""
    return images[:, :, :27].reshape(len(images), 28, 3, 9).mean((1, 3), np.float32) - 40


def test_of_logits_it_is_the_distance_between_their_directions() -> None:
    here, there = said(RIGHT[:5]), said(EXAMPLES)
    found = Unlikeness(EXAMPLES, there).distances(RIGHT[:5], here)
    assert found[:, :2].tolist() == Unlikeness(EXAMPLES).distances(RIGHT[:5]).tolist()
    cosines = [[a @ b / np.hypot.reduce(a) / np.hypot.reduce(b) for b in there] for a in here]
    expected = np.sqrt(2 - 2 * np.sort(cosines, axis=1)[:, -3].clip(-1, 1))
    assert found[:, 2] == pytest.approx(expected, abs=2e-3)
    longer = Unlikeness(EXAMPLES, 5 * there).distances(RIGHT[:5], 0.1 * here)
    assert longer[:, 2] == pytest.approx(found[:, 2], abs=2e-3)


def test_small_images_are_compared_as_they_are() -> None:
    black, white = np.zeros((3, 5, 7, 3), np.uint8), np.full((1, 5, 7, 3), 255, np.uint8)
    assert Unlikeness(black).distances(white).tolist() == [[1.0, 20.0]]


def test_of_fewer_than_three_examples_the_farthest_counts() -> None:
    levels = np.array([0, 51], np.uint8).repeat(64).reshape(2, 8, 8, 1)
    found = Unlikeness(levels).distances(np.zeros((1, 8, 8, 1), np.uint8))
    assert found[0, 0] == pytest.approx(0.2, abs=1e-6)


def test_one_in_a_hundred_of_the_images_held_out_passes_the_limits() -> None:
    measure = Unlikeness(EXAMPLES)
    limits = measure.limits(RIGHT)
    assert limits is not None
    assert measure.passes(RIGHT, limits).mean() == pytest.approx(0.01, abs=0.002)
    assert Limits.from_json(limits.to_json()) == limits


def test_with_logits_it_is_still_one_in_a_hundred() -> None:
    measure = Unlikeness(EXAMPLES, said(EXAMPLES))
    limits = measure.limits(RIGHT, said(RIGHT))
    assert limits is not None
    assert limits.by_logits is not None
    passed = measure.passes(RIGHT, limits, said(RIGHT))
    assert passed.mean() == pytest.approx(0.01, abs=0.002)
    assert Limits.from_json(limits.to_json()) == limits


def test_what_looks_right_passes_if_nothing_like_it_was_said_of_the_examples() -> None:
    measure = Unlikeness(EXAMPLES, said(EXAMPLES))
    limits = measure.limits(RIGHT, said(RIGHT))
    assert limits is not None
    new = bars(50, seed=9).images
    assert measure.passes(new, limits, said(new)).mean() < 0.1
    assert measure.passes(new, limits, -said(new)).all()


def test_limits_of_before_judge_by_pixels_alone() -> None:
    saved = {"distance": 0.4, "by_contrast": 5.0}
    measure = Unlikeness(np.zeros((3, 5, 7, 3), np.uint8))
    white = np.full((1, 5, 7, 3), 255, np.uint8)
    assert measure.passes(white, Limits.from_json(saved)).tolist() == [True]


def test_a_network_that_says_no_numbers_gives_limits() -> None:
    nothing = np.full((300, 3), np.nan, np.float32)
    limits = Unlikeness(EXAMPLES, nothing).limits(RIGHT[:300], nothing)
    assert limits is not None
    assert np.isfinite(list(limits.to_json().values())).all()


def test_noise_blank_and_grey_images_pass_and_right_ones_do_not() -> None:
    measure, random = Unlikeness(EXAMPLES), np.random.default_rng(2)
    limits = measure.limits(RIGHT)
    assert limits is not None
    noise = random.integers(0, 256, (20, 28, 28, 1), dtype=np.uint8)
    flat = np.repeat(np.arange(0, 250, 10, np.uint8), 784).reshape(-1, 28, 28, 1)
    upside_down = 255 - RIGHT[:20]
    for strange in (noise, flat, upside_down):
        assert measure.passes(strange, limits).all()
    assert measure.passes(bars(200, seed=9).images, limits).mean() < 0.05


def test_few_images_give_no_limits() -> None:
    assert Unlikeness(EXAMPLES).limits(RIGHT[:99]) is None
    assert Unlikeness(EXAMPLES).limits(RIGHT[:0]) is None


def test_images_equal_to_examples_leave_room_for_rounding() -> None:
    same = np.repeat(EXAMPLES[:1], 100, axis=0)
    measure = Unlikeness(same)
    limits = measure.limits(same)
    assert limits is not None
    assert not measure.passes(same, limits).any()


def test_many_images_are_measured_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Unlikeness(EXAMPLES).distances(RIGHT[:50])
    monkeypatch.setattr(unlikeness, "_AT_ONCE", 7)
    assert Unlikeness(EXAMPLES).distances(RIGHT[:50]) == pytest.approx(expected, abs=1e-3)


def test_of_real_digits_noise_and_negatives_pass(shared_data: Path) -> None:
    digits = glyphlab.load(f"{shared_data}/mnist_png.tar.gz:test").images
    measure, held_out = Unlikeness(digits[::5]), digits[1::5]
    limits = measure.limits(held_out[:1_000])
    assert limits is not None
    noise = np.random.default_rng(0).integers(0, 256, (200, 28, 28, 1), dtype=np.uint8)
    assert measure.passes(noise, limits).all()
    assert measure.passes(255 - held_out[:200], limits).all()
    assert measure.passes(held_out[1_000:], limits).mean() < 0.03
