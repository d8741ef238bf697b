"""The disk as commands see it: calls that change it are counted, and fail when they are told to.

It needs a C compiler and Linux: faults.c is put between the commands and the system.
"""

import ctypes
import errno
import mmap
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jobs import Job, Usual, prepare, undisturbed

NEVER = 1 << 60


class _Order(ctypes.Structure):
    """As in faults.c."""

    _fields_ = (
        ("calls", ctypes.c_long),
        ("first", ctypes.c_long),
        ("last", ctypes.c_long),
        ("error", ctypes.c_long),
        ("below", ctypes.c_char * 4096),
        ("log", ctypes.c_char * 4096),
    )


class Disk:
    """The disk as commands see it that are started from now on.

    Parameters
    ----------
    place : Path
        A folder for what it needs.
    error : str, optional
        By which error of the system a call fails; by none, its process is killed.

    Raises
    ------
    FileNotFoundError
        If there is no C compiler.
    """

    def __init__(self, place: Path, error: str | None = "ENOSPC") -> None:
        library, file, self._log = place / "faults.so", place / "order", place / "log"
        source = Path(__file__).with_name("faults.c")
        compiler = os.environ.get("CC", "cc")
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
        subprocess.run(command, check=True)
        file.write_bytes(bytes(ctypes.sizeof(_Order)))
        with file.open("r+b") as opened:
            self._order = _Order.from_buffer(mmap.mmap(opened.fileno(), 0))
        self._order.error = getattr(errno, error) if error else 0
        self._order.log = os.fsencode(self._log)
        os.environ |= {"LD_PRELOAD": str(library), "FAULTS_ORDER": str(file)}

    @property
    def calls(self) -> int:
        """How many calls there were since the last order."""
        return int(self._order.calls)

    def fail(self, below: Path, first: int, last: int) -> None:
        """Let the calls from `first` to `last` fail that change anything below a folder."""
        self._order.first, self._order.last, self._order.calls = first, last, 0
        self._order.below = os.fsencode(f"{below.resolve()}/")
        self._log.write_bytes(b"")

    def work(self) -> None:
        """Let all calls succeed."""
        self._order.below = b""

    def waiting(self, below: Path) -> Iterator[tuple[Path, int]]:
        """Files that were written since the last order, not all of which was brought to the disk.

        Yields
        ------
        path : Path
        size : int
            How many bytes at its begin were brought there.
        """
        safe: dict[int, int] = {}
        dirty = set()
        for line in self._log.read_text().splitlines():
            what, inode, size = line[0], *map(int, line[1:].split())
            if what == "s" or not size:  # brought there; a new file, maybe of an old number
                safe[inode] = size
            (dirty.discard if what == "s" else dirty.add)(inode)
        for path in sorted(below.rglob("*")):
            status = path.lstat()
            if path.is_file() and status.st_ino in dirty:
                yield path, min(safe.get(status.st_ino, 0), status.st_size)


@dataclass(frozen=True)
class Stage:
    """A job that was done once undisturbed, to be done again from the same beginning.

    Attributes
    ----------
    usual : Usual
        What it left.
    calls : int
        How many calls changed its files.
    clean, here : Path
        What it begins with, and the folder that it works in.
    disk : Disk
    """

    usual: Usual
    calls: int
    clean: Path
    here: Path
    disk: Disk

    def some_calls(self, most: int) -> list[int]:
        """The numbers of all calls, or of so many, evenly."""
        numbers = np.linspace(1, self.calls, min(self.calls, most)).round().astype(int)
        return [int(number) for number in np.unique(numbers)]

    @contextmanager
    def set(self, first: int, last: int) -> Iterator[Path]:
        """The folder at the beginning, in which the calls from `first` to `last` will fail."""
        shutil.copytree(self.clean, self.here)
        self.disk.fail(self.here, first, last)
        try:
            yield self.here
        finally:
            self.disk.work()
            shutil.rmtree(self.here)


@contextmanager
def staged(job: Job, disk: Disk) -> Iterator[Stage]:
    """Do a job undisturbed, and count its calls."""
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        clean, here = Path(name) / "clean", Path(name) / "here"
        clean.mkdir()
        prepare(clean)
        disk.fail(here, NEVER, NEVER)
        usual = undisturbed(job, clean, here)
        calls = disk.calls
        disk.work()
        shutil.rmtree(here)
        yield Stage(usual, calls, clean, here, disk)
