"""Pooling trades position for speed."""

from glyphlab.lab.evidence.checks import Outcomes, larger, loses_less
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.networks import StridedConv
from glyphlab.lab.evidence.trial import PLAIN, Trial
from glyphlab.language.numerals import points
from glyphlab.report.evidence import Chart

STEPS = 150
SHIFTS = tuple(range(5))
JUDGED_AT = 2
NONE, MAX, MEAN, STRIDED = "a second convolution", "max pooling", "mean pooling", "a stride of 2"
NETWORKS = {
    NONE: ("conv2", {}),
    MAX: ("conv-pool", {"pooling": "max"}),
    MEAN: ("conv-pool", {"pooling": "mean"}),
    STRIDED: (f"{StridedConv.__module__}:{StridedConv.__name__}", {}),
}


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            label,
            model,
            material.budget.steps(STEPS),
            seed,
            arguments=arguments,
            settings={**PLAIN, "dropout": 0.3},
            recipe_of="conv-pool",
            shifts=SHIFTS,
        )
        for label, (model, arguments) in NETWORKS.items()
        for seed in range(material.budget.seeds)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    def seconds(label: str) -> float:
        return outcomes.mean(label, lambda outcome: outcome.train_seconds)

    checks = [loses_less(outcomes, label, NONE, JUDGED_AT) for label in (MAX, MEAN)]
    gained = [
        f"With {label} in place of {NONE} a training takes {seconds(label):.1f} s in place of "
        f"{seconds(NONE):.1f} s, and the accuracy changes by "
        f"{points(outcomes.accuracy(label) - outcomes.accuracy(NONE))}."
        for label in (MAX, MEAN, STRIDED)
    ]
    faster = [
        larger(outcomes, "", NONE, label, lambda outcome: outcome.train_seconds).holds
        for label in (MAX, MEAN)
    ]
    if all(faster):
        gained.append("That pooling is faster holds beyond the spread over seeds.")
    chart = Chart(
        "What becomes of each square of 2×2",
        "shift of the test images (pixels)",
        "test accuracy (share)",
        tuple(outcomes.line(label, [(s, label) for s in SHIFTS], SHIFTS) for label in NETWORKS),
    )
    rows = [
        (
            label,
            f"{outcomes.accuracy(label):.4f}",
            f"{outcomes.accuracy(label, JUDGED_AT):.4f}",
            f"{seconds(label):.1f}",
            f"{outcomes[label][0].parameters:,}",
        )
        for label in NETWORKS
    ]
    columns = ("after the first convolution", "accuracy", "moved by 2 pixels", "s", "parameters")
    return Findings(checks, columns, rows, (chart,), tuple(gained))


EXPERIMENT = Experiment(
    name="pooling",
    claim="Pooling trades position for speed.",
    method="After one convolution: a second one, as in task 1; max and mean pooling, as in task 2; "
    "a convolution of 2×2 with a stride of 2. One Recipe, no augmentation. Networks that pool must "
    "lose less accuracy than that of task 1 when the test images are moved by 2 pixels.",
    trials=_trials,
    judge=_judge,
)
