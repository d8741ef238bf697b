"""Weight sharing gives tolerance to shift."""

from glyphlab.lab.evidence.checks import Outcomes, loses_less
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import PLAIN, PLAIN_STEPS, Trial
from glyphlab.report.evidence import Chart

SHARED = ("conv2", "conv-pool", "lenet5")
SHIFTS = tuple(range(7))
JUDGED_AT = 2
LEARNED = 4.0


def _taught(model: str) -> str:
    return f"{model}, trained with shifts"


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _taught(model) if learned else model,
            model,
            material.budget.steps(steps),
            seed,
            settings={**PLAIN, "shift": learned},
            shifts=SHIFTS,
        )
        for model, steps in PLAIN_STEPS.items()
        for learned in (0.0, LEARNED)
        for seed in range(material.budget.seeds)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    checks = [loses_less(outcomes, model, "mlp", JUDGED_AT) for model in SHARED]
    taught = [loses_less(outcomes, _taught(model), model, JUDGED_AT) for model in PLAIN_STEPS]
    charts = tuple(
        Chart(
            title,
            "shift of the test images (pixels)",
            "test accuracy (share)",
            tuple(outcomes.line(m, [(s, name(m)) for s in SHIFTS], SHIFTS) for m in PLAIN_STEPS),
        )
        for title, name in (("Trained without shifts", str), ("Trained with shifts", _taught))
    )
    rows = [
        (label, *(f"{outcomes.accuracy(label, s):.4f}" for s in SHIFTS))
        for m in PLAIN_STEPS
        for label in (m, _taught(m))
    ]
    columns = ("model", *(f"{s} pixels" for s in SHIFTS))
    return Findings(checks, columns, rows, charts, tuple(check.sentence for check in taught))


EXPERIMENT = Experiment(
    name="shift-tolerance",
    claim="Weight sharing gives tolerance to shift.",
    method="Test images moved by 0 to 6 pixels, right, down, left and up in turns; models trained "
    "without augmentation, and with random shifts of up to 4 pixels alone. Judged at 2 pixels: "
    "networks with convolutions, trained without shifts, must lose less than the fully connected "
    "one.",
    trials=_trials,
    judge=_judge,
)
