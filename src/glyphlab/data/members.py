"""The files of a folder or of an archive of any kind, one after the other."""

import os
from collections.abc import Iterator
from pathlib import Path

from glyphlab.data.archives import Bounds, Member
from glyphlab.data.folders import folder_files, folder_members
from glyphlab.data.tar import looks_like_tar, tar_members, unpacked
from glyphlab.data.zips import zip_entries, zip_members


def open_members(
    path: Path, bounds: Bounds, *, by_name: bool = False
) -> tuple[Iterator[Member], int | None]:
    """The members of a folder, a zip or a tar, and how many there are if that is known.

    Those of a folder come as the system lists them, or in the order of their paths.

    Raises
    ------
    InputError
        If an archive is damaged or dangerous; for a tar, when its members are read.
    """
    if path.is_dir():
        files = folder_files(path)
        if by_name:
            files.sort(key=os.fspath)
        return folder_members(path, files, bounds), len(files)
    if is_zip(path):
        entries = zip_entries(path, bounds)
        return zip_members(path, entries), len(entries)
    return tar_members(path, bounds), None


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or a tar, packed or not, by its content."""
    if is_zip(path):
        return True
    with path.open("rb") as file:
        return looks_like_tar(unpacked(file, path, Bounds()).read(512))


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip does."""
    with path.open("rb") as file:
        return file.read(2) == b"PK"
