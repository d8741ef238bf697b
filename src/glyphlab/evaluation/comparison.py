"""The Comparison: several models on the same images, paired image by image."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from glyphlab.errors import InputError
from glyphlab.evaluation.candidate import COSTS, Candidate, Cost
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.evaluation.pairs import SIGNIFICANT, Pair, compare_pairs
from glyphlab.language import say
from glyphlab.language.numerals import number, points_span, share
from glyphlab.notebook import interval_svg, table_html


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several models on the same images; `compare` makes it.

    Attributes
    ----------
    candidates : tuple of Candidate
        From the highest accuracy to the lowest.
    """

    candidates: tuple[Candidate, ...]

    def __repr__(self) -> str:
        ranked = ", ".join(f"{c.name} {share(c.accuracy)}" for c in self.candidates)
        return say("notebook-comparison", n=self.n, dataset=self.dataset, models=ranked)

    def _repr_html_(self) -> str:
        ends = (
            min(c.accuracy_ci95.low for c in self.candidates),
            max(c.accuracy_ci95.high for c in self.candidates),
        )
        rows = [
            (
                c.name,
                c.trainings,
                share(c.accuracy),
                interval_svg(c.accuracy_ci95.low, c.accuracy, c.accuracy_ci95.high, ends),
                share(c.calibration.error),
                number(c.cost("parameters") or 0),
                self._against_best(c),
            )
            for c in self.candidates
        ]
        columns = (
            "model",
            "trainings",
            "accuracy",
            "interval",
            "calibration",
            "parameters",
            "best",
        )
        heads = [say(f"notebook-column-{column}") for column in columns]
        title = say("notebook-models-on", models=len(rows), n=self.n, dataset=self.dataset)
        return table_html(heads, rows, title)

    def _against_best(self, candidate: Candidate) -> str:
        if candidate is self.best:
            return say("notebook-the-best")
        pair = self.pair(candidate.name, self.best.name)
        told = "worse" if pair.differs else "same"
        return say("notebook-against-best", told=told, interval=points_span(pair.ci95))

    @property
    def n(self) -> int:
        """How many images all were tested on."""
        return self.candidates[0].n

    @property
    def dataset(self) -> str:
        """The name of the Dataset."""
        return self.candidates[0].evaluations[0].dataset

    @property
    def classes(self) -> Sequence[str]:
        """Class names."""
        return self.candidates[0].evaluations[0].classes

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every pair, tested image by image and corrected for their number; best names first."""
        return compare_pairs(self.candidates)

    def pair(self, first: str, second: str) -> Pair:
        """The pair of these two names, seen from the first."""
        found = next(p for p in self.pairs if {p.first, p.second} == {first, second})
        return found.seen_from(first)

    @property
    def best(self) -> Candidate:
        """The one with the highest accuracy on these images."""
        return self.candidates[0]

    @property
    def rivals(self) -> tuple[Candidate, ...]:
        """Those that can't be told from the best."""
        rest = self.candidates[1:]
        return tuple(c for c in rest if not self.pair(self.best.name, c.name).differs)

    def frontier(self, cost: Cost) -> tuple[Candidate, ...]:
        """Those that no other beats in accuracy at the same or a lower cost, cheapest first."""
        known = [(c.cost(cost), c) for c in self.candidates]
        priced = sorted(
            ((price, -c.accuracy, c) for price, c in known if price is not None),
            key=lambda entry: entry[:2],
        )
        kept: list[Candidate] = []
        for _, _, candidate in priced:
            if not kept or candidate.accuracy > kept[-1].accuracy:
                kept.append(candidate)
        return tuple(kept)

    @cached_property
    def shares_right(self) -> Float[np.ndarray, " n"]:
        """For each image the share of models that recognise it, their first trainings."""
        return np.asarray(np.mean([c.correct[0] for c in self.candidates], axis=0))

    def disagreements(self, k: int) -> Int64[np.ndarray, " at_most_k"]:
        """Indices of the images on which the first trainings disagree most, at most `k`.

        Those first of which nearest to half of the models are right; of equals those whose
        predictions are of more different classes, and then those of which the models are surer.
        """
        firsts = [c.evaluations[0] for c in self.candidates]
        predictions = np.sort([e.predictions for e in firsts], axis=0)
        kinds = 1 + np.count_nonzero(np.diff(predictions, axis=0), axis=0)
        sure = np.mean([e.probabilities.max(axis=1) for e in firsts], axis=0)
        from_half = np.abs(2 * np.sum([e.correct for e in firsts], axis=0) - len(firsts))
        split = np.flatnonzero(kinds > 1)
        order = np.lexsort((-sure[split], -kinds[split], from_half[split]))
        return np.asarray(split[order][: max(k, 0)], np.int64)

    def to_json(self) -> dict[str, Any]:
        """All figures under stable keys."""
        return {
            "format": "glyphlab.comparison",
            "format_version": 1,
            "dataset": self.dataset,
            "n": self.n,
            "classes": list(self.classes),
            "models": [candidate.to_json() for candidate in self.candidates],
            "pairs": [pair.to_json() for pair in self.pairs],
            "frontier": {cost: [c.name for c in self.frontier(cost)] for cost in COSTS},
        }


