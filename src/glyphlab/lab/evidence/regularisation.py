"""Fully connected networks overfit without regularisation."""

from glyphlab.lab.evidence.checks import Check, Outcomes, above, gap, larger
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import PLAIN, Trial
from glyphlab.lab.evidence.words import headings, with_images
from glyphlab.language import say
from glyphlab.language.numerals import decimal, number, share

STEPS = 300
NONE = "none"
WAYS = {NONE: {}, "l1": {"l1": 3e-4}, "l2": {"l2": 1e-2}, "dropout": {"dropout": 0.5}}
"""Strengths that were best, of several, on images held out from the training letters."""
BASE = {**PLAIN, "weight_decay": 0.0, "label_smoothing": 0.0, "dropout": 0.0, "optimizer": "adam"}


def _sizes(material: Material) -> tuple[int, ...]:
    n = len(material.train)
    return tuple(dict.fromkeys((min(500, n), min(5_000, n))))


def _named(way: str) -> str:
    return say(f"evidence-way-{way}")


def _label(way: str, size: int) -> str:
    return with_images(_named(way), size)


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _label(way, size),
            "mlp",
            material.budget.steps(STEPS),
            settings={**BASE, **changes},
            images=size,
        )
        for size in _sizes(material)
        for way, changes in WAYS.items()
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    sizes = _sizes(material)
    few = sizes[0]
    checks: list[Check] = [
        *(
            above(outcomes, say("evidence-regularisation-gap", images=n), _label(NONE, n), gap)
            for n in sizes
        ),
        *(
            larger(
                outcomes,
                say("evidence-regularisation-smaller", images=few, way=_named(way)),
                _label(NONE, few),
                _label(way, few),
                gap,
            )
            for way in WAYS
            if way != NONE
        ),
    ]
    rows = [
        (
            _named(way),
            number(size),
            share(outcomes.mean(label, lambda outcome: outcome.train_accuracy)),
            share(outcomes.accuracy(label)),
            decimal(100 * outcomes.mean(label, gap), 2),
        )
        for size in sizes
        for way in WAYS
        for label in [_label(way, size)]
    ]
    best = max(WAYS, key=lambda way: outcomes.accuracy(_label(way, few)))
    remark = say(
        "evidence-regularisation-best",
        images=few,
        way=_named(best),
        accuracy=share(outcomes.accuracy(_label(best, few))),
        without=share(outcomes.accuracy(_label(NONE, few))),
    )
    columns = headings("regularisation", "images", "training-accuracy", "test-accuracy", "gap")
    return Findings(checks, columns, rows, (), (remark,))


EXPERIMENT = Experiment("regularisation", _trials, _judge)
