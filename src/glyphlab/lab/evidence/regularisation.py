"""Fully connected networks overfit without regularisation."""

from glyphlab.lab.evidence.checks import Check, Outcomes, above, gap, larger
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import PLAIN, Trial

STEPS = 300
NONE = "none"
WAYS = {NONE: {}, "l1": {"l1": 3e-4}, "l2": {"l2": 1e-2}, "dropout": {"dropout": 0.5}}
"""Strengths that were best, of several, on images held out from the training letters."""
BASE = {**PLAIN, "weight_decay": 0.0, "label_smoothing": 0.0, "dropout": 0.0, "optimizer": "adam"}


def _sizes(material: Material) -> tuple[int, ...]:
    n = len(material.train)
    return tuple(dict.fromkeys((min(500, n), min(5_000, n))))


def _label(way: str, size: int) -> str:
    return f"{way}, {size:,} images"


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _label(way, size),
            "mlp",
            material.budget.steps(STEPS),
            seed,
            settings={**BASE, **changes},
            images=size,
        )
        for size in _sizes(material)
        for way, changes in WAYS.items()
        for seed in range(material.budget.seeds)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    sizes = _sizes(material)
    few = sizes[0]
    checks: list[Check] = [
        *(
            above(outcomes, f"Gap with {n:,} images and no regularisation", _label(NONE, n), gap)
            for n in sizes
        ),
        *(
            larger(
                outcomes,
                f"Gap of training and test with {few:,} images, no regularisation against {way}",
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
            way,
            f"{size:,}",
            f"{outcomes.mean(label, lambda outcome: outcome.train_accuracy):.4f}",
            f"{outcomes.accuracy(label):.4f}",
            f"{100 * outcomes.mean(label, gap):.2f}",
        )
        for size in sizes
        for way in WAYS
        for label in [_label(way, size)]
    ]
    best = max(WAYS, key=lambda way: outcomes.accuracy(_label(way, few)))
    remarks = (
        f"With {few:,} images the most accurate on test images is: {best} "
        f"({outcomes.accuracy(_label(best, few)):.4f}, without regularisation "
        f"{outcomes.accuracy(_label(NONE, few)):.4f}). A smaller gap alone is no merit.",
    )
    columns = ("regularisation", "images", "training accuracy", "test accuracy", "gap (points)")
    return Findings(checks, columns, rows, (), remarks)


EXPERIMENT = Experiment(
    name="regularisation",
    claim="Fully connected networks overfit without regularisation.",
    method="The fully connected network by Adam without augmentation, weight decay and label "
    "smoothing: with nothing, l1, l2, or dropout, on few and on many images. Without "
    "regularisation the training accuracy must lie above the test accuracy, and by more than with "
    "each.",
    trials=_trials,
    judge=_judge,
)
