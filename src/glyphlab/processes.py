"""Python processes of our own beside this one, which speak through pipes."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import NoReturn

LAUNCHED = "GLYPHLAB_LAUNCHED"
"""The variable that tells a process that it ends with the one that started it."""


def start_python(code: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a process that runs a line of Python, with the same modules to be found.

    It is a Python of its own, no fork, which may hang where there are threads; and it does not
    run the user's script anew, as `multiprocessing` does, which ends badly without a guard. Ctrl-C
    does not reach it.

    Parameters
    ----------
    code : str
    **environment
        Variables beside ours, or in their place.
    """
    modules = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(  # noqa: S603  # it is this Python
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": modules, **environment},
    )


def available_cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def is_first_process() -> bool:
    """Whether this process speaks and writes for all that train together.

    They are told apart as PyTorch's documents say, by the variables RANK and WORLD_SIZE.
    """
    return os.environ.get("RANK", "0") == "0" or os.environ.get("WORLD_SIZE", "1") == "1"


def is_one_of_several() -> bool:
    """Whether `torchrun` or the like has started this process beside others."""
    return os.environ.get("WORLD_SIZE", "1") != "1"


def leave(status: int) -> NoReturn:
    """End this process, which has trained beside others, without taking leave of its libraries.

    PyTorch's threads for several processes abort one in some forty that end in the usual way, when
    all is done and written.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def end_with_parent() -> None:
    """Stop, as after Ctrl-C, when the process that started this one is gone."""
    if os.environ.get(LAUNCHED) != "1":
        return

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
