"""Figures of a Comparison: accuracy against cost, and confidence against accuracy."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from glyphlab.evaluation.candidate import Candidate, Cost
from glyphlab.evaluation.comparison import Comparison
from glyphlab.evaluation.statistics import wilson_interval
from glyphlab.language import say
from glyphlab.report.figures import HAIRLINE, INK, MUTED, TRAINING, VALIDATION, drawn, short

_LABEL_PLACES = ((6, 5), (6, -11), (-6, 5))
"""Where names stand beside their points, in turns from the cheapest on: they rarely meet."""


def frontier(comparison: Comparison, cost: Cost, links: Mapping[str, str] | None = None) -> Figure:
    """Accuracy with its interval against a cost; the frontier is a line through filled points.

    Parameters
    ----------
    comparison : Comparison
    cost : {"parameters", "operations", "train_seconds", "seconds_per_image"}
    links : mapping of str to str, optional
        Where a click on the point of a model leads, as "#model-1".
    """
    return drawn(4.6, 3.2, lambda axes: _draw_frontier(axes, comparison, cost, links or {}))


def _draw_frontier(
    axes: Axes, comparison: Comparison, cost: Cost, links: Mapping[str, str]
) -> None:
    kept = comparison.frontier(cost)
    line = [(c.cost(cost) or 0.0, c.accuracy) for c in kept]
    axes.plot(*zip(*line, strict=True), color=HAIRLINE, linewidth=1.5, drawstyle="steps-post")
    known = [(c.cost(cost), c) for c in comparison.candidates]
    priced = sorted((p, c.name, c) for p, c in known if p is not None)
    for place, (price, name, candidate) in enumerate(priced):
        on_it = candidate in kept
        colour = VALIDATION if on_it else TRAINING
        axes.plot([price, price], candidate.accuracy_ci95, color=colour, linewidth=1.2)
        point = axes.scatter(
            [price],
            [candidate.accuracy],
            s=42,
            marker="o" if on_it else "D",
            facecolors=colour if on_it else "white",
            edgecolors=colour,
            zorder=3,
        )
        if name in links:
            point.set_urls([links[name]])
        across, up = _LABEL_PLACES[place % len(_LABEL_PLACES)]
        axes.annotate(
            short(name),
            (price, candidate.accuracy),
            xytext=(across, up),
            textcoords="offset points",
            ha="left" if across > 0 else "right",
            fontsize=8,
            color=INK,
        )
    axes.set_xscale("log")
    axes.margins(x=0.18)
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=(1,) if high > 50 * low else (1, 2, 5)))
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(say(f"comparison-axis-{cost}"))
    axes.set_ylabel(say("figure-test-accuracy"))
    axes.grid(axis="y")
    axes.tick_params(length=0, which="both")


def reliability(candidate: Candidate) -> Figure:
    """Accuracy against confidence in bins, with Wilson's interval of each bin."""
    return drawn(2.5, 2.5, lambda axes: _draw_reliability(axes, candidate))


def _draw_reliability(axes: Axes, candidate: Candidate) -> None:
    gathered = candidate.calibration
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for place in np.flatnonzero(gathered.counts):
        images = max(round(gathered.counts[place] / candidate.trainings), 1)
        right = round(gathered.accuracy[place] * images)
        confidence = gathered.confidence[place]
        axes.plot(
            [confidence, confidence], wilson_interval(right, images), color=VALIDATION, linewidth=1
        )
    axes.plot(gathered.confidence, gathered.accuracy, color=VALIDATION, marker="o", markersize=3.5)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel(say("figure-confidence"))
    axes.set_ylabel(say("figure-accuracy-axis"))
    axes.grid()
    axes.tick_params(length=0)
