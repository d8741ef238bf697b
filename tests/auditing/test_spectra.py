import numpy as np
import pytest
import torch

from glyphlab.auditing.spectra import as_real, transform


def random_images(n: int = 3, channels: int = 2) -> torch.Tensor:
    made = np.zeros((n, channels, 20, 24), np.float32)
    made[:, :, 4:16, 4:20] = np.random.default_rng(0).random((n, channels, 12, 16))
    return torch.from_numpy(made)


def test_all_coefficients_have_the_norm_of_the_pixels() -> None:
    images = random_images()
    prepared = transform(20, 24, 0.75)
    is_once = prepared.frequencies.values.abs().amax(1) <= 0.4999
    values = prepared.values(images)[..., is_once] * prepared.frequencies.weights[is_once]
    expected = images.flatten(1).norm(dim=1)
    assert torch.allclose(as_real(values).norm(dim=1), expected, rtol=0.02)


def test_a_shift_changes_no_coefficient() -> None:
    images, prepared = random_images(), transform(20, 24, 0.3)
    moved = images.roll((2, -3), (2, 3))
    assert torch.allclose(prepared.values(images), prepared.values(moved), atol=1e-3)


def test_the_zero_frequency_is_the_sum_of_the_pixels() -> None:
    images, prepared = random_images(), transform(20, 24, 0.3)
    at = int((prepared.frequencies.values.abs().sum(1) == 0).nonzero())
    assert torch.allclose(prepared.values(images)[:, :, at].real, images.sum((2, 3)), rtol=1e-5)


def test_the_derivative_by_scale_is_the_difference_of_two_sizes() -> None:
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")

    def ellipse(scale: float) -> torch.Tensor:
        squares = ((rows - 13) / 3) ** 2 + ((columns - 14) / 2) ** 2
        return torch.exp(-squares / (2 * scale**2))[None, None]

    prepared = transform(28, 28, 0.2)
    numeric = (prepared.values(ellipse(1.01)) - prepared.values(ellipse(0.99))) / 0.02
    by_scale = prepared.spectra(ellipse(1.0)).by_scale
    assert torch.allclose(by_scale, numeric, atol=0.05)
    assert float(by_scale.abs().max()) > 10


@pytest.mark.parametrize(
    ("edge", "index"),
    [
        (0, (slice(None), slice(None), 0)),
        (1, (slice(None), slice(None), -1)),
        (2, (slice(None), slice(None), slice(None), 0)),
        (3, (slice(None), slice(None), slice(None), -1)),
    ],
    ids=["top", "bottom", "left", "right"],
)
def test_an_edge_is_what_a_strip_of_pixels_contributes(
    edge: int, index: tuple[int | slice, ...]
) -> None:
    images, prepared = torch.zeros(2, 1, 20, 24), transform(20, 24, 0.3)
    images[index] = torch.arange(2.0, images[index].numel() + 2).reshape(images[index].shape)
    spectra = prepared.spectra(images)
    assert torch.allclose(spectra.edges[:, edge], spectra.values, atol=1e-2)
    images[:, :, 5:15, 5:15] = 7
    more = prepared.spectra(images)
    assert not torch.allclose(more.edges[:, edge], more.values, atol=1.0)
    assert torch.allclose(more.edges[:, edge].abs(), spectra.edges[:, edge].abs(), atol=1e-2)
