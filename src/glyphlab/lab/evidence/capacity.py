"""Capacity, not convolution, makes the difference."""

from collections.abc import Callable
from functools import cache

import torch

from glyphlab.lab.evidence.checks import Outcomes, no_better
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import PLAIN, Trial
from glyphlab.models import build
from glyphlab.models.shapes import ImageShape
from glyphlab.training.operations import prediction_flops

STEPS = 500
PARAMETERS, OPERATIONS = "as many parameters", "as many operations"


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            label,
            model,
            material.budget.steps(STEPS),
            seed,
            arguments=arguments,
            settings={**PLAIN, "dropout": 0.3},
            recipe_of="conv2",
        )
        for label, model, arguments in _networks_of(material)
        for seed in range(material.budget.seeds)
    ]


def _networks_of(material: Material) -> list[tuple[str, str, dict[str, object]]]:
    return _networks(material.train.image_shape, len(material.train.classes))


@cache
def _networks(shape: ImageShape, classes: int) -> list[tuple[str, str, dict[str, object]]]:
    """LeNet-5, and for each measure a fully connected network and two convolutions like it."""
    found: list[tuple[str, str, dict[str, object]]] = [("lenet5", "lenet5", {})]
    for name, size in ((PARAMETERS, _parameters), (OPERATIONS, _operations)):
        wanted = size("lenet5", shape, classes, {})

        def of_mlp(width: int, size: "Size" = size) -> int:
            return size("mlp", shape, classes, {"hidden": [width]})

        def of_conv(maps: int, size: "Size" = size) -> int:
            return size("conv2", shape, classes, {"maps": maps})

        found.append((f"mlp, {name}", "mlp", {"hidden": [_nearest(of_mlp, wanted)]}))
        found.append((f"conv2, {name}", "conv2", {"maps": _nearest(of_conv, wanted)}))
    return found


Size = Callable[[str, ImageShape, int, dict[str, object]], int]


def _parameters(model: str, shape: ImageShape, classes: int, arguments: dict[str, object]) -> int:
    with torch.random.fork_rng():
        module = build(model, shape, classes, **arguments)
    return sum(parameter.numel() for parameter in module.parameters())


def _operations(model: str, shape: ImageShape, classes: int, arguments: dict[str, object]) -> int:
    height, width, channels = shape
    with torch.random.fork_rng():
        module = build(model, shape, classes, **arguments)
    return prediction_flops(module, torch.zeros(1, channels, height, width))


def _nearest(size: Callable[[int], int], wanted: int) -> int:
    """The width whose network is nearest to the wanted size, which grows with the width."""
    low, high = 1, 2
    while size(high) <= wanted:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if size(middle) <= wanted else (low, middle)
    return min((low, high), key=lambda width: abs(size(width) - wanted))


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    checks = [
        no_better(outcomes, convolutional, f"mlp, {measure}")
        for measure in (PARAMETERS, OPERATIONS)
        for convolutional in ("lenet5", f"conv2, {measure}")
    ]
    rows = [
        (
            label,
            f"{outcomes[label][0].parameters:,}",
            f"{outcomes.accuracy(label):.4f}",
            f"{outcomes.variation(label).ci95.low:.4f} – {outcomes.variation(label).ci95.high:.4f}",
        )
        for label, _, _ in _networks_of(material)
    ]
    return Findings(checks, ("network", "parameters", "accuracy", "95 % interval"), rows)


EXPERIMENT = Experiment(
    name="capacity",
    claim="Capacity, not convolution, makes the difference.",
    method="LeNet-5 beside a fully connected network of one hidden layer and a network of two "
    "convolutions, once with as many parameters and once with as many operations a prediction; "
    "one Recipe, as many steps, no augmentation. By the claim neither network with "
    "convolutions must be better than the fully connected one (by a point at the most).",
    trials=_trials,
    judge=_judge,
)
