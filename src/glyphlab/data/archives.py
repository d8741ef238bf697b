"""What is common to all sources of files: their members, and what is refused of archives.

Folders are read in `folders.py`, zips in `zips.py`, tars in `tar.py`; none is unpacked to disk.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn

from glyphlab.errors import InputError

_NUL = "\0"
_NOT_PLAIN = ("\0\0", "\0/", "\0.", "/\0", "//", "..", "/./", ":")
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")


class Member(NamedTuple):
    """One file or folder of a source.

    Parameters
    ----------
    path : str
        Path inside the source, with `/` between its parts.
    content : bytes, optional
        What is in the file; None for a folder, and for a file that has a `problem`.
    problem : str, optional
        Why the file can't be read.
    place : int
        Where the content begins, in bytes from the start of a tar, unpacked; 0 elsewhere.
    """

    path: str
    content: bytes | None
    problem: str | None = None
    place: int = 0


@dataclass(frozen=True)
class Bounds:
    """What an archive may hold at most.

    Parameters
    ----------
    entries : int
        Files, folders and headers.
    total_bytes : int
        All files together, unpacked.
    file_bytes : int
        One file, unpacked.
    ratio : int
        Bytes unpacked per byte packed, once `ratio_floor` bytes are unpacked.
    ratio_floor : int
        Bytes unpacked below which the ratio does not count.
    """

    entries: int = 5_000_000
    total_bytes: int = 1 << 36
    file_bytes: int = 1 << 26
    ratio: int = 200
    ratio_floor: int = 1 << 26

    def check_entries(self, entries: int, archive: Path) -> None:
        """Refuse more entries than are allowed."""
        if entries > self.entries:
            self._refuse(archive, f"holds more than {self.entries:,} entries")

    def check_file(self, size: int, member: str, archive: Path) -> None:
        """Refuse one file that is too large."""
        if size > self.file_bytes:
            self._refuse(archive, f"holds {member!r} of {size:,} bytes")

    def check_total(self, unpacked: int, packed: int, archive: Path) -> None:
        """Refuse too many bytes, absolutely or for the size of the archive."""
        if unpacked > self.total_bytes:
            self._refuse(archive, f"unpacks to more than {self.total_bytes:,} bytes")
        if unpacked > self.ratio_floor and unpacked > self.ratio * packed:
            self._refuse(archive, f"unpacks to over {self.ratio} times its size, as bombs do")

    def _refuse(self, archive: Path, problem: str) -> NoReturn:
        raise InputError(f"{archive} {problem}; unpack it yourself and give the folder.")


def inner_path(name: str, archive: Path) -> str:
    """Give a member's path in plain form; refuse one that points outside the archive.

    Raises
    ------
    InputError
        If the name is empty, absolute or contains `..`, naming the member.
    """
    if name[:1] not in ("/", ".") and not any(part in name for part in ("..", "//", "/./", ":")):
        return name
    if name.startswith("/") or _DRIVE.match(name):
        refuse_member(archive, name, "has an absolute path")
    parts = name.split("/")
    if ".." in parts:
        refuse_member(archive, name, "points outside the archive")
    plain = "/".join(part for part in parts if part not in ("", "."))
    return plain + "/" if name.endswith("/") and plain else plain


def inner_paths(names: Sequence[str], archive: Path) -> list[str]:
    """Do as `inner_path` with many names; those that are plain already need one look together.

    Raises
    ------
    InputError
        As `inner_path`.
    """
    together = f"\0{_NUL.join(names)}\0"
    if any(sign in together for sign in _NOT_PLAIN):
        return [inner_path(name, archive) for name in names]
    return list(names)


def refuse_member(archive: Path, member: str, problem: str) -> NoReturn:
    """Refuse an archive because of one of its members.

    Raises
    ------
    InputError
        Always.
    """
    raise InputError(
        f"{archive}: its member {member!r} {problem}, so the archive is not read; "
        "make it again from plain files and folders."
    )


def refuse_cut(archive: Path) -> NoReturn:
    """Refuse an archive that ends too early.

    Raises
    ------
    InputError
        Always.
    """
    raise InputError(f"{archive} is cut off in the middle; download or copy it again.")
