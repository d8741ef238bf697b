"""A Comparison in sentences that say no more than its figures do."""

from collections.abc import Iterator

import numpy as np

from glyphlab.evaluation.candidate import Candidate, Cost
from glyphlab.evaluation.comparison import Comparison
from glyphlab.evaluation.pairs import SIGNIFICANT, Pair
from glyphlab.evaluation.statistics import Interval
from glyphlab.language.numerals import large, listed, points, points_span

COST_NAMES: dict[Cost, str] = {
    "parameters": "parameters",
    "operations": "operations a prediction",
    "train_seconds": "seconds of training",
    "seconds_per_image": "seconds a prediction",
}
_CALIBRATED = 2.0
"""How many times the error that chance makes is taken for no calibration error."""


def comparison_sentences(comparison: Comparison) -> list[str]:
    """What can be said of the models, and what can't."""
    return [
        *_best(comparison),
        *_cheaper(comparison),
        *_frontier(comparison),
        _reasons(comparison),
        *_classes(comparison),
        *_calibration(comparison),
        _agreement(comparison),
    ]


def pair_sentence(pair: Pair) -> str:
    """Which of two models is better, by how much, and whether that can be told at all.

    Parameters
    ----------
    pair : Pair
        Its first model is what the sentence is about, see `Pair.seen_from`.
    """
    figures = pair_figures(pair)
    if pair.differs:
        better = "better" if pair.difference > 0 else "worse"
        return f"{pair.first} is {better} than {pair.second} ({figures})."
    if pair.p_adjusted < SIGNIFICANT:
        return (
            f"Trainings of {pair.first} and of {pair.second} differ on these {pair.n:,} images, "
            f"but too much from seed to seed to say which model is better ({figures})."
        )
    return (
        f"No difference between {pair.first} and {pair.second} can be told from these "
        f"{pair.n:,} images ({figures}); one of {100 * pair.detectable:.2f} points would have been "
        "found four times out of five."
    )


def pair_figures(pair: Pair) -> str:
    """The difference of a pair with its interval, test and n."""
    trainings = f", {pair.trainings} trainings of each" if pair.trainings > 1 else ""
    return (
        f"difference {points(pair.difference)}, 95 % interval {points_span(pair.ci95)}, exact "
        f"McNemar {p_in_words(pair.p_adjusted)} after Holm’s correction, n = {pair.n:,}{trainings}"
    )


def p_in_words(p_value: float) -> str:
    """A p-value with four digits, which is never rounded down to nothing."""
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"


def cost_in_words(cost: Cost, value: float | None) -> str:
    """A cost with its unit, short: 225,898 / 7.8 million / 31.2 s / 54 µs."""
    if value is None:
        return "–"
    match cost:
        case "parameters" | "operations":
            return large(value)
        case "train_seconds":
            return f"{value:,.1f} s"
        case "seconds_per_image":
            micro = 1e6 * value
            return f"{micro:,.0f} µs" if micro >= 9.5 else f"{micro:.1f} µs"


def _best(comparison: Comparison) -> Iterator[str]:
    best, rivals = comparison.best, comparison.rivals
    mean = f", mean of {best.trainings} trainings" if best.trainings > 1 else ""
    yield (
        f"{best.name} has the highest accuracy: {best.accuracy:.4f} of {comparison.n:,} images "
        f"(95 % interval {_span(best.accuracy_ci95)}{mean})."
    )
    if len(comparison.candidates) == 1:
        return
    if rivals:
        nearest = comparison.pair(best.name, rivals[0].name)
        names = listed([rival.name for rival in rivals])
        yield (
            f"On these images it can’t be told from {names} (to {rivals[0].name}: "
            f"{pair_figures(nearest)})."
        )
    else:
        nearest = comparison.pair(best.name, comparison.candidates[1].name)
        yield f"It is better than every other one; the nearest: {pair_sentence(nearest)}"


