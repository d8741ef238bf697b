"""The search: trial after trial, proposed by the results so far, none of them lost."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from glyphlab.data.dataset import Dataset
from glyphlab.errors import GlyphlabError, InputError
from glyphlab.places.place import Place, Shared, Task
from glyphlab.training.recipe import Recipe
from glyphlab.tuning.folder import TRIALS, SearchFolder
from glyphlab.tuning.proposing import propose, should_end
from glyphlab.tuning.ranges import Space, fits
from glyphlab.tuning.record import Trial, best_of, read_trials, write_trials
from glyphlab.tuning.status import Report, SearchStatus, TrialStatus
from glyphlab.tuning.training import Job, Outcome, Progress, train


@dataclass(frozen=True)
class Plan:
    """What is searched.

    Attributes
    ----------
    model, arguments
        As for `fit`.
    base : Recipe
        What the search starts from.
    space : mapping of key to Range
    first : mapping or None
        Settings of the first trial: those of the base, if they lie in the space.
    trials, seed : int
    prune : bool
        Whether trials are ended early.
    seconds : float or None
        After so long no new trial is begun.
    cores, workers : int
        Of each training, elsewhere than here: how many processes, and the cores of each.
    """

    model: str
    arguments: Mapping[str, Any]
    base: Recipe
    space: Space
    first: Mapping[str, Any] | None
    trials: int
    seed: int
    prune: bool
    seconds: float | None = None
    cores: int = 1
    workers: int = 1

    def recipe(self, settings: Mapping[str, Any]) -> Recipe:
        """The Recipe of a trial: all are trained by one seed, so all hold out the same images."""
        return self.base.replace(**settings, seed=self.seed)


@dataclass
class Search:
    """A search under way.

    Attributes
    ----------
    ended : list of Trial
        In the order in which they ended.
    running : dict of int to mapping
        Settings of trials without result, by number.
    exhausted : bool
        Whether everything there is was tried.
    """

    plan: Plan
    folder: SearchFolder
    report: Report
    ended: list[Trial] = field(default_factory=list)
    running: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    exhausted: bool = False
    at_once: int = 1

    def go(self, place: Place, dataset: Dataset) -> list[Trial]:
        """Do every trial that was not done before, and give all.

        Raises
        ------
        Interrupted
            On Ctrl-C, when all is saved.
        GlyphlabError
            If all trials fail.
        """
        self.ended, self.at_once = self._read(), max(place.at_once // self.plan.workers, 1)
        for trial in self.ended:
            self._tell(_status(trial, earlier=True))
        tasks = self._tasks(place.put(dataset), place.calling(self.judge))
        for _, outcome in place.run(tasks):
            self._note(_trial(outcome, self.running[_number(outcome.label)]))
        if best_of(self.ended) is None:
            raise GlyphlabError(
                f"All {len(self.ended)} trials failed; the last: {self.ended[-1].reason}. Search "
                "lower learning rates, or look at the images by glyphlab data show."
            )
        return sorted(self.ended, key=lambda trial: trial.number)

    def judge(self, label: str, progress: Progress) -> bool:
        """Tell how a trial is doing; say whether to end it early."""
        settings = self.running.get(_number(label))
        if settings is None:  # A word that came late.
            return False
        told = progress._asdict()
        shown = {key: told[key] for key in ("epoch", "epochs", "step", "steps", "accuracy")}
        self._tell(
            TrialStatus(label, "running", settings, seconds_left=progress.seconds_left, **shown)
        )
        if not (self.plan.prune and progress.to_judge):
            return False
        return should_end(self.plan.space, list(self.ended), progress.values)

    def _tasks(
        self, dataset: Shared[Dataset], judge: Callable[[str, Progress], bool]
    ) -> Iterator[Task[Outcome]]:
        """The trials to come; each is proposed when there is room for it."""
        plan, asked, begun = self.plan, self.folder.asked(), time.monotonic()
        done = {trial.number for trial in self.ended}
        for number in (number for number in range(plan.trials) if number not in done):
            late = plan.seconds is not None and time.monotonic() - begun >= plan.seconds
            if late and (self.ended or self.running):
                return
            settings: Mapping[str, Any] | None = asked.get(number)
            if settings is None or not fits(plan.space, settings):
                settings = self._propose(number)
            if settings is None:
                self.exhausted = True
                return
            self.running[number] = settings
            self.folder.write_asked(number, settings)
            try:
                recipe = plan.recipe(settings)
            except InputError as error:  # Keys that exclude each other.
                self._note(Trial(number, "failed", settings, reason=str(error).rstrip(".")))
                continue
            job = Job(_label(number), plan.model, plan.arguments, recipe)
            self._tell(TrialStatus(job.label, "running", settings))
            yield Task(
                job.label,
                train,
                (job, dataset, judge),
                cores=plan.cores,
                workers=plan.workers,
                folder=self.folder.trial(number),
            )

    def _read(self) -> list[Trial]:
        file, space = self.folder.path / TRIALS, self.plan.space
        trials = read_trials(file)
        for trial in trials:
            if not fits(space, trial.settings):
                raise InputError(
                    f"{file} is damaged (trial {trial.number} lies outside the search space); "
                    "remove that line, or choose another --out."
                )
        return trials

    def _propose(self, number: int) -> Mapping[str, Any] | None:
        if number == 0 and self.plan.first is not None:
            return self.plan.first
        running = [self.running[other] for other in sorted(self.running)]
        return propose(self.plan.space, self.ended, running, number=number, seed=self.plan.seed)

    def _note(self, trial: Trial) -> None:
        """Keep what came of a trial."""
        self.ended.append(trial)
        write_trials(self.folder.path / TRIALS, self.ended)
        del self.running[trial.number]
        self._tell(_status(trial))

    def _tell(self, trial: TrialStatus) -> None:
        best = best_of(self.ended)
        self.report(
            SearchStatus(
                "search",
                trial,
                ended=len(self.ended),
                trials=max(self.plan.trials, len(self.ended)),
                best=_label(best.number) if best else None,
                best_accuracy=best.validation_accuracy if best else None,
                seconds_left=self._seconds_left(),
            )
        )

    def _seconds_left(self) -> float | None:
        spent = [trial.seconds for trial in self.ended if trial.state != "failed"]
        if not spent:
            return None
        left = max(self.plan.trials - len(self.ended), 0)
        return left * sum(spent) / len(spent) / min(self.at_once, max(left, 1))


def _label(number: int) -> str:
    return f"trial {number}"


def _number(label: str) -> int:
    return int(label.removeprefix("trial "))


def _trial(outcome: Outcome, settings: Mapping[str, Any]) -> Trial:
    return Trial(
        number=_number(outcome.label),
        state=outcome.state,
        settings=settings,
        value=outcome.value,
        validation_accuracy=outcome.accuracy,
        validation_loss=outcome.loss,
        values=outcome.values,
        epochs=outcome.epochs,
        seconds=outcome.seconds,
        reason=outcome.reason,
    )


def _status(trial: Trial, earlier: bool = False) -> TrialStatus:
    return TrialStatus(
        _label(trial.number),
        trial.state,
        trial.settings,
        earlier=earlier,
        epoch=trial.epochs,
        accuracy=trial.validation_accuracy,
        seconds=trial.seconds,
        reason=trial.reason,
    )
