"""More data helps, and some models need more."""

from glyphlab.lab.evidence.checks import Outcomes, more_accurate
from glyphlab.lab.evidence.experiment import Experiment, Findings
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import Trial
from glyphlab.lab.evidence.words import headings, with_images
from glyphlab.language import say
from glyphlab.language.numerals import points, share
from glyphlab.models import ladder
from glyphlab.report.evidence import Chart

SIZES = (50, 100, 1_000, 5_000, 50_000, 200_000)


def _sizes(material: Material) -> list[int]:
    n = len(material.train)
    least = 2 * len(material.train.classes)
    smaller = [size for size in SIZES if least <= size < n]
    return [*(smaller or [max(n // 2, 1)]), n]


def _steps(size: int, material: Material) -> int:
    """Four epochs, but at least 60 steps, and not above 200 where the budget is not larger."""
    return max(60, min(size // 16, material.budget.steps(200)))


def _trials(material: Material) -> list[Trial]:
    return [
        Trial(with_images(model, size), model, _steps(size, material), images=size)
        for model in ladder()
        for size in _sizes(material)
    ]


def _judge(outcomes: Outcomes, material: Material) -> Findings:
    sizes, models = _sizes(material), ladder()
    least, most = sizes[0], sizes[-1]
    checks = [more_accurate(outcomes, with_images(m, most), with_images(m, least)) for m in models]
    lines = [outcomes.line(m, [(size, with_images(m, size)) for size in sizes]) for m in models]
    chart = Chart(
        say("evidence-training-size-chart"),
        say("evidence-axis-images"),
        say("evidence-axis-accuracy"),
        tuple(lines),
        log_x=True,
    )
    rows = [(m, *(share(outcomes.accuracy(with_images(m, s))) for s in sizes)) for m in models]
    columns = (*headings("model"), *(say("evidence-column-size", images=s) for s in sizes))
    return Findings(checks, columns, rows, (chart,), _remarks(outcomes, sizes, models))


def _remarks(outcomes: Outcomes, sizes: list[int], models: tuple[str, ...]) -> tuple[str, ...]:
    """Who gains most by the last step, and who is best with the fewest and with the most."""

    def accuracy(model: str, size: int) -> float:
        return outcomes.accuracy(with_images(model, size))

    gains = {m: accuracy(m, sizes[-1]) - accuracy(m, sizes[-2]) for m in models}
    most, least = max(gains, key=gains.__getitem__), min(gains, key=gains.__getitem__)
    best = {size: max((accuracy(m, size), m) for m in models) for size in (sizes[0], sizes[-1])}
    return (
        say(
            "evidence-training-size-gains",
            images=sizes[-2],
            more=sizes[-1],
            most=most,
            most_gain=points(gains[most]),
            least=least,
            least_gain=points(gains[least]),
        ),
        *(
            say("evidence-training-size-best", images=size, model=model, accuracy=share(reached))
            for size, (reached, model) in best.items()
        ),
    )


EXPERIMENT = Experiment("training-size", _trials, _judge)
