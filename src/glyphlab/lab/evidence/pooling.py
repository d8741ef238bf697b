"""Pooling trades position for speed."""

from glyphlab.lab.evidence.checks import Outcomes, larger, loses_less
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.networks import StridedConv
from glyphlab.lab.evidence.trial import PLAIN, Trial
from glyphlab.lab.evidence.words import headings
from glyphlab.language import say
from glyphlab.language.numerals import decimal, number, points, share
from glyphlab.report.evidence import Chart

STEPS = 150
SHIFTS = tuple(range(5))
JUDGED_AT = 2
NONE, MAX, MEAN, STRIDED = "convolution", "max", "mean", "stride"
NETWORKS = {
    NONE: ("conv2", {}),
    MAX: ("conv-pool", {"pooling": "max"}),
    MEAN: ("conv-pool", {"pooling": "mean"}),
    STRIDED: (f"{StridedConv.__module__}:{StridedConv.__name__}", {}),
}


def _label(second: str) -> str:
    return say(f"evidence-second-{second}")


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _label(second),
            model,
            material.budget.steps(STEPS),
            arguments=arguments,
            settings={**PLAIN, "dropout": 0.3},
            recipe_of="conv-pool",
            shifts=SHIFTS,
        )
        for second, (model, arguments) in NETWORKS.items()
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    def seconds(label: str) -> float:
        return outcomes.mean(label, lambda outcome: outcome.train_seconds)

    none, *others = labels = [_label(second) for second in NETWORKS]
    pooled = [_label(second) for second in (MAX, MEAN)]
    checks = [loses_less(outcomes, label, none, JUDGED_AT) for label in pooled]
    gained = [
        say(
            "evidence-pooling-gain",
            label=label,
            none=none,
            seconds=decimal(seconds(label), 1),
            before=decimal(seconds(none), 1),
            difference=points(outcomes.accuracy(label) - outcomes.accuracy(none)),
        )
        for label in others
    ]
    faster = [
        larger(outcomes, "", none, label, lambda outcome: outcome.train_seconds).holds
        for label in pooled
    ]
    if all(faster):
        gained.append(say("evidence-pooling-faster"))
    chart = Chart(
        say("evidence-pooling-chart"),
        say("evidence-axis-shift"),
        say("evidence-axis-accuracy"),
        tuple(outcomes.line(label, [(s, label) for s in SHIFTS], SHIFTS) for label in labels),
    )
    rows = [
        (
            label,
            share(outcomes.accuracy(label)),
            share(outcomes.accuracy(label, JUDGED_AT)),
            decimal(seconds(label), 1),
            number(outcomes[label][0].parameters),
        )
        for label in labels
    ]
    columns = headings("second", "accuracy", "moved", "seconds", "parameters")
    return Findings(checks, columns, rows, (chart,), tuple(gained))


EXPERIMENT = Experiment("pooling", _trials, _judge)
