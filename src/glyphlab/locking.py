"""One process at a time in a folder, by a lock on the folder itself, which leaves no file behind.

The system drops the lock when the process ends, even by kill -9. Where there is no such lock
(Windows, some network file systems) nothing keeps a user from starting two.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glyphlab.errors import InputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def only_here(folder: Path, work: str, advice: str) -> Iterator[None]:
    """Work in a folder, which is made if need be, as the only one that holds it.

    Parameters
    ----------
    folder : Path
    work : str
        What is done there, as "training", for the message.
    advice : str
        What to do beside waiting, as "choose another --out".

    Raises
    ------
    InputError
        If it is held already, or can't be made.
    """
    with held(folder) as alone:
        if not alone:
            raise InputError(
                f"Another {work} is at work in {folder} at this moment; wait for it, or {advice}."
            )
        yield


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold a folder, which is made if need be; False is given where somebody else holds it.

    Raises
    ------
    InputError
        If it can't be made.
    """
    with _opened(folder) as descriptor:
        yield _take(descriptor, wait=False)


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Work in a folder, which is made if need be, once nobody else holds it.

    Raises
    ------
    InputError
        If it can't be made.
    """
    with _opened(folder) as descriptor:
        _take(descriptor, wait=True)
        yield


@contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    descriptor = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if fcntl is not None:
            descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"Can't write {folder}: {reason}; choose another place.") from error
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _take(descriptor: int | None, *, wait: bool) -> bool:
    """Lock what is open; False if somebody else holds it."""
    if descriptor is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # This file system has no locks.
        return True
    return True
