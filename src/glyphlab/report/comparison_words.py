"""A Comparison in sentences that say no more than its figures do."""

from collections.abc import Iterator

import numpy as np

from glyphlab.evaluation.candidate import Candidate, Cost
from glyphlab.evaluation.comparison import Comparison
from glyphlab.evaluation.pairs import SIGNIFICANT, Pair
from glyphlab.language import say
from glyphlab.language.numerals import (
    decimal,
    from_to,
    large,
    listed,
    number,
    p_value,
    points,
    points_span,
    share,
)

CHEAP = 0.1
"""Share of the best model's operations from which on another one is called cheap."""
_CALIBRATED = 2.0
"""How many times the error that chance makes is taken for no calibration error."""


def choice_sentences(comparison: Comparison) -> list[str]:
    """Which model to take, and why, for a reader who knows no statistics."""
    best, rivals = comparison.best, comparison.rivals
    others = [candidate for candidate in comparison.candidates if candidate is not best]
    if not others:
        return []
    if rivals:
        names = listed([rival.name for rival in rivals])
        sentences = [say("choice-rivals", model=best.name, rivals=names, n=comparison.n)]
    else:
        least = min(best.accuracy - other.accuracy for other in others)
        gain, n = decimal(100 * least, 2), comparison.n
        sentences = [say("choice-best", model=best.name, gain=gain, n=n, others=len(others))]
    return [*sentences, *_cheap_choice(comparison)]


def _cheap_choice(comparison: Comparison) -> Iterator[str]:
    """The most accurate of those that need a tenth of the best one's operations at most."""
    best = comparison.best
    whole = best.cost("operations")
    priced = [(c, c.cost("operations")) for c in comparison.candidates]
    cheap = [(c, price) for c, price in priced if price and whole and price <= CHEAP * whole]
    if not cheap or not whole:
        return
    chosen, price = max(cheap, key=lambda entry: entry[0].accuracy)
    yield say(
        "choice-cheap",
        model=chosen.name,
        accuracy=share(chosen.accuracy),
        times=number(whole / price),
        loss=points(chosen.accuracy - best.accuracy),
    )


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
    names = {"first": pair.first, "second": pair.second}
    if pair.differs:
        better = "better" if pair.difference > 0 else "worse"
        return say(f"comparison-{better}", **names, figures=figures)
    if pair.p_adjusted < SIGNIFICANT:
        return say("comparison-seeds-differ", **names, n=pair.n, figures=figures)
    found = decimal(100 * pair.detectable, 2)
    return say("comparison-no-difference", **names, n=pair.n, figures=figures, detectable=found)


def pair_figures(pair: Pair) -> str:
    """The difference of a pair with its interval, test and n."""
    return say(
        "comparison-pair-figures",
        difference=points(pair.difference),
        interval=points_span(pair.ci95),
        p=p_value(pair.p_adjusted),
        n=pair.n,
        trainings=pair.trainings,
    )


def cost_in_words(cost: Cost, value: float | None) -> str:
    """A cost with its unit, short: 225,898 / 7.8 million / 31.2 s / 54 µs."""
    if value is None:
        return "–"
    match cost:
        case "parameters" | "operations":
            return large(value)
        case "train_seconds":
            return say("seconds", seconds=decimal(value, 1))
        case "seconds_per_image":
            micro = 1e6 * value
            return say("microseconds", microseconds=decimal(micro, 0 if micro >= 9.5 else 1))


def _best(comparison: Comparison) -> Iterator[str]:
    best, rivals = comparison.best, comparison.rivals
    yield say(
        "comparison-best",
        model=best.name,
        accuracy=share(best.accuracy),
        n=comparison.n,
        interval=from_to(best.accuracy_ci95),
        trainings=best.trainings,
    )
    if len(comparison.candidates) == 1:
        return
    if rivals:
        nearest = comparison.pair(best.name, rivals[0].name)
        yield say(
            "comparison-rivals",
            rivals=listed([rival.name for rival in rivals]),
            rival=rivals[0].name,
            figures=pair_figures(nearest),
        )
    else:
        nearest = comparison.pair(best.name, comparison.candidates[1].name)
        yield say("comparison-better-than-all", pair=pair_sentence(nearest))


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
                yield say(
                    "comparison-cheapest",
                    model=cheapest.name,
                    cost=cost,
                    price=cost_in_words(cost, price),
                    best=cost_in_words(cost, comparison.best.cost(cost)),
                )


def _frontier(comparison: Comparison) -> Iterator[str]:
    kept = comparison.frontier("operations")
    beaten = [c.name for c in comparison.candidates if c not in kept]
    if len(kept) + len(beaten) < 2 or not kept:
        return
    names = listed([candidate.name for candidate in kept])
    if not beaten:
        yield say("comparison-each-step", models=names)
    elif len(kept) == 1:
        yield say("comparison-cheapest-and-best", model=names)
    else:
        yield say("comparison-frontier", models=names, beaten=listed(beaten))


def _reasons(comparison: Comparison) -> str:
    """How far seeds and how far the draw of the images move an accuracy."""
    several = [c for c in comparison.candidates if c.trainings > 1]
    best = comparison.best
    draw = decimal(100 * best.variation.images, 2)
    if not several:
        return say("comparison-draw", model=best.name, draw=draw)
    spreads = [100 * c.variation.seeds for c in several if c.variation.seeds is not None]
    low, high = (decimal(ends, 2) for ends in (min(spreads), max(spreads)))
    return say("comparison-spread", low=low, high=high, model=best.name, draw=draw)


def _classes(comparison: Comparison) -> Iterator[str]:
    means = np.mean([c.class_accuracy for c in comparison.candidates], axis=0)
    if np.isnan(means).sum() > len(means) - 2:
        return
    hard, easy = int(np.nanargmin(means)), int(np.nanargmax(means))
    own = comparison.best.class_accuracy
    worst = int(np.nanargmin(own))
    interval = comparison.best.class_ci95[worst]
    assert interval is not None
    yield say(
        "comparison-hardest",
        hardest=comparison.classes[hard],
        low=share(means[hard]),
        easiest=comparison.classes[easy],
        high=share(means[easy]),
        model=comparison.best.name,
        worst=comparison.classes[worst],
        accuracy=share(own[worst]),
        interval=from_to(interval),
    )


def _calibration(comparison: Comparison) -> Iterator[str]:
    kinds: dict[str, list[str]] = {"too-much": [], "too-little": [], "fits": []}
    for candidate in comparison.candidates:
        error = decimal(candidate.calibration.error, 3)
        kinds[_confidence(candidate)].append(f"{candidate.name} ({error})")
    said = [
        say(f"comparison-confidence-{kind}", models=listed(names))
        for kind, names in kinds.items()
        if names
    ]
    yield " ".join([*said, say("comparison-confidence-brackets")])


def _confidence(candidate: Candidate) -> str:
    gathered = candidate.calibration
    if gathered.error <= _CALIBRATED * gathered.error_by_chance:
        return "fits"
    return "too-much" if gathered.overconfidence > 0 else "too-little"


def _agreement(comparison: Comparison) -> str:
    right = comparison.shares_right
    all_right, none_right = int((right == 1).sum()), int((right == 0).sum())
    return say(
        "comparison-agreement",
        right=all_right,
        n=comparison.n,
        wrong=none_right,
        split=comparison.n - all_right - none_right,
    )
