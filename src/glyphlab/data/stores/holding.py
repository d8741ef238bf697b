"""Which files of the cache are in use, by whatever process, so that they are not removed.

A file is held by a lock on it (flock), which the system drops when the process ends, even by
kill -9, so that none is left behind. Where there is no such lock (Windows, some network file
systems) a file counts as in use for a minute after it was last written or used; and Windows
removes no file that is open.
"""

import os
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FRESH_SECONDS = 60.0
"""How long a file counts as in use, where locks can't say it."""

_latest = threading.local()


class Hold:
    """A file that stays, until it is released, forgotten, or its process ends."""

    def __init__(self, descriptor: int) -> None:
        self.release = weakref.finalize(self, os.close, descriptor)


def hold(path: Path) -> Hold | None:
    """Hold a file; None if it is not there.

    Raises
    ------
    OSError
        If it can't be opened.
    """
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        held = Hold(descriptor)
        if fcntl is None:
            held.release()  # an open file could not be renamed
            return held
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        if os.fstat(descriptor).st_nlink:
            return held
        held.release()  # removed or replaced meanwhile


def keep(held: Hold | None) -> None:
    """Keep hold of the file that this thread uses now, and let go of the one before."""
    _latest.held = held


def remove_unused(path: Path) -> bool:
    """Remove a file unless it is in use; say whether it is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return not path.exists()
    locked = Hold(descriptor)
    try:
        if _is_in_use(descriptor) or not os.path.samestat(os.fstat(descriptor), path.stat()):
            return False
        if fcntl is None:
            locked.release()
        path.unlink()
    except OSError:
        return not path.exists()
    finally:
        locked.release()
    return True


def _is_in_use(descriptor: int) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            pass
        else:
            return False
    return time.time() - os.fstat(descriptor).st_mtime < FRESH_SECONDS
