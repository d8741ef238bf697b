"""Tasks that tests give to nodes."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError, Interrupted
from glyphlab.interruption import stop_on_interrupt
from glyphlab.lab.trainings import Order, train
from glyphlab.places.place import Shared
from glyphlab.training.status import Status


def double(number: int) -> int:
    return 2 * number


def refuse(what: str) -> None:
    raise InputError(f"{what} can't be used; give another.")


def fail() -> None:
    raise KeyError("a defect")


def threads() -> tuple[str | None, int]:
    import torch

    return os.environ.get("OMP_NUM_THREADS"), torch.get_num_threads()


def describe(shared: Shared[Dataset]) -> dict[str, Any]:
    """What a node sees of a Dataset."""
    dataset = shared.get()
    part = dataset.subset(np.arange(5))
    return {
        "owned": dataset.images.flags.owndata,
        "writeable": dataset.images.flags.writeable,
        "fingerprint": dataset.fingerprint,
        "part": (len(part), part.ids[4]),
        "renamed": dataset.renamed("other").name,
    }


def ask(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def ask_and_forgive(function: Callable[[], None]) -> str:
    try:
        function()
    except InputError as error:
        return str(error)
    return "nothing was raised"


def write_more(text: str, folder: Path) -> list[str]:
    """Add a line to a file of the folder, and a new file; give what was there."""
    before = sorted(path.name for path in folder.rglob("*") if path.is_file())
    file = folder / "lines.txt"
    file.write_text((file.read_text() if file.exists() else "") + text)
    (folder / "deep").mkdir(exist_ok=True)
    (folder / "deep" / "number.bin").write_bytes(b"\0\1")
    return before


def refuse_in_folder(folder: Path) -> None:
    (folder / "left.txt").write_text("so far")
    raise InputError(f"The run in {folder} has another Recipe.")


def die_once(mark: str) -> int:
    """The process is killed the first time; the file `mark` tells that it has been."""
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def die_always() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work_until_stopped(started: str, folder: Path) -> None:
    """Save what is done when asked to stop, as a training does."""
    with stop_on_interrupt() as stop:
        Path(started).touch()
        while not stop.requested:
            time.sleep(0.01)
    (folder / "checkpoint.txt").write_text("half-way")
    raise Interrupted("Stopped.", folder)


def train_but_die_once(mark: str, order: Order, dataset: Shared[Dataset], *, folder: Path) -> None:
    """Train; the process is killed after an epoch the first time."""

    def note(title: str, state: str, node: str = "", status: Status | None = None) -> None:
        if status is not None:
            die_once(mark)

    train(order, dataset, note, True, folder=folder)


def add_up(shared: Shared[float]) -> tuple[float, int, int]:
    """The sum over all processes of their rank and a number, with how many they are."""
    import torch
    from torch import distributed

    total = torch.tensor(shared.get() + distributed.get_rank())
    distributed.all_reduce(total)
    return float(total), distributed.get_world_size(), torch.get_num_threads()


def refuse_on_the_second(what: str) -> None:
    from torch import distributed

    if distributed.get_rank() == 1:
        refuse(what)
    distributed.barrier()
