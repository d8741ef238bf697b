"""Folders that are sent from machine to machine, as the bytes of their files."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from glyphlab.errors import GlyphlabError
from glyphlab.files import atomic_folder, bring_to_disk

Files = Mapping[str, bytes]
"""The content of each file, by its path in the folder, as a/b.json."""

MOST_BYTES = 4_000_000_000
MOST_FILES = 10_000


def pack(folder: Path) -> dict[str, bytes]:
    """Read every file in a folder; a folder that is not there has none.

    Raises
    ------
    GlyphlabError
        If it is larger than what is sent.
    """
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    size = sum(path.stat().st_size for path in paths)
    if len(paths) > MOST_FILES or size > MOST_BYTES:
        raise GlyphlabError(
            f"{folder} has {len(paths):,} files of {size / 1e6:,.0f} MB together, and no more than "
            f"{MOST_FILES:,} of {MOST_BYTES / 1e6:,.0f} MB are sent to another machine; do this "
            "task here."
        )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def unpack(files: Files, folder: Path) -> None:
    """Write files into a folder, and wait until they are on the disk.

    Raises
    ------
    GlyphlabError
        If a name would lead out of the folder; nothing is written then.
    """
    places = {folder / _checked(name): content for name, content in files.items()}
    for place, content in places.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        bring_to_disk(place)


def bring(files: Files, target: Path) -> None:
    """Put a folder of these files at `target`, all at once, in the place of what is there.

    Raises
    ------
    InputError
        If the place can't be written to, or the disk is full.
    GlyphlabError
        If a name would lead out of the folder.
    """
    new, old = (target.with_name(f".{target.name}.{word}") for word in ("new", "old"))
    for left in (new, old):  # by a process that was killed between the two renames below
        shutil.rmtree(left, ignore_errors=True)
    if not target.is_dir() or not any(target.iterdir()):
        with atomic_folder(target) as part:
            unpack(files, part)
        return
    with atomic_folder(new) as part:
        unpack(files, part)
    target.rename(old)
    new.rename(target)
    shutil.rmtree(old)


def _checked(name: str) -> str:
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or any(sign in name for sign in "\\:\0"):
        raise GlyphlabError(f"A folder came from another machine with a file {name!r} outside it.")
    return name
