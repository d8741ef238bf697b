import numpy as np
import pytest
import torch

from glyphlab.auditing.registration import CUTOFF, unexplained
from glyphlab.auditing.spectra import transform


def blob(
    down: float = 13.0, right: float = 14.0, variance: float = 6.0, height: float = 200.0
) -> torch.Tensor:
    """A Gaussian, which blurs and scales by a formula, with a smaller one beside it."""
    rows, columns = np.mgrid[:28, :28]

    def one(y: float, x: float, v: float) -> np.ndarray:
        return np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * v)) / v

    image = height * 6 * (one(down, right, variance) + 0.5 * one(down - 4, right + 3, variance))
    return torch.from_numpy(image[np.newaxis, np.newaxis]).float()


def left(first: torch.Tensor, second: torch.Tensor) -> float:
    prepared = transform(28, 28, CUTOFF)
    spectra = prepared.spectra(first), prepared.spectra(second)
    return float(unexplained(*spectra, prepared.frequencies) / first.norm())


@pytest.mark.parametrize(
    "changed",
    [
        blob(14.0, 14.0),
        blob(13.4, 12.7),
        blob(variance=6.8),
        blob(variance=5.3),
        blob(height=170.0),
        blob(13.6, variance=6.5, height=220.0),
    ],
    ids=["shift", "part of a pixel", "blur", "sharper", "contrast", "all of them"],
)
def test_a_small_change_leaves_nothing(changed: torch.Tensor) -> None:
    assert float((changed - blob()).norm() / blob().norm()) > 0.05
    assert left(blob(), changed) < 0.01


def test_it_is_the_same_both_ways() -> None:
    first, second = blob(), blob(variance=9.5)
    assert left(first, second) * float(first.norm()) == pytest.approx(
        left(second, first) * float(second.norm()), rel=1e-4
    )


def test_a_change_beyond_the_bounds_leaves_something() -> None:
    assert left(blob(), blob(height=300.0)) > 0.1
    assert left(blob(), blob(variance=12.0)) > 0.05


def test_a_spot_more_is_what_is_left() -> None:
    spotted = blob()
    spotted[0, 0, 20:24, 4:8] += 60
    share = 60 * 4 / float(blob().norm())
    assert 0.4 * share < left(blob(), spotted) < share


def test_a_row_that_is_cut_off_leaves_nothing() -> None:
    whole = blob(down=3.0)
    cut = whole.clone()
    cut[:, :, 0] = 0
    assert float((cut - whole).norm() / whole.norm()) > 0.1
    assert left(whole, cut) < 0.01
