"""From a source of images to a sharded Dataset in its place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from glyphlab.data.ingest import load
from glyphlab.data.sharding.files import add_files
from glyphlab.data.sharding.rows import add_rows
from glyphlab.data.sharding.source_kind import holds_image_files
from glyphlab.data.sharding.wish import ShardWish
from glyphlab.data.sharding.work import open_work
from glyphlab.errors import InputError
from glyphlab.places.place import Place


def add_sharded(
    source: str | Path,
    target: Path,
    wish: ShardWish,
    place: Place,
    *,
    refuse_taken: Callable[[], None],
    advice: str,
) -> None:
    """Read images, spread at random over shards, and put them in a folder.

    What a process that was killed has made is taken up; the end is the same, byte for byte.

    Parameters
    ----------
    source : str or Path
        As `glyphlab.load` takes; a path that exists goes before a name.
    target : Path
        A folder; it appears when all is done, with a folder for each part: `data`, or `train` and
        `test`.
    wish : ShardWish
    place : Place
        Where shards are made.
    refuse_taken : callable
        Raises if there is something at the target that shall stay.
    advice : str
        What to do where the target can't be written.

    Raises
    ------
    InputError
        As `glyphlab.load`; or if the disk can't hold the shards.
    Interrupted
        On Ctrl-C.
    """
    path = Path(source)
    with open_work(target, advice) as work:
        request = _request(source, wish)
        if work.is_finished(request):
            work.discard()
            return
        refuse_taken()
        if _holds_image_files(path):
            add_files(path, wish, place, work, request)
        else:
            with wish.bar(f"Reading {path.name or path}", "files") as progress:
                loaded = load(
                    path if path.exists() else str(source),
                    size=wish.size,
                    mode=wish.mode,
                    allow_unreadable=wish.allow_unreadable,
                    progress=progress,
                )
            add_rows(loaded, wish, work, request)
        work.put_in_place()


def _request(source: str | Path, wish: ShardWish) -> dict[str, Any]:
    """What the user asked for, and when the source was last changed, for JSON."""
    path = Path(source)
    status = path.stat() if path.exists() else None
    changed = [status.st_size, status.st_mtime_ns] if status and path.is_file() else None
    return {"source": str(source), "path": str(path.absolute()), "changed": changed, **wish.facts}


def _holds_image_files(path: Path) -> bool:
    try:
        return path.exists() and holds_image_files(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"Can't read {path}: {reason}; check its permissions.") from error
