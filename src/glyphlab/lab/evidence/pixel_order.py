"""Convolutions use that neighbours belong together."""

from glyphlab.lab.evidence.checks import Outcomes, more_accurate, same_accuracy
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import PLAIN, PLAIN_STEPS, Trial
from glyphlab.lab.evidence.words import headings
from glyphlab.language import say
from glyphlab.language.numerals import share

BLIND = ("logistic", "mlp")
"""Models to which the order of the pixels is nothing."""


def _mixed(model: str) -> str:
    return say("evidence-permuted", model=model)


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _mixed(model) if permuted else model,
            model,
            material.budget.steps(steps),
            settings=PLAIN,
            permuted=permuted,
        )
        for model, steps in PLAIN_STEPS.items()
        for permuted in (False, True)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    checks = [
        same_accuracy(outcomes, model, _mixed(model))
        if model in BLIND
        else more_accurate(outcomes, model, _mixed(model))
        for model in PLAIN_STEPS
    ]
    rows = [
        (m, share(outcomes.accuracy(m)), share(outcomes.accuracy(_mixed(m)))) for m in PLAIN_STEPS
    ]
    return Findings(checks, headings("model", "in-place", "permuted"), rows)


EXPERIMENT = Experiment("pixel-order", _trials, _judge)
