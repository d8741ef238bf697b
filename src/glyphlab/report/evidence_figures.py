"""Figures of experiments: curves with bands, told apart by colour, marker and dashes."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, Formatter, FuncFormatter, NullFormatter

from glyphlab.language import language
from glyphlab.language.numerals import number
from glyphlab.report.evidence import Chart
from glyphlab.report.figures import drawn, short

STYLES = (
    ("#0072b2", "o", "-"),
    ("#d55e00", "s", "--"),
    ("#009e73", "^", "-."),
    ("#785ef0", "D", ":"),
    ("#c1619a", "v", "-"),
    ("#8a6d00", "P", "--"),
    ("#7f7f7f", "X", "-."),
)
"""Colours after Okabe & Ito, darkened or lightened until they stand out from white and black."""


def chart(content: Chart) -> Figure:
    """Every line with its 95 % band."""
    return drawn(5.2, 3.1, lambda axes: _draw(axes, content))


def _draw(axes: Axes, content: Chart) -> None:
    for place, line in enumerate(content.lines):
        colour, marker, dashes = STYLES[place % len(STYLES)]
        axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.13, linewidth=0)
        axes.plot(
            line.x,
            line.y,
            color=colour,
            marker=marker,
            linestyle=dashes,
            markersize=4,
            linewidth=1.4,
            label=short(line.name),
        )
    if content.log_x:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(_counts())
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(content.x_label)
    axes.set_ylabel(content.y_label)
    axes.grid(axis="y")
    axes.tick_params(length=0, which="both")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _counts() -> Formatter:
    """Counts on an axis: 10 k in English, 10 000 in Russian, which has no such letter."""
    if language() == "en":
        return EngFormatter(sep=" ")
    return FuncFormatter(lambda count, _: number(count))
