"""What a node of a cluster does with a task that is sent to it."""

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from glyphlab.errors import GlyphlabError
from glyphlab.places.errors import SentError
from glyphlab.places.folders import Files, pack, unpack
from glyphlab.places.local import Here
from glyphlab.places.versions import Versions, check_versions, own_versions


@dataclass(frozen=True, eq=False)
class Order:
    """A task as it is sent.

    Parameters
    ----------
    function, arguments, cores, gpus
        As of a `Task`.
    versions : mapping
        Of the sender, which must be those of the node.
    folder : str, optional
        What the sender calls the folder that the function writes to.
    files : mapping
        What is in it.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    cores: int
    gpus: float
    versions: Versions
    folder: str | None
    files: Files


class Slot(NamedTuple):
    """Stands in the arguments for a shared value, by its place among those that come along.

    A task that asked for the value itself would be taken for one that waits: Ray gives its core to
    another process, for which it starts Python anew.
    """

    number: int


class Outcome(NamedTuple):
    """What comes back.

    Attributes
    ----------
    value : object
        What the function gave.
    error : SentError, optional
        What it raised.
    files : mapping, optional
        What is in the folder now; None where that has not changed, or there is none.
    """

    value: Any
    error: SentError | None
    files: Files | None


def do(order: Order, *shared: Any) -> Outcome:
    """Do a task; a `GlyphlabError` that it raises comes back as a value, with the folder."""
    arguments = tuple(
        Here(shared[each.number]) if isinstance(each, Slot) else each for each in order.arguments
    )
    order = replace(order, arguments=arguments)
    try:
        check_versions(platform.node(), own_versions(), order.versions)
        compute_on(order.cores, order.gpus)
        if order.folder is None:
            return Outcome(order.function(*order.arguments), None, None)
        return _do_in_folder(order, order.folder)
    except GlyphlabError as error:
        return Outcome(None, SentError.of(error), None)


def _do_in_folder(order: Order, called: str) -> Outcome:
    with TemporaryDirectory(prefix="glyphlab-") as temporary:
        folder = Path(temporary) / "folder"
        folder.mkdir()
        unpack(order.files, folder)
        value, sent = None, None
        try:
            value = order.function(*order.arguments, folder=folder)
        except GlyphlabError as error:
            sent = SentError.of(error, {str(folder): called})
        files = pack(folder)
    return Outcome(value, sent, files if files != order.files else None)


def compute_on(cores: int, gpus: float) -> None:
    """Let PyTorch use so many threads, and no GPU where none was asked for."""
    os.environ["OMP_NUM_THREADS"] = str(cores)
    if not gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(cores)
