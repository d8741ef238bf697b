"""A packed tar is unpacked once: its images end to end in one file, and a list of them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from glyphlab.data.archives import Bounds
from glyphlab.data.collect import Others
from glyphlab.data.dataset import Skipped
from glyphlab.data.decode import has_image_name
from glyphlab.data.sharding.listing import (
    Listing,
    Placed,
    list_images,
    load_listing,
    save_listing,
)
from glyphlab.data.sharding.sources import TarReader, without_image
from glyphlab.data.tar import tar_members
from glyphlab.errors import InputError
from glyphlab.files import bring_to_disk, read_limited, write_json
from glyphlab.progress import Progress

_CONTENTS, _LIST, _FACTS = "contents", "contents.npz", "contents.json"
_LEFT_FREE = 1 << 28
_LOOK_EVERY = 1 << 26
_MOST_BYTES = 1 << 30


def unpacked_images(
    archive: Path, folder: Path, bounds: Bounds, progress: Progress
) -> tuple[TarReader, Listing]:
    """Unpack the images of a `.tar.gz` into a folder, unless they are there from before.

    Parameters
    ----------
    archive : Path
        Absolute.
    folder : Path
        One of our own; 256 MB of its disk are left free.
    bounds : Bounds
        What the archive may hold.
    progress : callable
        Called with the files so far.

    Raises
    ------
    InputError
        If the disk can't hold them, or as `tar_members`.
    """
    contents = folder / _CONTENTS
    facts = _facts(archive)
    before = _read_facts(folder)
    if before is None or before["archive"] != facts or before["size"] != _size(contents):
        (folder / _FACTS).unlink(missing_ok=True)
        listing = _unpack(archive, contents, bounds, progress)
        save_listing(listing, folder / _LIST)
        for path in (contents, folder / _LIST):
            bring_to_disk(path)
        others = vars(listing.others)
        write_json(folder / _FACTS, {"archive": facts, "size": _size(contents), "others": others})
    else:
        listing = load_listing(folder / _LIST, _others(before["others"]))
    return TarReader(contents, _size(contents), bounds), listing


def _unpack(archive: Path, contents: Path, bounds: Bounds, progress: Progress) -> Listing:
    with contents.open("wb") as file:
        return list_images(_written(archive, file, contents, bounds), progress)


def _written(archive: Path, file: BinaryIO, contents: Path, bounds: Bounds) -> Iterator[Placed]:
    """The members of an archive, whose images are written as they come."""
    place, looked = 0, -_LOOK_EVERY
    for member in tar_members(archive, bounds):
        size = 0
        if member.content is not None and has_image_name(member.path):
            size = file.write(member.content)
            if place + size - looked >= _LOOK_EVERY:
                looked = place
                _check_free(contents.parent, archive)
        yield Placed(without_image(member), place, size)
        place += size


def _check_free(folder: Path, archive: Path) -> None:
    if shutil.disk_usage(folder).free < _LEFT_FREE:
        raise InputError(
            f"{archive} is unpacked in {folder}, whose disk is full; free some space, or set "
            "GLYPHLAB_HOME to a folder on a larger disk."
        )


def _facts(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {"path": str(path), "size": status.st_size, "mtime_ns": status.st_mtime_ns}


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def _read_facts(folder: Path) -> dict[str, Any] | None:
    """What a finished unpacking wrote; None if there is none."""
    path = folder / _FACTS
    if not path.exists():
        return None
    facts: dict[str, Any] = json.loads(read_limited(path, "list of files", _MOST_BYTES))
    return facts


def _others(facts: dict[str, list[Any]]) -> Others:
    unreadable, others = ([Skipped(*e) for e in facts[key]] for key in ("unreadable", "others"))
    return Others(unreadable, others, facts["folders"])
