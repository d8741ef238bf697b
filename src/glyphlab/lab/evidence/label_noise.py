"""Test above training is label noise."""

from glyphlab.lab.evidence.checks import Outcomes, gap, larger
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import Trial

STEPS = 150
SHARES = (0.0, 0.05, 0.1, 0.2)


def _label(share: float) -> str:
    return f"{share:.0%} wrong labels"


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(_label(share), "conv-pool", material.budget.steps(STEPS), seed, noise=share)
        for share in SHARES
        for seed in range(material.budget.seeds)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    clean = _label(SHARES[0])
    checks = [
        larger(
            outcomes,
            f"Test minus training accuracy with {_label(share)} against none",
            _label(share),
            clean,
            lambda outcome: -gap(outcome),
        )
        for share in SHARES[1:]
    ]
    rows = [
        (
            _label(share),
            f"{outcomes.mean(_label(share), lambda outcome: outcome.train_accuracy):.4f}",
            f"{outcomes.accuracy(_label(share)):.4f}",
            f"{-100 * outcomes.mean(_label(share), gap):+.2f}".replace("-", "−"),
        )
        for share in SHARES
    ]
    columns = ("training labels", "training accuracy", "test accuracy", "test − training (points)")
    most = outcomes.mean(_label(SHARES[-1]), gap)
    remarks = (
        f"With {_label(SHARES[-1])} the accuracy on clean test images lies "
        f"{100 * abs(most):.1f} points {'above' if most < 0 else 'below'} that on the training "
        "images: what the notebook shows and does not explain."
        if most < 0
        else f"Even with {_label(SHARES[-1])} training lies above test here.",
    )
    return Findings(checks, columns, rows, (), remarks)


EXPERIMENT = Experiment(
    name="label-noise",
    claim="A test accuracy above the training accuracy comes from wrong training labels.",
    method="The network of task 2 on training images of which 0, 5, 10 and 20 % get the label of "
    "any other class; test labels stay as they are. Training accuracy is measured with the labels "
    "that were trained on. Test minus training must grow with the share.",
    trials=_trials,
    judge=_judge,
)
