"""The folder of a new run, or of one to go on with."""

import copy
import json
import platform
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.files import safe_name, write_text
from glyphlab.locking import only_here
from glyphlab.models import build, is_known, name_of, origin_of
from glyphlab.models.origin import Origin
from glyphlab.models.precision import choose_precision
from glyphlab.training.device import choose_device, describe_machine
from glyphlab.training.group import ALONE, Group
from glyphlab.training.preparation import count_held_out, initial_module, override_dropout
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.training.run import RECIPE, Run, RunInfo, holds_run, write_info
from glyphlab.version import __version__


def start_run(
    model: str | nn.Module,
    dataset: Dataset,
    recipe: Recipe | None,
    held: ExitStack,
    *,
    arguments: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    protocol: str = "corrected",
    group: Group = ALONE,
) -> Run:
    """Make the folder of a new run, or find the one to go on with.

    Nobody else can train in it until `held` is closed.

    Raises
    ------
    InputError
        If the folder holds a run and `resume` is not asked for, or holds another one; or another
        training is at work in it.
    """
    given = dict(arguments or {})
    name, origin = name_of(model), origin_of(model, given)
    recipe = recipe or default_recipe(name)
    path = Path(out) if out else _free_folder(f"{name}-{dataset.name}-seed{recipe.seed}")
    info = None if holds_run(path) else _describe(model, origin, dataset, recipe, given)
    check_divides(recipe, group.size)
    held.enter_context(only_here(path, "training", "choose another --out"))
    if info is None or holds_run(path):
        run = Run(path, _own_module(model, dataset, given))
        if not resume:
            raise InputError(
                f"{path} already holds a run; go on with it by --resume, or choose another --out."
            )
        _check_same(run, origin, dataset, recipe)
        return run
    write_text(path / RECIPE, recipe.to_toml())
    write_info(path, replace(info, protocol=protocol, processes=group.size))
    return Run(path)


def shared_run(group: Group, start: Callable[[], Run]) -> Run:
    """Let the first of several processes start a run, and tell the others of it."""
    started: list[Run] = []

    def tell() -> bytes:
        started.append(start())
        run = started[0]
        return json.dumps([str(run.path), asdict(run.info), run.recipe.model_dump()]).encode()

    if group.size == 1:
        return start()
    path, info, recipe = json.loads(group.from_first(tell))
    return started[0] if started else Run.elsewhere(Path(path), RunInfo(**info), Recipe(**recipe))


def check_divides(recipe: Recipe, processes: int) -> None:
    """Refuse a number of processes that can't share a batch evenly.

    Raises
    ------
    InputError
        Naming both.
    """
    if recipe.batch_size % processes:
        raise InputError(
            f"A batch of {recipe.batch_size} can't be divided evenly among {processes} processes; "
            f"give a batch_size that is a multiple of {processes}, or other --workers."
        )


def _describe(
    model: str | nn.Module,
    origin: Origin,
    dataset: Dataset,
    recipe: Recipe,
    arguments: Mapping[str, Any],
) -> RunInfo:
    """Everything about a run that is known before it starts; refuses what can't be trained."""
    if len(dataset.classes) < 2:
        raise InputError(f"{dataset.name} has one class only; give at least two to tell apart.")
    n_train, n_validation = count_held_out(dataset, recipe)
    module = initial_module(model, dataset, recipe, arguments)
    if recipe.dropout is not None:
        override_dropout(copy.deepcopy(module), recipe.dropout, origin.model)
    device = choose_device(recipe.device)
    dtype = choose_precision(recipe.precision, device)
    return RunInfo(
        model=origin.model,
        arguments=origin.arguments,
        protocol="corrected",
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        n_train=n_train,
        n_validation=n_validation,
        parameters=sum(p.numel() for p in module.parameters() if p.requires_grad),
        threads=torch.get_num_threads(),
        precision=str(dtype).removeprefix("torch."),
        device=str(device),
        machine=describe_machine(device),
        versions={
            "glyphlab": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    )


def _own_module(
    model: str | nn.Module, dataset: Dataset, arguments: Mapping[str, Any]
) -> nn.Module | None:
    """The module of a model that no weights file may name."""
    if isinstance(model, str) and is_known(model):
        return None
    return build(model, dataset.image_shape, len(dataset.classes), **arguments)


def _check_same(run: Run, origin: Origin, dataset: Dataset, recipe: Recipe) -> None:
    """Refuse to go on with a run that is not the one asked for."""
    asked = {
        "model": origin.model,
        "Dataset": dataset.fingerprint,
        "arguments": _as_read_again(origin.arguments),
    }
    info = run.info
    held = {"model": info.model, "Dataset": info.fingerprint, "arguments": dict(info.arguments)}
    differs = [key for key in asked if asked[key] != held[key]]
    if recipe != run.recipe:
        differs.append("Recipe")
    if differs:
        raise InputError(
            f"The run in {run.path} has another {' and '.join(differs)}; "
            "repeat its own command to go on with it, or choose another --out."
        )


def _as_read_again(arguments: dict[str, Any]) -> Any:
    """Arguments as `run.json` gives them back: tuples as lists."""
    return json.loads(json.dumps(arguments))


def _free_folder(name: str) -> Path:
    """Give the first of runs/NAME, runs/NAME-2, … that holds no run yet."""
    name = safe_name(name)
    first = Path("runs") / name
    candidates = (first if i == 1 else first.with_name(f"{name}-{i}") for i in range(1, 10_000))
    return next(path for path in candidates if not holds_run(path))
