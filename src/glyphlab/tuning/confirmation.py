"""Whether the tuned Recipe is better, by images and seeds that had no part in the search."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from glyphlab.data.dataset import Dataset
from glyphlab.errors import Diverged
from glyphlab.evaluation.comparison import Comparison, compare
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.places.place import Place, Shared, Task
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
        judge, jobs = place.calling(self.note), list(self._jobs())
        tasks = _tasks(jobs, place.put(images.train), place.put(images.test), judge)
        for _, outcome in place.run(tasks):
            job = next(job for job in jobs if job.label == outcome.label)
            self.search.folder.write_files(job.folder, outcome.files)
            self.seconds.append(outcome.seconds)
            self._tell(TrialStatus(job.label, "complete", {}, accuracy=outcome.accuracy))
        home = self.search.folder.path
        evaluations: dict[str, list[Evaluation]] = {}
        for job in jobs:
            saved = Evaluation.load(home / job.folder / EVALUATION)
            evaluations.setdefault(job.label.partition(",")[0], []).append(saved)
        return compare(evaluations)

    def note(self, label: str, progress: Progress) -> bool:
        """Tell how a training is doing; none is ended early."""
        told = progress._asdict()
        shown = {key: told[key] for key in ("epoch", "epochs", "step", "steps", "accuracy")}
        self._tell(TrialStatus(label, "running", {}, seconds_left=progress.seconds_left, **shown))
        return False

    def _jobs(self) -> Iterator[Job]:
        """Seed by seed, the two in turn."""
        plan, home = self.search.plan, self.search.folder.home
        folders = {
            TUNED: (plan.recipe(self.best.settings), f"trial-{self.best.number:04d}"),
            UNTUNED: (plan.base, UNTUNED),
        }
        for seed in range(plan.seed + 1, plan.seed + 1 + self.times):
            for name, (recipe, folder) in folders.items():
                label, place = f"{name}, seed {seed}", f"confirmation/{folder}/seed{seed}"
                own = recipe.replace(seed=seed)
                yield Job(label, plan.model, plan.arguments, own, home, place)

    def _tell(self, trial: TrialStatus) -> None:
        total, ended = 2 * self.times, len(self.seconds)
        mean = sum(self.seconds) / ended if ended else None
        left = None if mean is None else (total - ended) * mean / min(self.search.at_once, total)
        status = SearchStatus("confirmation", trial, ended, total, seconds_left=left)
        self.search.report(status)


def _tasks(
    jobs: list[Job],
    train: Shared[Dataset],
    test: Shared[Dataset],
    judge: Callable[[str, Progress], bool],
) -> Iterator[Task[Outcome]]:
    for job in jobs:
        yield Task(job.label, train_and_test, (job, train, test, judge))
