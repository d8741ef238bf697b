"""More data helps, and some models need more."""

from glyphlab.lab.evidence.checks import Outcomes, more_accurate
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import Trial
from glyphlab.language.numerals import points
from glyphlab.models import ladder
from glyphlab.report.evidence import Chart

SIZES = (50, 100, 1_000, 5_000, 50_000, 200_000)


def _sizes(material: Material) -> list[int]:
    n = len(material.train)
    least = 2 * len(material.train.classes)
    return [*(size for size in SIZES if least <= size < n), n]


def _steps(size: int, material: Material) -> int:
    """Four epochs, but at least 60 steps, and not above 200 where the budget is not larger."""
    return max(60, min(size // 16, material.budget.steps(200)))


def _label(model: str, size: int) -> str:
    return f"{model}, {size:,} images"


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(_label(model, size), model, _steps(size, material), seed, images=size)
        for model in ladder()
        for size in _sizes(material)
        for seed in range(material.budget.seeds)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    sizes, models = _sizes(material), ladder()
    least, most = sizes[0], sizes[-1]
    checks = [more_accurate(outcomes, _label(m, most), _label(m, least)) for m in models]
    gains = {
        m: outcomes.accuracy(_label(m, most)) - outcomes.accuracy(_label(m, sizes[-2]))
        for m in models
    }
    slow, quick = max(gains, key=gains.__getitem__), min(gains, key=gains.__getitem__)
    remarks = (
        f"From {sizes[-2]:,} to {most:,} images {slow} gains most ({points(gains[slow])}) and "
        f"{quick} least ({points(gains[quick])}).",
        *(
            f"With {size:,} images {best} is the most accurate ({accuracy:.4f})."
            for size in (least, most)
            for accuracy, best in [max((outcomes.accuracy(_label(m, size)), m) for m in models)]
        ),
    )
    lines = [outcomes.line(m, [(size, _label(m, size)) for size in sizes]) for m in models]
    chart = Chart(
        "Accuracy against training size",
        "training images",
        "test accuracy (share)",
        tuple(lines),
        log_x=True,
    )
    rows = [(m, *(f"{outcomes.accuracy(_label(m, s)):.4f}" for s in sizes)) for m in models]
    columns = ("model", *(f"{size:,} images" for size in sizes))
    return Findings(checks, columns, rows, (chart,), remarks)


EXPERIMENT = Experiment(
    name="training-size",
    claim="More data helps, and some models need more.",
    method="Every model of the ladder on 50, 100, 1,000, 5,000, … images, for four epochs and at "
    "least 60 steps of 64 images, by its own Recipe.",
    trials=_trials,
    judge=_judge,
)
