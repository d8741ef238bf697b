"""The files inside a folder, listed first and then read one after the other."""

import os
from collections.abc import Iterator
from pathlib import Path

from glyphlab.data.archives import Bounds, Member
from glyphlab.data.decode import has_image_name

_HEAD_BYTES = 32


def folder_files(folder: Path) -> list[os.DirEntry[str] | str]:
    """List a folder's files, and its empty folders by path, without reading any."""
    found: list[os.DirEntry[str] | str] = []
    waiting = [str(folder)]
    while waiting:
        current = waiting.pop()
        with os.scandir(current) as entries:
            before = len(found) + len(waiting)
            for entry in entries:
                hidden = entry.name.startswith(".")
                if entry.is_dir(follow_symlinks=False) and not hidden:
                    waiting.append(entry.path)
                else:
                    found.append(entry)
            if len(found) + len(waiting) == before:
                found.append(current)
    return found


def folder_members(
    folder: Path, files: list[os.DirEntry[str] | str], bounds: Bounds
) -> Iterator[Member]:
    """Read what `folder_files` listed; of files not named as images, the first bytes only."""
    skip = len(os.path.join(folder, "x")) - 1  # noqa: PTH118  # "." is no part of a Path
    for entry in files:
        if isinstance(entry, str):
            if len(entry) > skip:
                yield Member(entry[skip:].replace(os.sep, "/") + "/", None)
        else:
            yield _folder_member(entry, entry.path[skip:].replace(os.sep, "/"), bounds)


def _folder_member(entry: os.DirEntry[str], path: str, bounds: Bounds) -> Member:
    try:
        if not entry.is_file():
            kind = "a linked folder" if entry.is_dir() else "no regular file"
            return Member(path, None, kind)
        limit = bounds.file_bytes + 1 if has_image_name(path) else _HEAD_BYTES
        with Path(entry.path).open("rb", buffering=0) as file:
            content = file.read(limit)
    except OSError as error:
        return Member(path, None, f"can't be read: {error.strerror}")
    if len(content) > bounds.file_bytes:
        return Member(path, None, f"larger than {bounds.file_bytes:,} bytes")
    return Member(path, content)
