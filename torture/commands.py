"""Commands in processes of their own, forked from one that has imported everything.

So a command begins its work at once, and can be started hundreds of times.
"""

import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Work = Callable[[Sequence[str]], None]
"""What a process does with its words: a function that can be imported."""

IMPORTED = [
    *("glyphlab.cli.main", "glyphlab.lab.tasks", "glyphlab.tuning.tune", "glyphlab.report.write"),
    *("glyphlab.auditing.audit", "glyphlab.data.render", "glyphlab.training.fit"),
    *("fluent.runtime", "matplotlib.figure", "optuna", "pandas", "PIL.Image", "rich.progress"),
    *("rich.table", "scipy.spatial", "scipy.stats", "statsmodels.stats.multitest"),
]
os.environ["OMP_NUM_THREADS"] = "1"  # Read once, when PyTorch is imported.
_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(IMPORTED)


def glyphlab_command(words: Sequence[str]) -> None:
    """The command `glyphlab`."""
    from glyphlab.cli.main import main

    main(words)


class Command:
    """A command that has been started.

    Parameters
    ----------
    work : callable
    words : sequence of str
    here : Path
        The folder in which it works; its `home` is where glyphlab keeps things.
    """

    def __init__(self, work: Work, words: Sequence[str], here: Path) -> None:
        self._hear, tell = _FORKING.Pipe(duplex=False)
        self._process: Any = _FORKING.Process(target=_work, args=(work, words, str(here), tell))
        self._process.start()
        tell.close()

    def ends_within(self, seconds: float) -> bool:
        """Wait for its end so long, and tell whether it came."""
        self._process.join(seconds)
        return self._process.exitcode is not None

    def kill(self) -> None:
        """Kill it, and wait until processes of its own have ended, too."""
        self._process.kill()
        self.end()

    def end(self) -> tuple[int, str]:
        """Wait for its end; its status, and what it said."""
        said = b""
        while more := os.read(self._hear.fileno(), 1 << 16):
            said += more
        self._process.join()
        return self._process.exitcode, said.decode(errors="replace")


def run(work: Work, words: Sequence[str], here: Path) -> tuple[int, str]:
    """Do a command to its end; its status, and what it said."""
    return Command(work, words, here).end()


def _work(work: Work, words: Sequence[str], here: str, tell: Connection) -> None:
    """In the new process: what it says goes into the pipe."""
    os.dup2(tell.fileno(), 2)
    tell.close()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.chdir(here)
    os.environ["GLYPHLAB_HOME"] = str(Path(here) / "home")
    try:
        work(words)
    finally:
        sys.stderr.flush()
