"""Many trainings, wherever they are done: each ends as a Run in its own folder of this machine."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError, Interrupted
from glyphlab.lab.notebook_protocol import fit_notebook
from glyphlab.lab.watching import Note, Watcher
from glyphlab.places.place import Place, Shared, Task
from glyphlab.places.telling import Seldom, without_waiting
from glyphlab.report.content import Protocol
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import Run, holds_run
from glyphlab.training.status import Report, Status

MLFLOW_SERVER = "MLFLOW_TRACKING_URI"
SENT_SETTINGS = (MLFLOW_SERVER, "MLFLOW_EXPERIMENT_NAME")
"""What a node must know of this machine's environment to tell a tool of a training."""


class Order(NamedTuple):
    """What a node must know of a training beside its images.

    Attributes
    ----------
    title, model, protocol, recipe, log
        As of a `Training`.
    environment : mapping
        Variables to be set, with their values.
    """

    title: str
    model: str
    protocol: Protocol
    recipe: Recipe
    log: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Training:
    """One training of many.

    Parameters
    ----------
    title : str
        What those who watch call it; no two of one lab have the same.
    model : str
        Name in the registry, "timm:name" or "package.module:factory".
    dataset : Dataset
    recipe : Recipe
        By the notebook's protocol, its seed alone counts.
    out : Path
        Folder of the run.
    protocol : {"corrected", "notebook"}
    log : sequence of str
        Tools that are told of it.
    """

    title: str
    model: str
    dataset: Dataset
    recipe: Recipe
    out: Path
    protocol: Protocol = "corrected"
    log: Sequence[str] = field(default=())

    @property
    def finished(self) -> bool:
        """Whether its folder holds a finished run, whatever of."""
        return holds_run(self.out) and Run(self.out).info.finished

    def order(self, place: Place) -> Order:
        """What is sent of it to a place."""
        environment: dict[str, str] = {}
        if not place.is_here:
            environment = {name: os.environ[name] for name in SENT_SETTINGS if name in os.environ}
        return Order(self.title, self.model, self.protocol, self.recipe, self.log, environment)


def train_all(
    trainings: Sequence[Training], place: Place, watch: Watcher, folder: Path, cores: int = 1
) -> list[Run]:
    """Do every training that was not done before, as many at once as the place does.

    Parameters
    ----------
    trainings : sequence of Training
    place : Place
    watch : callable
        See `Watcher`.
    folder : Path
        Where all of it is, for the message at an interruption.
    cores : int
        Of each training, elsewhere than here.

    Returns
    -------
    list of Run
        In the order of the trainings.

    Raises
    ------
    InputError
        If a folder holds another run.
    Interrupted
        On Ctrl-C; runs that have ended are kept, and the others go on another time.
    """
    _check_tools(trainings, place)
    left = [training for training in trainings if not training.finished]
    for training in trainings:
        if training not in left:
            _open(training, place)
    if left:
        _train(left, place, watch, folder, cores)
    return [_open(training, place) for training in trainings]


def _open(training: Training, place: Place) -> Run:
    """The finished run, which must be of this very training."""
    return _do(training.order(place), training.dataset, training.out)


def _check_tools(trainings: Sequence[Training], place: Place) -> None:
    """Refuse a store of MLflow's that is a file, where trainings can't write to it."""
    logs = any("mlflow" in training.log for training in trainings)
    has_server = os.environ.get(MLFLOW_SERVER, "").startswith(("http://", "https://"))
    if logs and not place.is_here and not has_server:
        raise InputError(
            f"Trainings on a cluster can tell MLflow of themselves through a server only; set "
            f"{MLFLOW_SERVER} to its address, or leave --log mlflow out."
        )


def _train(
    trainings: Sequence[Training], place: Place, watch: Watcher, folder: Path, cores: int
) -> None:
    ended = 0
    with watch([training.title for training in trainings]) as note:
        tell = None if note is None else place.calling(note)
        shared = _shared(trainings, place)
        tasks = [
            Task(
                training.title,
                train,
                (training.order(place), shared[id(training.dataset)], tell, place.is_here),
                cores=cores,
                gpus=float(training.recipe.device.startswith("cuda")),
                folder=training.out,
            )
            for training in trainings
        ]
        try:
            for task, _ in place.run(tasks):
                ended += 1
                if note is not None:
                    note(task.label, "done")
        except Interrupted as stopped:
            if place.is_here:
                raise
            raise Interrupted(
                f"Stopped after {ended} of {len(trainings)} trainings; all that was done is saved "
                f"in {folder}.",
                folder,
            ) from stopped


def _shared(trainings: Sequence[Training], place: Place) -> dict[int, Shared[Dataset]]:
    """Every Dataset, sent once, by its id; its fingerprint goes with it."""
    datasets = {id(training.dataset): training.dataset for training in trainings}
    for dataset in datasets.values():
        _ = dataset.fingerprint
    return {key: place.put(dataset) for key, dataset in datasets.items()}


def train(
    order: Order, dataset: Shared[Dataset], tell: Note | None, here: bool, *, folder: Path
) -> None:
    """Train in a folder, or go on with what is in it; the function of a task.

    Parameters
    ----------
    order : Order
    dataset : Shared Dataset
    tell : callable, optional
        Takes note of how far it is.
    here : bool
        Whether that costs nothing, and the machine needs no name.
    folder : Path
        Of the run.
    """
    os.environ.update(order.environment)
    report = None
    if tell is not None:
        node = "" if here else platform.node()
        without_waiting(tell)(order.title, "running", node)
        report = _report(order.title, node, tell, 0.0 if here else None)
    _do(order, dataset.get(), folder, report)


def _report(title: str, node: str, tell: Note, seconds: float | None) -> Report:
    now_and_then = Seldom(tell) if seconds is None else Seldom(tell, seconds)

    def report(status: Status) -> None:
        last = status.entry is not None and status.step == status.steps
        (tell if last else now_and_then)(title, "running", node, status)

    return report


def _do(order: Order, dataset: Dataset, folder: Path, report: Report | None = None) -> Run:
    if order.protocol == "notebook":
        return fit_notebook(
            order.model,
            dataset,
            order.recipe.seed,
            out=folder,
            resume=True,
            report=report,
            log=order.log,
        )
    return fit(
        order.model,
        dataset,
        order.recipe,
        out=folder,
        resume=True,
        report=report,
        log=order.log,
    )
