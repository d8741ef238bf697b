"""All experiments by name, and how they are run."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch

from glyphlab.data.dataset import Dataset, check_compatible
from glyphlab.errors import InputError
from glyphlab.lab.evidence import (
    capacity,
    label_noise,
    notebook_head,
    pixel_order,
    pooling,
    regularisation,
    schedules,
    shift_tolerance,
    training_size,
)
from glyphlab.lab.evidence.experiment import (
    Experiment,
    estimated_seconds,
    run_experiment,
    undone,
)
from glyphlab.lab.evidence.material import Budget, Material
from glyphlab.lab.evidence.team import OnPlace, Team
from glyphlab.lab.evidence.workers import workers
from glyphlab.places.local import HERE
from glyphlab.places.place import Place
from glyphlab.progress import Bar, no_bar
from glyphlab.report.evidence import Evidence
from glyphlab.training.device import choose_device

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.name: module.EXPERIMENT
    for module in (
        training_size,
        pixel_order,
        shift_tolerance,
        pooling,
        regularisation,
        schedules,
        label_noise,
        notebook_head,
        capacity,
    )
}

SECONDS_WORTH_A_TEAM = 20.0
"""From this estimate on the start of further processes pays."""

Announce = Callable[[Experiment, int, float], None]
"""Told, before an experiment, how many trainings it has, and in how many seconds it is done."""


def evidence(
    train: Dataset,
    test: Dataset,
    names: Sequence[str] | None = None,
    *,
    seeds: int = 3,
    scale: float = 1.0,
    out: str | Path = "runs/evidence",
    bar: Bar = no_bar,
    announce: Announce | None = None,
    place: Place = HERE,
) -> list[Evidence]:
    """Test what is claimed about the models, one experiment for each claim.

    Parameters
    ----------
    train, test : Dataset
        Of the same classes and image shape. At most 5,000 and 2,000 images of them are used, times
        `scale`, of each class the same share.
    names : sequence of str, optional
        Of `EXPERIMENTS`; all where none are given.
    seeds : int
        Trainings of each network; 2 or more.
    scale : float
        How many times as long as the shortest trainings are, and how many times as many images.
    out : path
        Where each outcome is kept: what was done before is not done again.
    bar : callable
        Makes a progress bar for each experiment.
    announce : callable, optional
        See `Announce`.
    place : Place
        Where trainings are done; here as many side by side as there are cores.

    Returns
    -------
    list of Evidence
        In the order of the names.

    Raises
    ------
    InputError
        If there is no such experiment, the Datasets don't fit together, or `seeds` or `scale` are
        too small.
    Interrupted
        On Ctrl-C; what is done is kept.
    """
    check_compatible(train, test)
    if seeds < 2 or not 0 < scale <= 1_000:
        raise InputError(
            f"Evidence by {seeds} seeds at a scale of {scale} tells nothing; give 2 seeds or more, "
            "so that their spread is known, and a scale above 0 and up to 1,000."
        )
    chosen = [_experiment(name) for name in dict.fromkeys(names or EXPERIMENTS)]
    material = Material.of(train, test, Budget(seeds, scale))
    trials = {each.name: each.all_trials(material) for each in chosen}
    left = {name: undone(every, material, Path(out) / name) for name, every in trials.items()}
    at_once = _at_once(place)
    costs = {name: estimated_seconds(few, material, at_once) for name, few in left.items()}
    with _team(place, material, Path(out), at_once, sum(costs.values())) as team:
        found = []
        for experiment in chosen:
            if announce is not None:
                announce(experiment, len(trials[experiment.name]), costs[experiment.name])
            found.append(run_experiment(experiment, material, Path(out), bar, team))
    return found


def _at_once(place: Place) -> int:
    """How many trials are done at the same time."""
    if not place.is_here:
        return place.at_once
    return torch.get_num_threads() if choose_device("auto").type == "cpu" else 1


def _team(
    place: Place, material: Material, out: Path, at_once: int, seconds: float
) -> AbstractContextManager[Team | None]:
    """Those who do the trials; nobody where that is done sooner one after the other here."""
    if not place.is_here:
        return nullcontext(OnPlace(place, material) if seconds else None)
    if at_once > 1 and seconds > SECONDS_WORTH_A_TEAM:
        return workers(material, out, at_once)
    return nullcontext()


def _experiment(name: str) -> Experiment:
    if name not in EXPERIMENTS:
        raise InputError(f"There is no experiment {name!r}; choose from {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]
