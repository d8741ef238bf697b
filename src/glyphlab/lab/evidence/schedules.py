"""A decaying rate helps."""

from glyphlab.lab.evidence.checks import Outcomes, more_accurate
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import Trial
from glyphlab.lab.evidence.words import headings
from glyphlab.language import say
from glyphlab.language.numerals import decimal, share, span

STEPS = 240
SCHEDULES = ("constant", "step", "exponential", "plateau", "cosine", "onecycle")
BASE = {
    "optimizer": "sgd",
    "learning_rate": 0.05,
    "momentum": 0.9,
    "warmup": 0.0,
    "validation": 0.1,
    "decay": 0.3,
    "decay_every": 1,
    "patience": 1,
}


def _label(schedule: str) -> str:
    return say(f"evidence-schedule-{schedule}")


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _label(schedule),
            "conv-pool",
            material.budget.steps(STEPS),
            settings={**BASE, "schedule": schedule},
        )
        for schedule in SCHEDULES
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    constant, *decaying = labels = [_label(schedule) for schedule in SCHEDULES]
    checks = [more_accurate(outcomes, label, constant) for label in decaying]
    rows = [
        (
            label,
            share(outcomes.accuracy(label)),
            span(outcomes.variation(label).ci95),
            decimal(outcomes.mean(label, lambda outcome: outcome.loss), 3),
        )
        for label in labels
    ]
    return Findings(checks, headings("schedule", "accuracy", "interval", "training-loss"), rows)


EXPERIMENT = Experiment("schedules", _trials, _judge)
