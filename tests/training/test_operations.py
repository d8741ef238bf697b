"""What a training costs."""

import torch

from glyphlab.models import build
from glyphlab.training.operations import prediction_flops, training_flops


def test_operations_are_those_of_the_network_as_described() -> None:
    # A convolution of 9 weights at 26×26 places of 32 maps, then 5,408 features and 10 classes;
    # the weights' gradients take as many again, as does that of the features.
    convolution, dense = 2 * 9 * 26 * 26 * 32, 2 * 5_408 * 10
    module = build("conv-pool", (28, 28, 1), 10)
    assert training_flops(module, torch.zeros(2, 1, 28, 28)) == 2 * convolution + 3 * dense


def test_counting_leaves_the_module_as_it_was() -> None:
    module = build("glyphnet", (28, 28, 1), 10)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    training_flops(module, torch.rand(2, 1, 28, 28))
    assert module.training
    assert all(p.grad is None for p in module.parameters())
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())


def test_a_training_sees_one_view_whatever_a_prediction_sees() -> None:
    counts = {
        training_flops(build("glyphnet", (28, 28, 1), 10, views=views), torch.zeros(2, 1, 28, 28))
        for views in (1, 2, 9)
    }
    assert len(counts) == 1


def test_a_prediction_takes_the_forward_pass_of_every_view() -> None:
    convolution, dense = 2 * 9 * 26 * 26 * 32, 2 * 5_408 * 10
    module = build("conv-pool", (28, 28, 1), 10)
    assert prediction_flops(module, torch.zeros(2, 1, 28, 28)) == convolution + dense
    one, nine = (build("glyphnet", (28, 28, 1), 10, views=views) for views in (1, 9))
    image = torch.zeros(1, 1, 28, 28)
    assert prediction_flops(nine, image) == 9 * prediction_flops(one, image)
