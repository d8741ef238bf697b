"""Python processes of our own beside this one, which speak through pipes."""

import os
import subprocess
import sys


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
