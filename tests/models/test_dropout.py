"""Dropout by bytes does what dropout does."""

import pytest
import torch

from glyphlab.models.dropout import Dropout


@pytest.mark.parametrize("rate", [0.3, 0.5, 0.9])
def test_the_rate_is_kept_and_the_expectation_stays(rate: float) -> None:
    torch.manual_seed(0)
    out = Dropout(rate).train()(torch.ones(1000, 1000))
    assert (out == 0).float().mean().item() == pytest.approx(rate, abs=0.004)
    assert out.mean().item() == pytest.approx(1, abs=0.01)
    assert out.unique().tolist() == pytest.approx([0, 1 / (1 - rate)], rel=0.02)


def test_decisions_are_independent_of_their_neighbours() -> None:
    torch.manual_seed(0)
    kept = (Dropout(0.5).train()(torch.ones(1_000_000)) > 0).float()
    for distance in (1, 7, 8, 9):
        together = (kept[:-distance] * kept[distance:]).mean().item()
        assert together == pytest.approx(0.25, abs=0.003)


def test_the_seed_decides() -> None:
    layer, ones = Dropout(0.5).train(), torch.ones(3, 5, 7)
    torch.manual_seed(4)
    first = layer(ones)
    torch.manual_seed(4)
    assert torch.equal(layer(ones), first)


def test_nothing_is_silenced_when_predicting_or_at_rate_zero() -> None:
    ones = torch.ones(10, 10)
    assert torch.equal(Dropout(0.5).eval()(ones), ones)
    assert torch.equal(Dropout(0.0).train()(ones), ones)


def test_gradients_flow_through_what_is_kept() -> None:
    features = torch.ones(1000, requires_grad=True)
    out = Dropout(0.5).train()(features)
    out.sum().backward()
    assert features.grad is not None
    assert torch.equal(features.grad, out.detach())
