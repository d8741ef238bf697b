"""A task that several processes of a cluster do together, by Ray Train."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any

from glyphlab.errors import GlyphlabError, Interrupted, ProcessLost
from glyphlab.places.doing import Order, Outcome, do
from glyphlab.places.errors import SentError

TURNS = 4
"""How often a group is started whose process or machine has died, all in all."""


class Keeper:
    """An actor that keeps what came of the task."""

    def __init__(self) -> None:
        self._outcome: Outcome | None = None

    def keep(self, outcome: Outcome) -> None:
        """Keep an outcome: the first error of any process, or else what the first one gave.

        That another process was lost is none of its own.
        """
        if self._outcome is None or self._outcome.error is None or _is_lost(self._outcome.error):
            self._outcome = outcome

    def kept(self) -> Outcome | None:
        """What is kept, if anything."""
        return self._outcome


def do_together(order: Order, shared: Sequence[Any], workers: int) -> Outcome:
    """Do a task in several processes that are one group of `torch.distributed`.

    It runs on a node, as `doing.do` does for a task of one process. A group of which a process or
    its machine dies is started again, and goes on from where the first had saved.

    Parameters
    ----------
    order : Order
        Its function finds the group initialised, by Gloo or, where it has GPUs, by NCCL. What the
        process of rank 0 gives is the result.
    shared : sequence of ray.ObjectRef
        The shared values among its arguments.
    workers : int
        How many processes.
    """
    logging.getLogger("ray.train").setLevel(logging.ERROR)
    failure: Exception | None = None
    for _ in range(TURNS):
        outcome, failure = _done_once(order, shared, workers)
        if outcome is None:
            continue
        if not _is_lost(outcome.error) and (failure is None or outcome.error is not None):
            return outcome
        if outcome.files is not None:
            order = replace(order, files=outcome.files)  # It has saved where it was.
    raise GlyphlabError(_died(failure)) from failure


def _done_once(
    order: Order, shared: Sequence[Any], workers: int
) -> tuple[Outcome | None, Exception | None]:
    """What a group of processes came to, if anything; and why it failed, if Ray says so."""
    ray, torch_trainer = import_module("ray"), import_module("ray.train.torch")
    keeper = ray.remote(Keeper).options(num_cpus=0).remote()
    gpus = {"GPU": order.gpus} if order.gpus else {}
    with TemporaryDirectory(prefix="glyphlab-") as folder:
        trainer = torch_trainer.TorchTrainer(
            _work,
            train_loop_config={"order": order, "shared": list(shared), "keeper": keeper},
            torch_config=torch_trainer.TorchConfig(backend="nccl" if gpus else "gloo"),
            scaling_config=ray.train.ScalingConfig(
                num_workers=workers,
                use_gpu=bool(gpus),
                resources_per_worker={"CPU": order.cores, **gpus},
            ),
            run_config=ray.train.RunConfig(storage_path=folder),
        )
        failure = None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Ray warns of its own settings
                trainer.fit()
        except Exception as error:
            failure = error
    return ray.get(keeper.kept.remote()), failure


def _work(settings: Mapping[str, Any]) -> None:
    """What each process does: the others give nothing but their errors.

    If they are interrupted, it was by the first, which says why.
    """
    ray, keeper = import_module("ray"), settings["keeper"]
    outcome = do(settings["order"], *ray.get(settings["shared"]))
    is_first = ray.train.get_context().get_world_rank() == 0
    error = outcome.error
    is_own = error is not None and error.kind is not Interrupted
    if is_first or (is_own and not _is_lost(error)):
        ray.get(keeper.keep.remote(outcome))
    if error is not None and is_own:
        raise error.made()


def _is_lost(error: SentError | None) -> bool:
    return error is not None and error.kind is ProcessLost


def _died(error: Exception | None) -> str:
    lines = (line.strip() for line in str(error).splitlines())
    said = next(filter(None, lines), "no reason given").rstrip(".:")
    return (
        f"A worker of the training has died {TURNS} times ({type(error).__name__}: {said}); repeat "
        "the command to go on with what is left."
    )
