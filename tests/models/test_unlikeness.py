"""How unlike the training images an image is."""

import numpy as np
import pytest
import torch

from glyphlab.models.unlikeness import unlike_above, unlikeness


def test_the_energy_is_minus_the_logarithm_of_the_sum_of_exponentials() -> None:
    logits = np.random.default_rng(0).normal(0, 30, (50, 10)).astype(np.float32)
    expected = -torch.logsumexp(torch.from_numpy(logits), dim=1).numpy()
    assert unlikeness(logits) == pytest.approx(expected, rel=1e-6)


def test_large_logits_do_not_overflow() -> None:
    assert np.isfinite(unlikeness(np.full((1, 3), 1e30, np.float32))).all()


def test_one_in_a_hundred_of_the_images_held_out_lies_above_the_threshold() -> None:
    logits = np.random.default_rng(1).normal(0, 3, (10_000, 5)).astype(np.float32)
    threshold = unlike_above(logits)
    assert threshold is not None
    assert (unlikeness(logits) > threshold).mean() == pytest.approx(0.01, abs=1e-4)


def test_few_images_give_no_threshold() -> None:
    assert unlike_above(np.zeros((99, 5), np.float32)) is None
    assert unlike_above(np.zeros((0, 5), np.float32)) is None
