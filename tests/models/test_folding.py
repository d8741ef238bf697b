"""The folded copy computes what the module computes."""

import copy
from threading import Thread

import pytest
import torch
from torch import nn
from torch.nn import functional

from glyphlab.models import build, names
from glyphlab.models.folding import fold

SHAPES = [(28, 28, 1), (29, 33, 3)]
VARIANTS = [(name, {}) for name in names()] + [
    ("conv-pool", {"pooling": "mean"}),
    ("mlp", {"activation": "tanh"}),
    ("mlp", {"activation": "sigmoid"}),
    ("glyphnet", {"width": 5}),
]


def trained(module: nn.Module) -> nn.Module:
    """A module whose batch norms have seen something, as after a training."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for tensor in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                nn.init.uniform_(tensor, 0.2, 1.5)
    return module.eval()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("name", "arguments"), VARIANTS)
def test_every_model_says_the_same_folded(
    name: str, arguments: dict[str, object], shape: tuple[int, int, int]
) -> None:
    torch.manual_seed(0)
    module = trained(build(name, shape, 10, **arguments))
    images = torch.randn(6, *shape).permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = module(images)
        folded = fold(copy.deepcopy(module), torch.float32)(images)
        low = fold(copy.deepcopy(module), torch.bfloat16)(images)
    torch.testing.assert_close(folded, expected, rtol=1e-4, atol=1e-5)
    assert low.dtype == torch.float32
    torch.testing.assert_close(low, expected, rtol=0.05, atol=0.05 * float(expected.abs().max()))


class Beside(nn.Module):
    """While it computes, another thread computes with another module."""

    def __init__(self, other: nn.Module) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.kept = [other]  # no part of this one
        self.said: list[torch.Tensor] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        thread = Thread(target=lambda: self.said.append(self.kept[0](torch.ones(1, 4))))
        thread.start()
        thread.join()
        return self.layer(images)


def test_other_threads_compute_undisturbed_while_a_module_is_folded() -> None:
    other = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    module = Beside(other).eval()
    folded = fold(module, torch.float32)
    torch.testing.assert_close(module.said, [other(torch.ones(1, 4))])
    torch.testing.assert_close(folded(torch.ones(1, 4)), module.layer(torch.ones(1, 4)))


def test_folding_leaves_nothing_of_batch_norm_relu_and_dropout() -> None:
    module = nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(36, 8),
        nn.ReLU(),
        nn.Linear(8, 3),
    )
    nodes = list(fold(trained(module), torch.float32).graph.nodes)
    # input, convolution, pooling, flattening, two dense layers, output
    assert len(nodes) == 7
    assert not any(node.op == "call_module" for node in nodes)


class Twice(nn.Module):
    """A convolution and a ReLU that are used twice, with batch norm behind one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        once = self.conv(images)
        twice = self.norm(self.conv(functional.relu(once)))
        return (functional.relu(twice) + once.relu() + once).flatten(1)


class Powers(nn.Module):
    """Operations that are not known to folding."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return (images**2 + 1).mean((2, 3)).sort(dim=1).values + torch.add(images, images)[
            ..., 0, 0
        ]


@pytest.mark.parametrize(
    "module",
    [
        Twice(),
        Powers(),
        nn.Sequential(nn.ReLU(), nn.Flatten()),
        nn.Sequential(nn.Conv2d(2, 4, 3, padding="same", padding_mode="reflect"), nn.Flatten()),
        nn.Sequential(nn.Conv2d(2, 4, 3, groups=2, dilation=2, stride=(2, 1)), nn.Flatten()),
        nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.Flatten()),
        nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True), nn.Flatten()),
        nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2, dilation=2), nn.Flatten()),
        nn.Sequential(nn.Conv2d(2, 4, 3), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten()),
        nn.Sequential(nn.AvgPool2d(2, divisor_override=3), nn.AvgPool2d(2, 1), nn.Flatten()),
        nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4, affine=False), nn.Flatten()),
        nn.Sequential(
            nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4, track_running_stats=False), nn.Flatten()
        ),
        nn.Sequential(nn.Flatten(), nn.Linear(162, 4), nn.BatchNorm1d(4), nn.Softmax(dim=1)),
    ],
)
def test_what_is_not_recognised_stays(module: nn.Module) -> None:
    module.eval()
    images = torch.randn(3, 2, 9, 9)
    with torch.no_grad():
        expected = module(images.clone())
        given = images.clone()
        folded = fold(copy.deepcopy(module), torch.float32)(given)
    torch.testing.assert_close(folded, expected, rtol=1e-4, atol=1e-5)
    assert torch.equal(given, images)


def test_dropout_that_goes_on_after_training_stays() -> None:
    class Dropping(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return functional.dropout(functional.dropout(images), 0.5, self.training)

    calls = [node for node in fold(Dropping().eval(), torch.float32).graph.nodes if node.args]
    assert [node.target for node in calls] == [functional.dropout, "output"]


def test_a_module_whose_flow_depends_on_the_images_is_refused() -> None:
    class Choosing(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images if images.sum() > 0 else -images

    with pytest.raises(Exception, match="control flow"):
        fold(Choosing(), torch.float32)


def test_a_module_with_hooks_is_refused() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    module[1].register_forward_hook(lambda *_: None)
    with pytest.raises(ValueError, match="hooks"):
        fold(module, torch.float32)
