"""Capacity, not convolution, makes the difference."""

from collections.abc import Callable
from functools import cache

import torch

from glyphlab.lab.evidence.checks import Outcomes, no_better
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import PLAIN, Trial
from glyphlab.lab.evidence.words import headings
from glyphlab.language import say
from glyphlab.language.numerals import number, share, span
from glyphlab.models import build
from glyphlab.models.shapes import ImageShape
from glyphlab.training.operations import prediction_flops

STEPS = 500
MEASURES = ("parameters", "operations")


def _label(model: str, measure: str) -> str:
    return say(f"evidence-as-many-{measure}", model=model)


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            label,
            model,
            material.budget.steps(STEPS),
            arguments=arguments,
            settings={**PLAIN, "dropout": 0.3},
            recipe_of="conv2",
        )
        for label, model, arguments in _networks_of(material)
    ]


def _networks_of(material: Material) -> list[tuple[str, str, dict[str, object]]]:
    """LeNet-5, and for each measure a fully connected network and two convolutions like it."""
    matched = _matched(material.train.image_shape, len(material.train.classes))
    like = [(_label(model, measure), model, a) for (model, measure), a in matched.items()]
    return [("lenet5", "lenet5", {}), *like]


@cache
def _matched(shape: ImageShape, classes: int) -> dict[tuple[str, str], dict[str, object]]:
    """By model and measure the arguments with which it is as large as LeNet-5."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    for measure, size in zip(MEASURES, (_parameters, _operations), strict=True):
        wanted = size("lenet5", shape, classes, {})

        def of_mlp(width: int, size: "Size" = size) -> int:
            return size("mlp", shape, classes, {"hidden": [width]})

        def of_conv(maps: int, size: "Size" = size) -> int:
            return size("conv2", shape, classes, {"maps": maps})

        found["mlp", measure] = {"hidden": [_nearest(of_mlp, wanted)]}
        found["conv2", measure] = {"maps": _nearest(of_conv, wanted)}
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
        no_better(outcomes, convolutional, _label("mlp", measure))
        for measure in MEASURES
        for convolutional in ("lenet5", _label("conv2", measure))
    ]
    rows = [
        (
            label,
            number(outcomes[label][0].parameters),
            share(outcomes.accuracy(label)),
            span(outcomes.variation(label).ci95),
        )
        for label, _, _ in _networks_of(material)
    ]
    return Findings(checks, headings("network", "parameters", "accuracy", "interval"), rows)


EXPERIMENT = Experiment("capacity", _trials, _judge)
