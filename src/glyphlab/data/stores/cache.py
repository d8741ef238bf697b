"""The bounded cache of files from stores: what was not used for longest goes first.

`<cache>/<key>/<name>` is a whole file, and its time of change is when it was last used;
`<cache>/<key>.<random>.part` is one that is being fetched. Processes share it.
"""

import math
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from glyphlab.data import catalog
from glyphlab.data.stores.holding import FRESH_SECONDS, Hold, hold, keep, remove_unused
from glyphlab.errors import InputError
from glyphlab.files import bring_to_disk

BOUND = "GLYPHLAB_CACHE_GB"
DEFAULT_GB = 20.0


@dataclass(eq=False)
class Part:
    """A file that is being fetched.

    Attributes
    ----------
    path : Path
    held : Hold
        Says to other processes that it is being written.
    version : str or None
        Of which version of the file it is a beginning.
    """

    path: Path
    held: Hold
    version: str | None = None

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size

    def open(self, start: int) -> BinaryIO:
        """Open it to be written on from an offset; what is behind that is cut off."""
        file = self.path.open("r+b")
        file.truncate(start)
        file.seek(start)
        return file


class _Entry(NamedTuple):
    used: float
    size: int
    path: Path


@dataclass(frozen=True)
class Cache:
    """A folder of files that others hold, too, of bounded size.

    Parameters
    ----------
    folder : Path
    bound : int
        The most bytes in it.
    """

    folder: Path
    bound: int

    @classmethod
    def of_user(cls) -> "Cache":
        """The one below `GLYPHLAB_HOME`, with the bound that `GLYPHLAB_CACHE_GB` sets.

        Raises
        ------
        InputError
            If that is no number above 0.
        """
        return cls(catalog.home() / "cache" / "stores", _bound(os.environ.get(BOUND)))

    def find(self, key: str, name: str, size: int | None, *, fresh: bool = False) -> Path | None:
        """A whole file, which then counts as the one used last; None if it is not there.

        Parameters
        ----------
        key, name : str
        size : int, optional
            The bytes that it must have.
        fresh : bool
            Give it only within a minute after it was fetched.
        """
        path = self.folder / key / name
        held = hold(path)
        if held is None:
            return None
        found = path.stat()
        if size not in (None, found.st_size):
            return None
        if fresh:
            if abs(time.time() - found.st_mtime) > FRESH_SECONDS:
                return None
        else:
            os.utime(path)
        keep(held)
        return path

    def is_being_fetched(self, key: str) -> bool:
        """Whether somebody is at a file, and got on with it within the last minute."""
        for path in self.folder.glob(f"{key}.*.part"):
            with suppress(FileNotFoundError):
                is_fresh = time.time() - path.stat().st_mtime < FRESH_SECONDS
                if not remove_unused(path) and is_fresh:
                    return True
        return False

    @contextmanager
    def new_part(self, key: str) -> Iterator[Part]:
        """A file to be written, which is gone at the end of the block unless it is published."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{key}.{secrets.token_hex(8)}.part"
        try:
            path.touch()
            while (held := hold(path)) is None:  # another process cleaned up in between
                path.touch()
            yield Part(path, held)
        finally:
            path.unlink(missing_ok=True)

    def publish(self, part: Part, key: str, name: str) -> Path:
        """Give a part that is whole its place, and hold it there."""
        target = self.folder / key / name
        bring_to_disk(part.path)
        while not _is_moved(part.path, target):
            pass
        keep(part.held)
        self.make_room(0)
        return target

    def make_room(self, needed: int) -> None:
        """Remove what killed processes left, and what was not used for longest, until it fits.

        What is in use stays, even if that is too much.
        """
        entries = sorted(self._entries())
        total = needed + self._bytes_of_parts() + sum(entry.size for entry in entries)
        for entry in entries:
            if total <= self.bound:
                return
            if remove_unused(entry.path):
                total -= entry.size
                with suppress(OSError):
                    entry.path.parent.rmdir()

    def _bytes_of_parts(self) -> int:
        total = 0
        for path in self.folder.glob("*.part"):
            with suppress(FileNotFoundError):
                size = path.stat().st_size
                total += 0 if remove_unused(path) else size
        return total

    def _entries(self) -> Iterator[_Entry]:
        for path in self.folder.glob("*/*"):
            with suppress(FileNotFoundError):
                found = path.stat()
                yield _Entry(found.st_mtime, found.st_size, path)


def _is_moved(part: Path, target: Path) -> bool:
    """Try to put a part into its folder; false if that was just removed as an empty one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.replace(target)
    except FileNotFoundError:
        if not part.exists():
            raise
        return False
    except PermissionError:  # Windows: the same is there already, and open
        if not target.exists():
            raise
    return True


def _bound(text: str | None) -> int:
    try:
        gigabytes = float(text) if text else DEFAULT_GB
    except ValueError:
        gigabytes = math.nan
    if not 0 < gigabytes < math.inf:
        raise InputError(
            f"{BOUND} is {text!r}, which is no size for the cache; set it to gigabytes, such as 20."
        )
    return int(gigabytes * 1e9)
