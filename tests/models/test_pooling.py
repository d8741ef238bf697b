import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.models.convolution import Conv2d
from glyphlab.models.pooling import convolve_and_pool, pooled_products

POOLS = (nn.MaxPool2d(2), nn.AvgPool2d(2))


def _gradients(conv: nn.Conv2d, output: Tensor) -> list[Tensor]:
    weights = torch.linspace(-1, 2, output.numel()).view(output.shape)
    return list(
        torch.autograd.grad((output * weights).mean(), list(conv.parameters()), retain_graph=True)
    )


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize(("channels", "height", "width", "size"), [(1, 28, 28, 6), (3, 9, 12, 3)])
def test_pooling_in_one_product_is_pooling_after_the_convolution(
    pool: nn.MaxPool2d | nn.AvgPool2d, channels: int, height: int, width: int, size: int
) -> None:
    images = torch.randn(5, channels, height, width)
    conv = nn.Conv2d(channels, 4, size)
    expected = pool(functional.relu(conv(images)))
    output = pooled_products(images, conv, functional.relu, pool)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(_gradients(conv, output), _gradients(conv, expected))


def test_the_border_is_that_of_the_convolution() -> None:
    images = torch.randn(2, 1, 8, 8)
    for mode in ("zeros", "replicate"):
        conv = nn.Conv2d(1, 4, 5, padding=2, padding_mode=mode)
        expected = POOLS[1](torch.tanh(conv(images)))
        output = pooled_products(images, conv, torch.tanh, POOLS[1])
        torch.testing.assert_close(output, expected)


def test_among_equal_places_the_gradient_goes_to_the_first_row_then_the_first_column() -> None:
    # One pixel each is all that the kernels of this image can tell apart: all places are equal.
    image = torch.zeros(1, 1, 3, 3)
    image[0, 0, :2, :2] = torch.tensor([[0.0, 0.0], [0.0, 5.0]])
    conv = nn.Conv2d(1, 1, 2)
    nn.init.zeros_(conv.weight)
    expected = _gradients(conv, POOLS[0](functional.relu(conv(image) + 1)))
    got = _gradients(conv, pooled_products(image, conv, lambda x: functional.relu(x + 1), POOLS[0]))
    assert got[0].flatten().tolist() == expected[0].flatten().tolist()


def test_half_precision_rounds_but_stays_the_same_function() -> None:
    images, conv = torch.rand(8, 1, 28, 28), nn.Conv2d(1, 32, 3)
    for pool in POOLS:
        exact = pool(functional.relu(conv(images)))
        with torch.autocast("cpu", torch.bfloat16):
            output = convolve_and_pool(images, conv, functional.relu, pool)
        assert output.dtype == torch.bfloat16
        torch.testing.assert_close(output.float(), exact, rtol=0.02, atol=0.02)


@pytest.mark.parametrize(("side", "stride"), [(4, 1), (7, 2), (9, 1)])
def test_a_convolution_of_few_places_learns_as_that_of_torch(side: int, stride: int) -> None:
    conv = Conv2d(6, 8, 3, stride, padding=1, bias=False)
    plain = nn.Conv2d(6, 8, 3, stride, padding=1, bias=False)
    plain.load_state_dict(conv.state_dict())
    features = torch.randn(5, 6, side, side, requires_grad=True)
    output, expected = conv(features), plain(features)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(_gradients(conv, output), _gradients(plain, expected))
    inputs = [
        torch.autograd.grad(x.square().sum(), features)[0] for x in (conv(features), expected)
    ]
    torch.testing.assert_close(*inputs)


def test_a_convolution_of_few_places_checks_its_gradient_numerically() -> None:
    conv = Conv2d(2, 3, 3, 2, padding=1, bias=False).double()
    features = torch.randn(2, 2, 5, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(conv, (features,))
