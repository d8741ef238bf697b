"""Losses, penalties and the moving average, against other ways to work them out."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from glyphlab.training.optimization import (
    MovingAverage,
    add_penalties,
    class_weights,
    make_optimizer,
    training_loss,
)
from glyphlab.training.recipe import Recipe


def test_cross_entropy_of_equal_logits_is_the_log_of_the_number_of_classes() -> None:
    loss = training_loss(torch.zeros(4, 10), torch.arange(4), Recipe(), torch.ones(10))
    assert float(loss) == pytest.approx(math.log(10))


def test_generalised_cross_entropy_follows_its_formula() -> None:
    probabilities = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    labels = torch.tensor([0, 1])
    recipe = Recipe(loss="generalised_cross_entropy")
    loss = training_loss(probabilities.log(), labels, recipe, torch.ones(3))
    expected = ((1 - 0.7**0.7) / 0.7 + (1 - 0.1**0.7) / 0.7) / 2
    assert float(loss) == pytest.approx(expected, rel=1e-6)


def test_full_balance_gives_each_class_the_same_say_and_images_the_mean_weight_one() -> None:
    labels = np.array([0, 0, 0, 1])
    counts = np.bincount(labels)
    assert class_weights(counts, 1.0).tolist() == pytest.approx([2 / 3, 2.0])
    assert class_weights(counts, 0.0).tolist() == [1.0, 1.0]
    assert class_weights(counts, 0.5)[torch.from_numpy(labels)].mean().item() == pytest.approx(1)


def test_a_class_that_counts_twice_doubles_its_part_of_the_loss() -> None:
    logits, labels = torch.tensor([[1.0, 0.0], [0.5, 0.2]]), torch.tensor([0, 1])
    each = [
        training_loss(logits[i : i + 1], labels[i : i + 1], Recipe(), torch.ones(2)) for i in (0, 1)
    ]
    both = training_loss(logits, labels, Recipe(), torch.tensor([1.0, 2.0]))
    assert both.item() == pytest.approx((each[0] + 2 * each[1]).item() / 2)


def test_penalties_add_sign_and_weight_to_the_gradient_of_weights_only() -> None:
    layer = nn.Linear(2, 1)
    layer.weight.data = torch.tensor([[2.0, -3.0]])
    layer.weight.grad, layer.bias.grad = torch.zeros(1, 2), torch.zeros(1)
    add_penalties(layer, Recipe(l1=0.1, l2=0.01))
    assert layer.weight.grad.tolist() == [[pytest.approx(0.12), pytest.approx(-0.13)]]
    assert layer.bias.grad.tolist() == [0.0]


def test_biases_do_not_decay() -> None:
    optimizer = make_optimizer(nn.Linear(3, 2), Recipe(weight_decay=0.3))
    decays = {
        parameter.ndim: group["weight_decay"]
        for group in optimizer.param_groups
        for parameter in group["params"]
    }
    assert decays == {2: 0.3, 1: 0.0}


def test_plain_sgd_moves_against_the_gradient_by_the_rate() -> None:
    layer = nn.Linear(1, 1, bias=False)
    layer.weight.data = torch.tensor([[1.0]])
    optimizer = make_optimizer(layer, Recipe(optimizer="sgd", momentum=0, learning_rate=0.1))
    layer.weight.grad = torch.tensor([[2.0]])
    optimizer.step()
    assert layer.weight.item() == pytest.approx(0.8)


def test_the_average_of_a_constant_module_is_that_module() -> None:
    module = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    average = MovingAverage(module, 0.9)
    for step in range(5):
        average.update(module, step)
    for mine, theirs in zip(
        average.module.state_dict().values(), module.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(mine, theirs)


def test_the_average_forgets_its_first_weights_soon() -> None:
    module = nn.Linear(1, 1, bias=False)
    module.weight.data.fill_(0.0)
    average = MovingAverage(module, 0.999)
    module.weight.data.fill_(1.0)
    expected = 0.0
    for step in range(20):
        average.update(module, step)
        decay = min(0.999, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay)
    assert average.module.weight.item() == pytest.approx(expected, rel=1e-5)
    assert expected > 0.99


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_optimizers_step_as_pytorchs_own_and_go_on_from_a_saved_state(optimizer: str) -> None:
    recipe = Recipe(optimizer=optimizer, learning_rate=0.1, momentum=0.9, weight_decay=0.0)
    ours, theirs = nn.Linear(3, 2), nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    step = make_optimizer(ours, recipe)
    reference = {
        "sgd": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=recipe.nesterov),
        "adam": lambda p: torch.optim.Adam(p, 0.1),
        "adamw": lambda p: torch.optim.AdamW(p, 0.1, weight_decay=0.0),
    }[optimizer](theirs.parameters())
    for turn in range(4):
        if turn == 2:
            saved, step = step.state_dict(), make_optimizer(ours, recipe)
            step.load_state_dict(saved)
        for module, own in ((ours, step), (theirs, reference)):
            own.zero_grad()
            module(torch.full((1, 3), turn + 1.0)).square().sum().backward()
            own.step()
    assert torch.allclose(ours.weight, theirs.weight, atol=1e-6)


def test_a_training_does_not_wait_for_pytorchs_compiler(tmp_path: Path) -> None:
    script = (
        "import sys, numpy, glyphlab\n"
        "images = numpy.zeros((20, 8, 8, 1), numpy.uint8)\n"
        "names = [str(i) for i in range(20)]\n"
        "data = glyphlab.Dataset(images, numpy.arange(20) % 2, names, ('a', 'b'), 'x', 'x')\n"
        "recipe = glyphlab.Recipe(steps=2)\n"
        "run = glyphlab.fit('glyphnet', data, recipe, out=sys.argv[1], report=print)\n"
        "glyphlab.evaluate(run, data)\n"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "run")], check=False)
    assert done.returncode == 0
