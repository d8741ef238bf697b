"""Weight sharing gives tolerance to shift."""

from glyphlab.lab.evidence.checks import Outcomes, loses_less
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import PLAIN, PLAIN_STEPS, Trial
from glyphlab.lab.evidence.words import headings
from glyphlab.language import say
from glyphlab.language.numerals import share
from glyphlab.report.evidence import Chart

SHARED = ("conv2", "conv-pool", "lenet5")
SHIFTS = tuple(range(7))
JUDGED_AT = 2
LEARNED = 4.0


def _taught(model: str) -> str:
    return say("evidence-taught", model=model)


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _taught(model) if learned else model,
            model,
            material.budget.steps(steps),
            settings={**PLAIN, "shift": learned},
            shifts=SHIFTS,
        )
        for model, steps in PLAIN_STEPS.items()
        for learned in (0.0, LEARNED)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    checks = [loses_less(outcomes, model, "mlp", JUDGED_AT) for model in SHARED]
    taught = [loses_less(outcomes, _taught(model), model, JUDGED_AT) for model in PLAIN_STEPS]
    charts = tuple(
        Chart(
            title,
            say("evidence-axis-shift"),
            say("evidence-axis-accuracy"),
            tuple(outcomes.line(m, [(s, name(m)) for s in SHIFTS], SHIFTS) for m in PLAIN_STEPS),
        )
        for title, name in (
            (say("evidence-shift-tolerance-without"), str),
            (say("evidence-shift-tolerance-with"), _taught),
        )
    )
    rows = [
        (label, *(share(outcomes.accuracy(label, s)) for s in SHIFTS))
        for m in PLAIN_STEPS
        for label in (m, _taught(m))
    ]
    columns = (*headings("model"), *(say("evidence-column-pixels", shift=s) for s in SHIFTS))
    return Findings(checks, columns, rows, charts, tuple(check.sentence for check in taught))


EXPERIMENT = Experiment("shift-tolerance", _trials, _judge)
