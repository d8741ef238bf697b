"""A file that arrives piece by piece, and goes on after a stop, a kill or a loss of power.

What a process that was killed had written is there for the next; what was written before a loss of
power need not be, and zeros can stand in its place. So how much is safe is noted beside the file,
after so much was brought to the disk, and no more than that is gone on from.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from glyphlab.files import write_text

SECONDS_BETWEEN_NOTES = 1.0


class Arriving:
    """The part of a file that has arrived: `<target>.part`, and beside it `<target>.part.safe`.

    Parameters
    ----------
    target : Path
        Where the file shall be once it is whole.

    Attributes
    ----------
    path : Path
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.safe")

    @property
    def size(self) -> int:
        """How many bytes are there; 0 without a file."""
        return self.path.stat().st_size if self.path.exists() else 0

    def take_up(self) -> None:
        """Keep of what an earlier process left what is safe."""
        if safe := min(self._noted(), self.size):
            os.truncate(self.path, safe)
        else:
            self.discard()

    @contextmanager
    def written(self, start: int) -> Iterator[Callable[[bytes], None]]:
        """Give a function that writes behind the first `start` bytes; at its end all is safe."""
        if not start:
            self.discard()
        noted = time.monotonic()
        with self.path.open("ab") as file:

            def bring_to_disk() -> None:
                file.flush()
                os.fsync(file.fileno())
                write_text(self._note, str(file.tell()))

            def write(content: bytes) -> None:
                nonlocal noted
                file.write(content)
                if time.monotonic() - noted >= SECONDS_BETWEEN_NOTES:
                    bring_to_disk()
                    noted = time.monotonic()

            try:
                yield write
            finally:
                bring_to_disk()

    def put_in_place(self) -> None:
        """Give the file, which is whole, its name."""
        self._note.unlink(missing_ok=True)
        self.path.replace(self.target)

    def discard(self) -> None:
        """Remove what is there."""
        self._note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def _noted(self) -> int:
        digits = self._note.read_bytes() if self._note.exists() else b""
        return int(digits) if digits.isdigit() else 0
