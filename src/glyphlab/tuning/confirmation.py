"""Whether the tuned Recipe is better, by images and seeds that had no part in the search."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from glyphlab.data.dataset import Dataset
from glyphlab.errors import Diverged
from glyphlab.evaluation.comparison import Comparison, compare
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.places.place import Place, Task
from glyphlab.tuning.record import Trial
from glyphlab.tuning.search import Search
from glyphlab.tuning.status import SearchStatus, TrialStatus
from glyphlab.tuning.training import EVALUATION, Job, Outcome, Progress, train_and_test

TUNED, UNTUNED = "tuned", "untuned"
SHARE = 0.2
"""Of the images, set aside before the search: as many as the lab tests on."""


class Divided(NamedTuple):
    """The images of a search: those that it trained on, and those that no trial has seen."""

    train: Dataset
    test: Dataset


def confirm(search: Search, best: Trial, place: Place, images: Divided, times: int) -> Comparison:
    """Train by the tuned and by the untuned Recipe, with other seeds, and compare them.

    Parameters
    ----------
    search : Search
        That has ended.
    best : Trial
        The tuned one.
    place : Place
    images : Divided
    times : int
        Trainings of each.

    Returns
    -------
    Comparison
        Of "tuned" and "untuned".

    Raises
    ------
    Diverged
        If a training does.
    Interrupted
        On Ctrl-C, when all is saved.
    """
    confirmation = _Confirmation(search, best, times)
    try:
        return confirmation.go(place, images)
    except Diverged as error:
        reason = str(error).partition(";")[0]
        raise Diverged(
            f"A training to confirm trial {best.number} by another seed diverged ({reason}), so "
            "its Recipe can't be relied on; search lower learning rates, with another --out."
        ) from error


@dataclass
class _Confirmation:
    search: Search
    best: Trial
    times: int
    seconds: list[float] = field(default_factory=list)

    def go(self, place: Place, images: Divided) -> Comparison:
        shared = place.put(images.train), place.put(images.test), place.calling(self.note)
        jobs, plan = dict(self._jobs()), self.search.plan
        tasks = [
            Task(
                job.label,
                train_and_test,
                (job, *shared),
                cores=plan.cores,
                workers=plan.workers,
                folder=folder,
            )
            for folder, job in jobs.items()
            if not (folder / EVALUATION).exists()
        ]
        for task, outcome in place.run(tasks):
            self.seconds.append(outcome.seconds)
            self._tell(_status(task.label, outcome))
        evaluations: dict[str, list[Evaluation]] = {}
        for folder, job in jobs.items():
            saved = Evaluation.load(folder / EVALUATION)
            evaluations.setdefault(job.label.partition(",")[0], []).append(saved)
        return compare(evaluations)

    def note(self, label: str, progress: Progress) -> bool:
        """Tell how a training is doing; none is ended early."""
        told = progress._asdict()
        shown = {key: told[key] for key in ("epoch", "epochs", "step", "steps", "accuracy")}
        self._tell(TrialStatus(label, "running", {}, seconds_left=progress.seconds_left, **shown))
        return False

    def _jobs(self) -> Iterator[tuple[Path, Job]]:
        """Seed by seed, the two in turn, each with its folder."""
        plan, home = self.search.plan, self.search.folder.path / "confirmation"
        folders = {
            TUNED: (plan.recipe(self.best.settings), f"trial-{self.best.number:04d}"),
            UNTUNED: (plan.base, UNTUNED),
        }
        for seed in range(plan.seed + 1, plan.seed + 1 + self.times):
            for name, (recipe, folder) in folders.items():
                label, own = f"{name}, seed {seed}", recipe.replace(seed=seed)
                job = Job(label, plan.model, plan.arguments, own)
                yield home / folder / f"seed{seed}", job

    def _tell(self, trial: TrialStatus) -> None:
        total, ended = 2 * self.times, len(self.seconds)
        mean = sum(self.seconds) / ended if ended else None
        left = None if mean is None else (total - ended) * mean / min(self.search.at_once, total)
        status = SearchStatus("confirmation", trial, ended, total, seconds_left=left)
        self.search.report(status)


def _status(label: str, outcome: Outcome) -> TrialStatus:
    return TrialStatus(
        label,
        "complete",
        {},
        epoch=outcome.epochs,
        accuracy=outcome.accuracy,
        seconds=outcome.seconds,
    )
