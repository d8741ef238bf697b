"""Learning rates, worked out by hand."""

import math

import pytest

from glyphlab.training.recipe import Recipe
from glyphlab.training.schedule import rate_factor


def factors(recipe: Recipe, steps: int = 100, per_epoch: int = 10, falls: int = 0) -> list[float]:
    return [rate_factor(recipe, step, steps, per_epoch, falls) for step in range(steps)]


def test_constant_stays() -> None:
    assert set(factors(Recipe(schedule="constant"))) == {1.0}


def test_step_halves_every_five_epochs() -> None:
    rates = factors(Recipe(schedule="step", decay=0.5, decay_every=5))
    assert rates[:50] == [1.0] * 50
    assert rates[50:] == [0.5] * 50


def test_exponential_multiplies_by_decay_once_per_epoch() -> None:
    rates = factors(Recipe(schedule="exponential", decay=0.8))
    assert rates[0] == 1.0
    assert rates[10] == pytest.approx(0.8)
    assert rates[30] == pytest.approx(0.8**3)


def test_plateau_counts_falls() -> None:
    assert factors(Recipe(schedule="plateau", decay=0.1), falls=2)[7] == pytest.approx(0.01)


def test_cosine_is_half_in_the_middle_and_near_zero_at_the_end() -> None:
    rates = factors(Recipe(schedule="cosine"))
    assert rates[0] == 1.0
    assert rates[50] == pytest.approx(0.5)
    assert rates[99] == pytest.approx((1 + math.cos(0.99 * math.pi)) / 2)


def test_onecycle_rises_for_three_tenths_and_falls_to_one_percent() -> None:
    rates = factors(Recipe(schedule="onecycle"), steps=1000)
    assert rates[:300] == sorted(rates[:300])
    assert max(rates) == rates[300] == 1.0
    assert rates[999] == pytest.approx(0.01, abs=0.002)


def test_warmup_rises_linearly_and_never_from_zero() -> None:
    rates = factors(Recipe(schedule="constant", warmup=0.04))
    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
