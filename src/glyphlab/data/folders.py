"""The files inside a folder, listed first and then read one after the other."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from glyphlab.data.archives import Bounds, Member
from glyphlab.data.decode import has_image_name

_HEAD_BYTES = 32


def folder_entries(folder: Path) -> Iterator[os.DirEntry[str] | str]:
    """Give a folder's files, and its empty folders by path, without reading any."""
    waiting = [str(folder)]
    while waiting:
        current = waiting.pop()
        empty = True
        with os.scandir(current) as entries:
            for entry in entries:
                empty = False
                hidden = entry.name.startswith(".")
                if entry.is_dir(follow_symlinks=False) and not hidden:
                    waiting.append(entry.path)
                else:
                    yield entry
        if empty:
            yield current


def folder_files(folder: Path) -> list[os.DirEntry[str] | str]:
    """List a folder's files, and its empty folders by path, without reading any."""
    return list(folder_entries(folder))


def folder_members(
    folder: Path, files: list[os.DirEntry[str] | str], bounds: Bounds
) -> Iterator[Member]:
    """Read what `folder_files` listed; of files not named as images, the first bytes only."""
    for entry, path in _inside(folder, files):
        if isinstance(entry, str):
            yield Member(path, None)
        else:
            yield _not_regular(entry, path) or _read(entry.path, path, bounds)


def listed_members(folder: Path, bounds: Bounds) -> Iterator[tuple[Member, os.stat_result | None]]:
    """List a folder as `folder_members` does, but without the content of image files.

    Yields
    ------
    Member
        Of an image file, the content is empty.
    os.stat_result
        What the system knows of an image file.
    """
    for entry, path in _inside(folder, folder_entries(folder)):
        if isinstance(entry, str):
            yield Member(path, None), None
        elif has_image_name(path):
            yield _stated(entry, path, bounds)
        else:
            yield _not_regular(entry, path) or _read(entry.path, path, bounds), None


def read_files(folder: Path, paths: Iterable[str], bounds: Bounds) -> Iterator[Member]:
    """Read files by their paths inside a folder."""
    for path in paths:
        yield _read(f"{folder}{os.sep}{path.replace('/', os.sep)}", path, bounds)


def _inside(
    folder: Path, files: Iterable[os.DirEntry[str] | str]
) -> Iterator[tuple[os.DirEntry[str] | str, str]]:
    """Files with their paths inside the folder, and empty folders with a slash at the end."""
    skip = len(os.path.join(folder, "x")) - 1  # noqa: PTH118  # "." is no part of a Path
    for entry in files:
        if not isinstance(entry, str):
            yield entry, entry.path[skip:].replace(os.sep, "/")
        elif len(entry) > skip:
            yield entry, entry[skip:].replace(os.sep, "/") + "/"


def _not_regular(entry: os.DirEntry[str], path: str) -> Member | None:
    """What is no regular file, with the reason."""
    try:
        if entry.is_file():
            return None
        return Member(path, None, "a linked folder" if entry.is_dir() else "no regular file")
    except OSError as error:
        return _failed(path, error)


def _stated(
    entry: os.DirEntry[str], path: str, bounds: Bounds
) -> tuple[Member, os.stat_result | None]:
    member = _not_regular(entry, path)
    if member is not None:
        return member, None
    try:
        status = entry.stat()
    except OSError as error:
        return _failed(path, error), None
    if stat.S_ISREG(status.st_mode) and status.st_size > bounds.file_bytes:
        return _too_large(path, bounds), None
    return Member(path, b""), status


def _read(file: str, path: str, bounds: Bounds) -> Member:
    try:
        limit = bounds.file_bytes + 1 if has_image_name(path) else _HEAD_BYTES
        with Path(file).open("rb", buffering=0) as stream:
            content = stream.read(limit)
    except OSError as error:
        return _failed(path, error)
    return _too_large(path, bounds) if len(content) > bounds.file_bytes else Member(path, content)


def _failed(path: str, error: OSError) -> Member:
    return Member(path, None, f"can't be read: {error.strerror}")


def _too_large(path: str, bounds: Bounds) -> Member:
    return Member(path, None, f"larger than {bounds.file_bytes:,} bytes")
