"""Convolutions use that neighbours belong together."""

from glyphlab.lab.evidence.checks import Outcomes, more_accurate, same_accuracy
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import PLAIN, PLAIN_STEPS, Trial

BLIND = ("logistic", "mlp")
"""Models to which the order of the pixels is nothing."""


def _mixed(model: str) -> str:
    return f"{model}, pixels permuted"


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _mixed(model) if permuted else model,
            model,
            material.budget.steps(steps),
            seed,
            settings=PLAIN,
            permuted=permuted,
        )
        for model, steps in PLAIN_STEPS.items()
        for permuted in (False, True)
        for seed in range(material.budget.seeds)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    checks = [
        same_accuracy(outcomes, model, _mixed(model))
        if model in BLIND
        else more_accurate(outcomes, model, _mixed(model))
        for model in PLAIN_STEPS
    ]
    rows = [
        (m, f"{outcomes.accuracy(m):.4f}", f"{outcomes.accuracy(_mixed(m)):.4f}")
        for m in PLAIN_STEPS
    ]
    return Findings(checks, ("model", "pixels in place", "pixels permuted"), rows)


EXPERIMENT = Experiment(
    name="pixel-order",
    claim="Convolutions use that neighbouring pixels belong together.",
    method="The pixels of all images, training and test, in one other order, drawn once; no "
    "augmentation. Logistic regression and the fully connected network must not change (by more "
    "than a point), convolutions must fall.",
    trials=_trials,
    judge=_judge,
)
