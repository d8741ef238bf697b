"""One function in several processes that compute together, by Ray Train."""

import logging
import os
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any

from glyphlab.errors import GlyphlabError, InputError
from glyphlab.extras import extra
from glyphlab.places.doing import compute_on
from glyphlab.places.errors import SentError
from glyphlab.places.place import Place, R
from glyphlab.places.versions import check_versions, own_versions


class Keeper:
    """An actor that keeps what came of the function."""

    def __init__(self) -> None:
        self._value: Any = None
        self._error: SentError | None = None

    def keep(self, value: Any) -> None:
        """Keep the result of the first process."""
        self._value = value

    def fail(self, error: SentError) -> None:
        """Keep the first error of any process."""
        self._error = self._error or error

    def kept(self) -> tuple[Any, SentError | None]:
        """Result and error."""
        return self._value, self._error


def train_on_workers(
    place: Place,
    function: Callable[..., R],
    arguments: tuple[Any, ...],
    workers: int,
    *,
    cores: int = 1,
    gpus: float = 0.0,
) -> R:
    """Call a function in several processes that are one group of `torch.distributed`.

    Parameters
    ----------
    place : Place
        A cluster.
    function : callable
        Of a module, so that another process can import it. It finds the group initialised, by gloo
        or, where it has GPUs, by NCCL.
    arguments : tuple
        What each process calls it with.
    workers : int
        How many processes.
    cores, gpus : int, float
        Of each of them.

    Returns
    -------
    object
        What the process of rank 0 gave.

    Raises
    ------
    InputError
        If the place is no cluster, or has no room for all of them at once.
    GlyphlabError
        What one of them raises, or if one dies.
    """
    if place.is_here:
        raise InputError("Workers of one training need a cluster; compute --on ray.")
    if place.at_once < workers * cores:
        raise InputError(
            f"{workers} workers of {cores} cores need {workers * cores} at once, and the cluster "
            f"has {place.at_once}; ask for fewer, or add a node."
        )
    with extra("cluster", "Training on several workers"):
        ray, torch_trainer = import_module("ray"), import_module("ray.train.torch")
    logging.getLogger("ray.train").setLevel(logging.ERROR)
    keeper = ray.remote(Keeper).options(num_cpus=0).remote()
    with TemporaryDirectory(prefix="glyphlab-") as folder:
        trainer = torch_trainer.TorchTrainer(
            _work,
            train_loop_config={
                "function": function,
                "arguments": arguments,
                "keeper": keeper,
                "versions": own_versions(),
                "cores": cores,
                "gpus": gpus,
            },
            torch_config=torch_trainer.TorchConfig(backend="nccl" if gpus else "gloo"),
            scaling_config=ray.train.ScalingConfig(
                num_workers=workers,
                use_gpu=bool(gpus),
                resources_per_worker={"CPU": cores} | ({"GPU": gpus} if gpus else {}),
            ),
            run_config=ray.train.RunConfig(storage_path=folder),
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Ray warns of its own settings
                trainer.fit()
        except Exception as error:
            raise _said(ray, keeper, error) from error
    value, _ = ray.get(keeper.kept.remote())
    result: R = value
    return result


def _work(settings: Mapping[str, Any]) -> None:
    """What each process does."""
    ray, keeper = import_module("ray"), settings["keeper"]
    try:
        check_versions(os.uname().nodename, own_versions(), settings["versions"])
        compute_on(settings["cores"], settings["gpus"])
        value = settings["function"](*settings["arguments"])
    except GlyphlabError as error:
        ray.get(keeper.fail.remote(SentError.of(error)))
        raise
    if ray.train.get_context().get_world_rank() == 0:
        ray.get(keeper.keep.remote(value))


def _said(ray: Any, keeper: Any, error: Exception) -> Exception:
    """The sentence of the process that failed first, if it said one."""
    _, sent = ray.get(keeper.kept.remote())
    if sent is not None:
        made: Exception = sent.made()
        return made
    return GlyphlabError(
        f"A worker of the training has failed: {type(error).__name__}, {_first(str(error))}; "
        "repeat the command to go on from its checkpoint."
    )


def _first(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "no reason given").rstrip(
        ".:"
    )