def compare(evaluations: Sequence[Evaluation] | Mapping[str, Sequence[Evaluation]]) -> Comparison:
    """Compare models that were tested on the same images.

    Parameters
    ----------
    evaluations : sequence of Evaluation, or mapping of name to such a sequence
        In a sequence, Evaluations of one model name are trainings of one model. Names of your own,
        as for one model trained in two ways, are the keys of a mapping.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If there are fewer than two models, they were tested on different images or classes, one
        is given twice with the same seed, or there are too few images for any test to tell
        anything.
    """
    groups = evaluations if isinstance(evaluations, Mapping) else _by_model(evaluations)
    for problem in _problems(groups):
        raise InputError(f"No comparison: {problem}.")
    comparison = rank(groups)
    least = fewest_images(len(groups))
    if comparison.n < least:
        raise InputError(
            f"No comparison: {comparison.n:,} images of {comparison.dataset} can't tell "
            f"{len(groups)} models apart, whatever they answer; the exact test needs {least} at "
            "the least, and some hundreds to find small differences."
        )
    return comparison


def rank(groups: Mapping[str, Sequence[Evaluation]]) -> Comparison:
    """The Comparison of any number of models, also of one, on any number of images."""
    candidates = [Candidate(name, tuple(found)) for name, found in groups.items()]
    return Comparison(tuple(sorted(candidates, key=lambda c: -c.accuracy)))


def fewest_images(models: int) -> int:
    """How many images it takes that an exact test between so many models can tell anything.

    With n images that one model always and the other never recognises, its p-value is 2 / 2^n;
    Holm's correction multiplies the smallest one by the number of pairs.
    """
    pairs = models * (models - 1) // 2
    return 1 + math.floor(math.log2(2 * max(pairs, 1) / SIGNIFICANT))


def _by_model(evaluations: Sequence[Evaluation]) -> dict[str, list[Evaluation]]:
    groups: dict[str, list[Evaluation]] = {}
    for evaluation in evaluations:
        groups.setdefault(evaluation.model, []).append(evaluation)
    return groups


def _problems(groups: Mapping[str, Sequence[Evaluation]]) -> Iterator[str]:
    empty = [name for name, found in groups.items() if not found]
    if empty:
        yield f"{empty[0]} has no evaluation; give one at least"
    if len(groups) < 2:
        named = f"only {next(iter(groups))} is given" if groups else "nothing is given"
        yield f"{named}; it takes two models at least"
    (first_name, first), *_ = [(name, e) for name, found in groups.items() for e in found]
    for name, found in groups.items():
        for evaluation in found:
            if tuple(evaluation.classes) != tuple(first.classes):
                yield (
                    f"{name} knows the classes {', '.join(evaluation.classes)}, but {first_name} "
                    f"{', '.join(first.classes)}; test all on the same"
                )
            if evaluation.dataset_fingerprint != first.dataset_fingerprint:
                yield (
                    f"{name} was tested on other images ({evaluation.n:,} of "
                    f"{evaluation.dataset}) than {first_name} ({first.n:,} of {first.dataset}); "
                    "test all on the same"
                )
        seed, times = Counter(e.seed for e in found).most_common(1)[0]
        if times > 1:
            yield (
                f"{name} is given {times} times with the seed {seed}; give each training once, or "
                "names of their own to models trained in different ways"
            )
