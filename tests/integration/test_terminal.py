"""A terminal that closes while a command is at work in it."""

import os
import pty
import signal
import sys
import time
from pathlib import Path

import pytest
from tests.toys import bars

from glyphlab.data.formats import save_dataset
from glyphlab.training.run import CHECKPOINT, WEIGHTS, Run


def started_in_a_terminal(here: Path, *words: str, outlives: bool = False) -> tuple[int, int]:
    """A command whose session has a terminal of its own: its process, and our end of the terminal.

    As by `nohup`, a command that outlives its terminal is started with SIGHUP ignored.
    """
    process, terminal = pty.fork()
    if not process:
        os.chdir(here)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if outlives else signal.SIG_DFL)
        os.execv(sys.executable, [sys.executable, "-m", "glyphlab", *words])
    return process, terminal


def close_once_there(terminal: int, path: Path) -> None:
    """Close a terminal as soon as there is a file; read what is written there until then."""
    os.set_blocking(terminal, False)
    deadline = time.monotonic() + 200
    while not path.exists() and time.monotonic() < deadline:
        try:
            os.read(terminal, 1 << 16)
        except BlockingIOError:
            time.sleep(0.01)
    os.close(terminal)


def words(epochs: int) -> tuple[str, ...]:
    settings = ("--set", f"epochs={epochs}", "--set", "device=cpu", "--out", "run")
    return ("train", "conv-pool", "--data", "bars.safetensors", *settings)


def test_a_terminal_that_closes_stops_a_training_as_ctrl_c_does(tmp_path: Path) -> None:
    save_dataset(bars(400), tmp_path / "bars.safetensors")
    process, terminal = started_in_a_terminal(tmp_path, *words(5_000))
    close_once_there(terminal, tmp_path / "run" / CHECKPOINT)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 130
    assert not Run(tmp_path / "run").info.finished
    assert (tmp_path / "run" / CHECKPOINT).exists()


@pytest.mark.parametrize("lines", [(), ("--quiet",)], ids=["with a bar", "quiet"])
def test_a_training_that_shall_outlive_its_terminal_does(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    save_dataset(bars(400), tmp_path / "bars.safetensors")
    process, terminal = started_in_a_terminal(tmp_path, *lines, *words(60), outlives=True)
    close_once_there(terminal, tmp_path / "run" / CHECKPOINT)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert (tmp_path / "run" / WEIGHTS).exists()
