"""The notebook's loss caps its probabilities."""

from glyphlab.lab.evidence.checks import Check, Outcomes, larger, more_accurate
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.networks import SigmoidConvPool
from glyphlab.lab.evidence.trial import Trial
from glyphlab.lab.evidence.words import headings
from glyphlab.lab.phrases import highest_probability, lowest_loss
from glyphlab.language import say
from glyphlab.language.numerals import decimal, share

STEPS = 200
LOGITS, SIGMOID = "logits", "sigmoid"
NETWORKS = {
    LOGITS: "conv-pool",
    SIGMOID: f"{SigmoidConvPool.__module__}:{SigmoidConvPool.__name__}",
}


def _label(head: str) -> str:
    return say(f"evidence-head-{head}")


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            _label(head),
            model,
            material.budget.steps(STEPS),
            settings={"label_smoothing": 0.0},
            recipe_of="conv-pool",
        )
        for head, model in NETWORKS.items()
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    classes = len(material.train.classes)
    floor, cap = lowest_loss(classes), highest_probability(classes)
    logits, sigmoid = _label(LOGITS), _label(SIGMOID)
    lowest = min(outcome.loss for outcome in outcomes[sigmoid])
    highest = max(outcome.confidence for outcome in outcomes[sigmoid])
    checks = [
        Check(
            say(
                "evidence-notebook-head-bounds",
                cap=decimal(cap, 4),
                floor=decimal(floor, 4),
                highest=decimal(highest, 4),
                lowest=decimal(lowest, 4),
            ),
            highest <= cap + 1e-4 and lowest >= floor - 1e-4,
        ),
        larger(
            outcomes,
            say("evidence-notebook-head-calibration"),
            sigmoid,
            logits,
            lambda outcome: outcome.calibration_error,
        ),
    ]
    accuracy = more_accurate(outcomes, logits, sigmoid)
    rows = [
        (
            label,
            share(outcomes.accuracy(label)),
            decimal(outcomes.mean(label, lambda outcome: outcome.loss), 3),
            decimal(max(outcome.confidence for outcome in outcomes[label]), 4),
            decimal(outcomes.mean(label, lambda outcome: outcome.calibration_error), 4),
        )
        for label in (logits, sigmoid)
    ]
    columns = headings("head", "accuracy", "training-loss", "highest-probability", "calibration")
    remark = say("evidence-notebook-head-accuracy", sentence=accuracy.sentence)
    return Findings(checks, columns, rows, (), (remark,))


EXPERIMENT = Experiment("notebook-head", _trials, _judge)
