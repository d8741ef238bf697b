"""The notebook's loss caps its probabilities."""

from glyphlab.lab.evidence.checks import Check, Outcomes, larger, more_accurate
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.networks import SigmoidConvPool
from glyphlab.lab.evidence.trial import Trial
from glyphlab.lab.phrases import highest_probability, lowest_loss

STEPS = 200
CORRECT, SIGMOID = "logits", "sigmoid, taken for logits"
NETWORKS = {
    CORRECT: "conv-pool",
    SIGMOID: f"{SigmoidConvPool.__module__}:{SigmoidConvPool.__name__}",
}


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(
            label,
            model,
            material.budget.steps(STEPS),
            seed,
            settings={"label_smoothing": 0.0},
            recipe_of="conv-pool",
        )
        for label, model in NETWORKS.items()
        for seed in range(material.budget.seeds)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    classes = len(material.train.classes)
    floor, cap = lowest_loss(classes), highest_probability(classes)
    losses = [outcome.loss for outcome in outcomes[SIGMOID]]
    highest = max(outcome.confidence for outcome in outcomes[SIGMOID])
    checks = [
        Check(
            f"By arithmetic no probability can pass {cap:.4f} and no loss fall below {floor:.4f}; "
            f"the highest probability on a test image is {highest:.4f}, the lowest training loss "
            f"{min(losses):.4f}.",
            highest <= cap + 1e-4 and min(losses) >= floor - 1e-4,
        ),
        larger(
            outcomes,
            "Expected calibration error, sigmoid against logits",
            SIGMOID,
            CORRECT,
            lambda outcome: outcome.calibration_error,
        ),
    ]
    accuracy = more_accurate(outcomes, CORRECT, SIGMOID)
    rows = [
        (
            label,
            f"{outcomes.accuracy(label):.4f}",
            f"{outcomes.mean(label, lambda outcome: outcome.loss):.3f}",
            f"{max(outcome.confidence for outcome in outcomes[label]):.4f}",
            f"{outcomes.mean(label, lambda outcome: outcome.calibration_error):.4f}",
        )
        for label in NETWORKS
    ]
    columns = ("head", "accuracy", "training loss", "highest probability", "calibration error")
    return Findings(checks, columns, rows, (), (f"Accuracy: {accuracy.sentence}",))


EXPERIMENT = Experiment(
    name="notebook-head",
    claim="The notebook's loss caps its probabilities.",
    method="The network of task 2, with its logits, and with sigmoid outputs that are taken for "
    "logits, as in the notebook; all else the same. Probabilities and loss must keep to the bounds "
    "that follow from outputs between 0 and 1, and the calibration error must be larger.",
    trials=_trials,
    judge=_judge,
)
