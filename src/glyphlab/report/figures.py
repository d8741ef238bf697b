"""Figures by Matplotlib: vectors that take the page's colours, or PNG files."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from io import BytesIO, StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
from jaxtyping import Int64, UInt8
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.language import language, say
from glyphlab.report.content import ModelResult
from glyphlab.report.summary import Row

INK, MUTED, HAIRLINE, TRAINING, VALIDATION = "#22262b", "#5b6470", "#dcd8cf", "#b34700", "#005a9c"
LABEL = 32
"""Letters of a name that a figure has room for."""
_VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    HAIRLINE: "hairline",
    TRAINING: "warm",
    VALIDATION: "cool",
}
_RUSSIAN = str.maketrans({".": ",", "k": "тыс.", "M": "млн", "G": "млрд"})
_STYLE: dict[Any, Any] = {
    "axes.edgecolor": HAIRLINE,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": 10,
    "figure.facecolor": "white",
    "font.size": 9,
    "grid.color": HAIRLINE,
    "grid.linewidth": 0.6,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "path.simplify_threshold": 0.3,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
}


@contextmanager
def _style() -> Iterator[None]:
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def drawn(width: float, height: float, draw: Callable[[Axes], None]) -> Figure:
    """One part, with as much margin as its texts need; width and height in inches."""
    with _style():
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
        draw(axes)
        _write_ticks(axes)
        return figure


def _drawn_curves(result: ModelResult, *parts: str) -> Figure:
    """Curves beside each other, with margins known beforehand: measuring them takes long."""
    width, height, left, right, bottom, top = 3.9, 2.5, 0.58, 0.08, 0.45, 0.12
    across = width * len(parts)
    with _style():
        figure = Figure(figsize=(across, height))
        figure.subplots_adjust(
            left=left / across,
            right=1 - right / across,
            bottom=bottom / height,
            top=1 - top / height,
            wspace=(left + right) / (width - left - right),
        )
        for axes, what in zip(
            figure.subplots(1, len(parts), squeeze=False).flat, parts, strict=True
        ):
            _draw_curves(axes, result, what)
            _write_ticks(axes)
        return figure


class _InRussian(Formatter):
    """Texts of ticks as another formatter makes them, with a comma and with Russian thousands."""

    def __init__(self, formatter: Formatter) -> None:
        self._formatter = formatter

    def set_locs(self, locs: Any) -> None:
        """Told all places before the first text is asked for."""
        self._formatter.set_locs(locs)

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self._formatter(x, pos).translate(_RUSSIAN)


def _write_ticks(axes: Axes) -> None:
    """Give the numbers of both axes the decimal sign of the language."""
    if language() == "ru":
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(_InRussian(axis.get_major_formatter()))


def short(name: str) -> str:
    """A name that leaves room for the rest of a figure."""
    return name if len(name) <= LABEL else f"{name[: LABEL - 1]}…"


def to_png(figure: Figure, dots_per_inch: int = 130) -> bytes:
    """The figure as a PNG file, on white."""
    buffer = BytesIO()
    with _style():
        figure.savefig(buffer, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return buffer.getvalue()


def to_svg(figure: Figure, name: str, alt: str) -> str:
    """The figure as an SVG element to stand in a page, in the page's own colours and font.

    Parameters
    ----------
    figure : Figure
    name : str
        Unlike that of any other figure of the page; ids inside are made from it.
    alt : str
        What it shows, for those who can't see it.
    """
    buffer = StringIO()
    with _style():
        mpl.rcParams["svg.hashsalt"] = name
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    text = re.sub(r"font-family: [^;\"]*(; )?", "", text)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var(--{variable})")
    box = re.search(r'viewBox="[^"]*"', text)
    opening = f'<svg {box[0] if box else ""} role="img" aria-label="{escape(alt)}">'
    return re.sub(r"<svg.*?>", lambda _: opening, text, count=1, flags=re.DOTALL)


def curves(result: ModelResult, *parts: str) -> Figure:
    """Curves against epoch, training and validation, each seed a line.

    Parameters
    ----------
    result : ModelResult
    *parts : {"loss", "accuracy"}
        What to draw, from left to right.
    """
    return _drawn_curves(result, *parts)


def curve_values(result: ModelResult, what: str, part: str) -> list[list[tuple[float, float]]]:
    """For each seed the measured points (epoch, value) of a curve.

    Parameters
    ----------
    result : ModelResult
    what : {"loss", "accuracy"}
    part : {"training", "validation"}
    """
    training = "loss" if what == "loss" else "train_accuracy"
    key = training if part == "training" else f"validation_{what}"
    return [
        [(float(e["epoch"]), float(e[key])) for e in run.history if e.get(key) is not None]
        for run in result.runs
    ]


def _draw_curves(axes: Axes, result: ModelResult, what: str) -> None:
    styles = {"training": (TRAINING, "--", "s"), "validation": (VALIDATION, "-", "o")}
    for part, (colour, dashes, marker) in styles.items():
        for seed, points in enumerate(curve_values(result, what, part)):
            if not points:
                continue
            first = seed == 0
            axes.plot(
                *zip(*points, strict=True),
                color=colour,
                linestyle=dashes,
                linewidth=1.7 if first else 0.8,
                alpha=1 if first else 0.55,
                marker=marker if first and len(points) <= 30 else "",
                markersize=3,
                label=say(f"figure-{part}") if first else None,
            )
    axes.set_xlabel(say("figure-epoch"))
    axes.set_ylabel(say(f"figure-{what}-axis"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y")
    axes.tick_params(length=0)
    if axes.lines:
        axes.legend()


def confusion(evaluation: Evaluation) -> Figure:
    """Counts of images by true and predicted class; shades mean what they do in the page."""
    side = max(3.2, 0.42 * len(evaluation.classes) + 0.9)
    return drawn(side, side, lambda axes: _draw_confusion(axes, evaluation))


def _draw_confusion(axes: Axes, evaluation: Evaluation) -> None:
    counts = evaluation.confusion
    axes.imshow(_shades(counts))
    places = range(len(evaluation.classes))
    axes.set_xticks(places, evaluation.classes)
    axes.set_yticks(places, evaluation.classes)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(say("figure-predicted"))
    axes.set_ylabel(say("figure-true"))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for (row, column), count in np.ndenumerate(counts):
        colour = INK if count else MUTED
        axes.text(column, row, f"{count}", ha="center", va="center", fontsize=8, color=colour)


def _shades(counts: Int64[np.ndarray, "k k"]) -> UInt8[np.ndarray, "k k rgb"]:
    """Colours of the cells: shares of the true class on the diagonal, mistakes beside it."""
    right = np.eye(len(counts), dtype=bool)[:, :, None]
    wrong = np.where(right[:, :, 0], 0, counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    depth = np.where(right[:, :, 0], 0.4 * shares, 0.5 * np.sqrt(wrong / max(wrong.max(), 1)))
    full = np.where(right, to_rgb(VALIDATION), to_rgb(TRAINING))
    return np.asarray(np.rint(255 * (1 - depth[:, :, None] * (1 - full))), np.uint8)


def intervals(rows: Sequence[Row]) -> Figure:
    """Test accuracy of each row with its 95 % interval."""
    return drawn(6.4, 0.34 * len(rows) + 0.8, lambda axes: _draw_intervals(axes, rows))


def _draw_intervals(axes: Axes, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        notebook = row.result.protocol == "notebook"
        colour = TRAINING if notebook else VALIDATION
        axes.plot([row.ci95.low, row.ci95.high], [place, place], color=colour, linewidth=2)
        axes.plot(
            row.accuracy,
            place,
            marker="D" if notebook else "o",
            color=colour,
            markerfacecolor="white" if notebook else colour,
        )
    axes.set_yticks(range(len(rows)), [row.result.name for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(say("figure-accuracy-interval"))
    axes.grid(axis="x")
    axes.tick_params(length=0)
