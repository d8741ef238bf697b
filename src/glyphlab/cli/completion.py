"""What the shell is offered for the values of options and arguments.

Each key press starts a process, so nothing here imports torch or NumPy. What can't be found out
is not offered: an error would land in the line that the user is writing.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

EXPERIMENTS = (
    "training-size",
    "pixel-order",
    "shift-tolerance",
    "pooling",
    "regularisation",
    "schedules",
    "label-noise",
    "notebook-head",
    "capacity",
)
"""Of `glyphlab evidence`; their modules import torch."""
REASONS = ("duplicates", "near-duplicates", "leaks", "conflicts", "label-errors", "outliers")
"""Of `glyphlab data clean --drop`; their module imports NumPy."""
FORMATS = ("html", "md", "ipynb", "pdf")
"""Of `glyphlab lab --format`; their module imports NumPy."""
PLACES = ("local", "ray", "ray://")
"""Beginnings of places to compute; a cluster's address is the user's."""

_RUNS = Path("runs")
_RUN_DEPTH = 5
"""A lab's runs are the deepest: runs/lab-X/runs/corrected/mlp/seed0."""
_FOLDERS_LOOKED_INTO = 2_000

Offer = list[str]


def models(incomplete: str) -> Offer:
    """Names of models."""
    from glyphlab.models import names

    return _starting(names, incomplete)


def sources(incomplete: str) -> Offer:
    """Names of Datasets: the built-in one and those added."""
    from glyphlab.data import catalog

    return _starting(lambda: [catalog.BUILT_IN, *catalog.names()], incomplete)


def downloads(incomplete: str) -> Offer:
    """Names of the data sets that can be downloaded."""
    from glyphlab.data.download import SOURCES

    return _starting(lambda: SOURCES, incomplete)


def runs(incomplete: str) -> Offer:
    """Folders below runs/, or below the folder written so far, that hold a run."""
    folder = incomplete if incomplete.endswith("/") else os.path.dirname(incomplete)  # noqa: PTH120
    return _starting(lambda: map(str, _run_folders(Path(folder) if folder else _RUNS)), incomplete)


def recipe_keys(incomplete: str) -> Offer:
    """Keys of a Recipe, each with the = that follows."""
    from glyphlab.training.recipe import Recipe

    return _starting(lambda: (f"{key}=" for key in Recipe.model_fields), incomplete)


def experiments(incomplete: str) -> Offer:
    """Names of experiments."""
    return _starting(lambda: EXPERIMENTS, incomplete)


def places(incomplete: str) -> Offer:
    """Where to compute."""
    return _starting(lambda: PLACES, incomplete)


def commands(context: typer.Context, incomplete: str) -> Offer:
    """Names of commands, below those words of a command that are written already."""
    command: Any = context.find_root().command
    for word in context.params.get("words") or ():
        command = getattr(command, "commands", {}).get(word)
    return _starting(lambda: command.commands, incomplete)


def several_models(incomplete: str) -> Offer:
    """Names of models behind those that a comma ends."""
    return _last(models, incomplete)


def several_reasons(incomplete: str) -> Offer:
    """Reasons to drop images, behind those that a comma ends."""
    return _last(lambda word: _starting(lambda: REASONS, word), incomplete)


def several_formats(incomplete: str) -> Offer:
    """Formats of a report, behind those that a comma ends."""
    return _last(lambda word: _starting(lambda: FORMATS, word), incomplete)


def _last(offer: Callable[[str], Offer], incomplete: str) -> Offer:
    before, comma, word = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{name}" for name in offer(word) if name not in taken]


def _starting(find: Callable[[], Iterable[str]], incomplete: str) -> Offer:
    with suppress(Exception):
        return [name for name in find() if name.startswith(incomplete)]
    return []


def _run_folders(start: Path) -> Iterator[Path]:
    """Folders that hold a run, level by level; no more than so many are looked into."""
    level, looked = [start], 0
    for _ in range(_RUN_DEPTH + 1):
        deeper: list[Path] = []
        for folder in level:
            looked += 1
            if looked > _FOLDERS_LOOKED_INTO:
                return
            if (folder / "run.json").is_file():
                yield folder
            else:
                deeper += sorted(path for path in folder.iterdir() if path.is_dir())
        level = deeper
