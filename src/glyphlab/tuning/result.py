"""What a search found, and the sentences that say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glyphlab.evaluation.comparison import Comparison
from glyphlab.evaluation.pairs import Pair
from glyphlab.evaluation.statistics import wilson_interval
from glyphlab.training.recipe import Recipe
from glyphlab.tuning.confirmation import TUNED, UNTUNED
from glyphlab.tuning.ranges import Space, word
from glyphlab.tuning.record import Trial


@dataclass(frozen=True, eq=False, repr=False)
class Tuning:
    """A search that has ended; `tune` makes it.

    Attributes
    ----------
    path : Path
        The folder of the search.
    model, dataset : str
        Names.
    seed : int
        The search's.
    n_train, n_validation : int
        Images that each trial trained on and was judged on.
    base, recipe : Recipe
        What the search started from, and what it chose.
    space : mapping
        The keys that were searched, each with what it might be.
    trials : tuple of Trial
        By number.
    best : Trial
        The one whose Recipe was chosen.
    importances : mapping of str to float
        Each key's share in the variance of the results (fANOVA), most first; empty for few trials.
    confirmation : Comparison or None
        Of "tuned" and "untuned", trained with other seeds, on images that no trial had seen; None
        if that was not asked for, or no trial was better than the Recipe to start from.
    exhausted : bool
        Whether the space held no more to try.
    """

    path: Path
    model: str
    dataset: str
    seed: int
    n_train: int
    n_validation: int
    base: Recipe
    recipe: Recipe
    space: Space
    trials: tuple[Trial, ...]
    best: Trial
    importances: Mapping[str, float]
    confirmation: Comparison | None
    exhausted: bool = False

    def __repr__(self) -> str:
        changed = ", ".join(f"{key}={word(value)}" for key, value in self.best.settings.items())
        return (
            f"Tuning({self.model!r} on {self.dataset!r}: {len(self.trials)} trials, best "
            f"{self.best.validation_accuracy:.4f} by {changed})"
        )

    @property
    def changes(self) -> bool:
        """Whether the chosen Recipe is another than the one to start from."""
        return self.recipe != self.base

    @property
    def pair(self) -> Pair | None:
        """The tuned Recipe against the untuned, tested; None without confirmation."""
        return None if self.confirmation is None else self.confirmation.pair(TUNED, UNTUNED)

    def count(self, state: str) -> int:
        """How many trials ended in a state."""
        return sum(trial.state == state for trial in self.trials)

    def sentences(self) -> list[str]:
        """What was found, for a person: how many trials, the best of them, and how sure it is."""
        found = [self._counted(), self._chosen()]
        if self.pair is not None:
            found += [self._confirmed(self.pair), _verdict(self.pair)]
        elif not self.changes:
            found.append(
                "No trial was better than the Recipe that the search started from, so that is kept."
            )
        else:
            found.append(
                "Whether it is better on other images was not asked; --confirm 3 would tell."
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """All figures under stable keys."""
        return {
            "format": "glyphlab.tuning",
            "format_version": 1,
            "model": self.model,
            "dataset": self.dataset,
            "seed": self.seed,
            "n": self.n_train,
            "n_validation": self.n_validation,
            "space": {key: str(values) for key, values in self.space.items()},
            "trials": [trial.to_json() for trial in self.trials],
            "best": self.best.to_json(),
            "recipe": self.recipe.model_dump(exclude_none=True),
            "importances": dict(self.importances),
            "exhausted": self.exhausted,
            "confirmation": None
            if self.confirmation is None or self.pair is None
            else self.confirmation.to_json() | {"tuned_minus_untuned": self.pair.to_json()},
            "folder": str(self.path),
        }

    def _counted(self) -> str:
        pruned, failed = self.count("pruned"), self.count("failed")
        parts = [f"{self.count('complete')} went to their end"]
        parts += [f"{pruned} were ended early"] * (pruned > 0)
        parts += [f"{failed} failed"] * (failed > 0)
        end = "; there was no more to try" if self.exhausted else ""
        return f"{len(self.trials)} trials: {', '.join(parts)}{end}."

    def _chosen(self) -> str:
        n, accuracy = self.n_validation, self.best.validation_accuracy or 0.0
        low, high = wilson_interval(round(accuracy * n), n)
        return (
            f"The best, trial {self.best.number}, recognises {accuracy:.2%} of the {n:,} images "
            f"that chose it (95 % interval {low:.2%} to {high:.2%}). That flatters it: it is "
            f"the highest of {self.count('complete')} figures that all hold chance."
        )

    def _confirmed(self, pair: Pair) -> str:
        assert self.confirmation is not None
        means = {c.name: c.accuracy for c in self.confirmation.candidates}
        trainings = "1 training" if pair.trainings == 1 else f"mean of {pair.trainings} trainings"
        return (
            f"On {pair.n:,} images that no trial has seen, {trainings} each with other seeds: "
            f"tuned {means[TUNED]:.2%}, untuned {means[UNTUNED]:.2%}; a difference of "
            f"{points(pair.difference)} points (95 % interval {points(pair.ci95.low)} to "
            f"{points(pair.ci95.high)}, p = {pair.p_value:.2g})."
        )


def points(share: float) -> str:
    """A difference of shares in points, with its sign."""
    return f"{100 * share:+.2f}".replace("-", "−")


def _verdict(pair: Pair) -> str:
    if not pair.differs:
        return (
            "So the two can't be told apart: tuning has brought nothing that can be shown. A "
            f"difference of {100 * pair.detectable:.1f} points would have been found four times "
            "out of five."
        )
    return (
        "So the tuned Recipe is better."
        if pair.difference > 0
        else "So the tuned Recipe is worse on other images; keep the untuned one."
    )
