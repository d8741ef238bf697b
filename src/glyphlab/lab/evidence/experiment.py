"""An experiment: a claim, the trials that isolate it, and how their outcomes are judged."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch.nn import functional

from glyphlab.lab.evidence.checks import Check, Outcomes, verdict
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.team import Team
from glyphlab.lab.evidence.trial import Outcome, Trial, outcome_file, run_trial
from glyphlab.language import say
from glyphlab.models import build
from glyphlab.progress import Bar, Progress, no_bar
from glyphlab.report.evidence import Chart, Evidence
from glyphlab.threads import one_thread
from glyphlab.training.status import Status

SECONDS_BESIDE = 0.4
"""What a trial takes beside its training: images, model, files."""
_TIMED_BATCH = 32


@dataclass(frozen=True)
class Findings:
    """What an experiment's outcomes say: checks of the claim, and all figures."""

    checks: Sequence[Check]
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    charts: tuple[Chart, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """One claim and how it is tested.

    Attributes
    ----------
    name : str
        By which it is asked for; its sentences are found by it, too.
    trials : callable
        From the Material to what is compared, each once, whatever its seed.
    judge : callable
        From Outcomes and Material to Findings.
    """

    name: str
    trials: Callable[[Material], list[Trial]]
    judge: Callable[[Outcomes, Material], Findings]

    @property
    def title(self) -> str:
        """What a page calls it."""
        return say(f"evidence-{self.name}-title")

    @property
    def claim(self) -> str:
        """What is claimed."""
        return say(f"evidence-{self.name}-claim")

    @property
    def method(self) -> str:
        """What is done to test it."""
        return say(f"evidence-{self.name}-method")

    def all_trials(self, material: Material) -> list[Trial]:
        """Every training that is needed: each trial with every seed of the budget."""
        seeds = range(material.budget.seeds)
        return [replace(trial, seed=seed) for trial in self.trials(material) for seed in seeds]


def estimated_seconds(trials: Sequence[Trial], material: Material, at_once: int = 1) -> float:
    """What the trials will take here: the time of one step of each network, counted up.

    Parameters
    ----------
    trials : sequence of Trial
    material : Material
    at_once : int
        How many trials are done at once, each on one thread where there are several.
    """
    paces: dict[str, float] = {}
    seconds = 0.0
    for trial in trials:
        network = f"{trial.model} {dict(trial.arguments)}"
        if network not in paces:
            paces[network] = _seconds_per_image(trial, material, threads=at_once == 1)
        learned = trial.steps * min(64, trial.images or 64)
        tested = len(material.test) * len(trial.shifts) / 3
        seconds += SECONDS_BESIDE + paces[network] * (learned + tested)
    return seconds / at_once


def run_experiment(
    experiment: Experiment,
    material: Material,
    folder: Path,
    bar: Bar = no_bar,
    team: Team | None = None,
) -> Evidence:
    """Do every trial that was not done before, side by side if there is a team, and judge them all.

    Raises
    ------
    Interrupted
        On Ctrl-C; what is done is kept, and the training in hand goes on another time.
    """
    trials = experiment.all_trials(material)
    with bar(f"{experiment.name}: {len(trials)} trainings", "steps") as progress:
        found = _do_all(trials, material, folder / experiment.name, progress, team)
    findings = experiment.judge(Outcomes(found), material)
    return Evidence(
        name=experiment.name,
        title=experiment.title,
        claim=experiment.claim,
        method=experiment.method,
        verdict=verdict(findings.checks),
        sentences=(*(check.sentence for check in findings.checks), *findings.remarks),
        columns=findings.columns,
        rows=tuple(findings.rows),
        charts=findings.charts,
        n=len(material.test),
        trainings=len(trials),
        seeds=material.budget.seeds,
        seconds=sum(outcome.seconds for outcomes in found.values() for outcome in outcomes),
    )


def _do_all(
    trials: Sequence[Trial],
    material: Material,
    folder: Path,
    progress: Progress,
    team: Team | None,
) -> dict[str, list[Outcome]]:
    """The outcomes by label; seed after seed, so that the time left is known from the first on."""
    found: dict[str, dict[int, Outcome]] = {}
    total, done = sum(trial.steps for trial in trials), 0

    def report(status: Status) -> None:
        progress(done + status.step, total)

    by_seed = sorted(trials, key=lambda trial: trial.seed)
    left = undone(by_seed, material, folder)
    if team is not None and left:
        before = total - sum(trial.steps for trial in left)
        team.do(left, folder, lambda steps, _: progress(before + steps, total))
    for trial in [*(trial for trial in by_seed if trial not in left), *left]:
        found.setdefault(trial.label, {})[trial.seed] = run_trial(trial, material, folder, report)
        done += trial.steps
    return {label: [seeds[seed] for seed in sorted(seeds)] for label, seeds in found.items()}


def undone(trials: Sequence[Trial], material: Material, folder: Path) -> list[Trial]:
    """Those that have no outcome yet."""
    return [trial for trial in trials if not outcome_file(trial, material, folder).exists()]


def _seconds_per_image(trial: Trial, material: Material, threads: bool) -> float:
    """Of a training step, by the second of two; on all threads or on one."""
    height, width, channels = material.train.image_shape
    with torch.random.fork_rng(), nullcontext() if threads else one_thread():
        torch.manual_seed(0)
        module = build(
            trial.model, material.train.image_shape, len(material.train.classes), **trial.arguments
        )
        images = torch.rand(_TIMED_BATCH, channels, height, width)
        labels = torch.zeros(_TIMED_BATCH, dtype=torch.int64)
        started = 0.0
        for _ in range(2):
            started = time.perf_counter()
            torch.autograd.backward(functional.cross_entropy(module(images), labels))
    return (time.perf_counter() - started) / _TIMED_BATCH
