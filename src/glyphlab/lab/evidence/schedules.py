"""A decaying rate helps."""

from glyphlab.lab.evidence.checks import Outcomes, more_accurate
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import Trial

STEPS = 240
CONSTANT = "constant"
SCHEDULES = (CONSTANT, "step", "exponential", "plateau", "cosine", "onecycle")
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


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            schedule,
            "conv-pool",
            material.budget.steps(STEPS),
            seed,
            settings={**BASE, "schedule": schedule},
        )
        for schedule in SCHEDULES
        for seed in range(material.budget.seeds)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    checks = [more_accurate(outcomes, s, CONSTANT) for s in SCHEDULES if s != CONSTANT]
    rows = [
        (
            schedule,
            f"{outcomes.accuracy(schedule):.4f}",
            f"{outcomes.variation(schedule).ci95.low:.4f} – "
            f"{outcomes.variation(schedule).ci95.high:.4f}",
            f"{outcomes.mean(schedule, lambda outcome: outcome.loss):.3f}",
        )
        for schedule in SCHEDULES
    ]
    return Findings(checks, ("schedule", "accuracy", "95 % interval", "training loss"), rows)


EXPERIMENT = Experiment(
    name="schedules",
    claim="A decaying learning rate helps.",
    method="The network of task 2 by SGD with momentum 0.9 and the same highest rate, 0.05, for as "
    "many steps: a constant rate against each that decays. Every one must be more accurate than "
    "the constant one.",
    trials=_trials,
    judge=_judge,
)