def _cheaper(comparison: Comparison) -> Iterator[str]:
    """Which of those that can't be told from the best costs least."""
    rivals = comparison.rivals
    if not rivals:
        return
    for cost in ("operations", "train_seconds"):
        priced = [(c.cost(cost), c) for c in (comparison.best, *rivals)]
        known = [(price, c) for price, c in priced if price is not None]
        if len(known) == len(priced):
            price, cheapest = min(known, key=lambda entry: entry[0])
            if cheapest is not comparison.best:
                yield (
                    f"Of these {cheapest.name} takes the fewest {COST_NAMES[cost]}: "
                    f"{cost_in_words(cost, price)} in place of "
                    f"{cost_in_words(cost, comparison.best.cost(cost))}."
                )


def _frontier(comparison: Comparison) -> Iterator[str]:
    kept = comparison.frontier("operations")
    beaten = [c.name for c in comparison.candidates if c not in kept]
    if len(kept) + len(beaten) < 2 or not kept:
        return
    names = listed([candidate.name for candidate in kept])
    if not beaten:
        yield f"More operations bring more accuracy at each step: {names}."
    elif len(kept) == 1:
        yield f"{names} is the most accurate here and takes the fewest operations a prediction."
    else:
        yield (
            f"By operations a prediction {names} stand on the frontier; for {listed(beaten)} there "
            "is one that is as accurate on these images and cheaper."
        )


def _reasons(comparison: Comparison) -> str:
    """How far seeds and how far the draw of the images move an accuracy."""
    several = [c for c in comparison.candidates if c.trainings > 1]
    best = comparison.best
    if not several:
        return (
            f"With another draw of as many test images the accuracy of {best.name} would vary by "
            f"{100 * best.variation.images:.2f} points (standard deviation). How far another seed "
            "would move it is unknown: each model was trained once."
        )
    spreads = [100 * c.variation.seeds for c in several if c.variation.seeds is not None]
    return (
        f"Over seeds the accuracy varies by {min(spreads):.2f} to {max(spreads):.2f} points "
        f"(standard deviation, by model); with another draw of as many test images that of "
        f"{best.name} would vary by {100 * best.variation.images:.2f} points."
    )


def _classes(comparison: Comparison) -> Iterator[str]:
    means = np.mean([c.class_accuracy for c in comparison.candidates], axis=0)
    if np.isnan(means).sum() > len(means) - 2:
        return
    hard, easy = int(np.nanargmin(means)), int(np.nanargmax(means))
    own = comparison.best.class_accuracy
    worst = int(np.nanargmin(own))
    interval = comparison.best.class_ci95[worst]
    assert interval is not None
    yield (
        f"Hardest for all models together is {comparison.classes[hard]} ({means[hard]:.4f} in the "
        f"mean), easiest {comparison.classes[easy]} ({means[easy]:.4f}); {comparison.best.name} "
        f"is worst on {comparison.classes[worst]} ({own[worst]:.4f}, 95 % interval "
        f"{_span(interval)})."
    )


def _calibration(comparison: Comparison) -> Iterator[str]:
    kinds: dict[str, list[str]] = {"says too much": [], "says too little": [], "fits": []}
    for candidate in comparison.candidates:
        kinds[_confidence(candidate)].append(
            f"{candidate.name} ({candidate.calibration.error:.3f})"
        )
    words = {
        "says too much": "More confident than right: {}.",
        "says too little": "More often right than confident: {}.",
        "fits": "As confident as right, as far as these images can tell: {}.",
    }
    said = [words[kind].format(listed(names)) for kind, names in kinds.items() if names]
    yield f"{' '.join(said)} (In brackets: expected calibration error.)"


def _confidence(candidate: Candidate) -> str:
    gathered = candidate.calibration
    if gathered.error <= _CALIBRATED * gathered.error_by_chance:
        return "fits"
    return "says too much" if gathered.overconfidence > 0 else "says too little"


def _agreement(comparison: Comparison) -> str:
    right = comparison.shares_right
    all_right, none_right = int((right == 1).sum()), int((right == 0).sum())
    return (
        f"All models are right on {all_right:,} of the {comparison.n:,} images and all are wrong "
        f"on {none_right:,}; on {comparison.n - all_right - none_right:,} some are right and some "
        "wrong (first trainings)."
    )


def _span(interval: Interval) -> str:
    return f"{interval.low:.4f} to {interval.high:.4f}"
