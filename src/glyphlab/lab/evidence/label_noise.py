"""Test above training is label noise."""

from glyphlab.lab.evidence.checks import Outcomes, gap, larger
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import Trial
from glyphlab.lab.evidence.words import headings
from glyphlab.language import numerals, say

STEPS = 150
SHARES = (0.0, 0.05, 0.1, 0.2)


def _label(share: float) -> str:
    return say("evidence-wrong-labels", share=numerals.decimal(100 * share, 0))


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(_label(share), "conv-pool", material.budget.steps(STEPS), noise=share)
        for share in SHARES
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    clean = _label(SHARES[0])
    checks = [
        larger(
            outcomes,
            say("evidence-label-noise-check", label=_label(share)),
            _label(share),
            clean,
            lambda outcome: -gap(outcome),
        )
        for share in SHARES[1:]
    ]
    rows = [
        (
            _label(share),
            numerals.share(outcomes.mean(_label(share), lambda outcome: outcome.train_accuracy)),
            numerals.share(outcomes.accuracy(_label(share))),
            numerals.decimal(-100 * outcomes.mean(_label(share), gap), 2, signed=True),
        )
        for share in SHARES
    ]
    columns = headings("labels", "training-accuracy", "test-accuracy", "test-minus-training")
    most = outcomes.mean(_label(SHARES[-1]), gap)
    remark = (
        say(
            "evidence-label-noise-above",
            label=_label(SHARES[-1]),
            points=numerals.decimal(-100 * most, 1),
        )
        if most < 0
        else say("evidence-label-noise-below", label=_label(SHARES[-1]))
    )
    return Findings(checks, columns, rows, (), (remark,))


EXPERIMENT = Experiment("label-noise", _trials, _judge)
