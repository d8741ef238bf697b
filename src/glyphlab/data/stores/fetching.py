"""One file of a store: fetched with patience, checked, and put into the cache whole."""

import hashlib
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from glyphlab.data.stores.address import file_name, is_file, local_path, shown
from glyphlab.data.stores.cache import BOUND, Cache, Part
from glyphlab.data.stores.holding import keep
from glyphlab.data.stores.remote import Open, Remote, connection, refuse_page
from glyphlab.data.stores.trouble import Trouble, failed, nothing_there
from glyphlab.errors import InputError
from glyphlab.progress import Progress, no_progress

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait after each failure in a row; one that brought more bytes counts as the first."""
MOST_TRIES = 100
STALL_SECONDS = 30.0
"""How long to wait for a connection, an answer, or the next bytes."""

_BLOCK = 1 << 20
_STEP = 1 << 24
"""After how many bytes of a file of unknown size the cache is looked through."""
_LOOKS = 0.1
_PAGES = (b"<!doctype html", b"<html")
_log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """A file, and what it must be."""

    address: str
    size: int | None = None
    sha256: str | None = None

    @property
    def name(self) -> str:
        """What it is called in the cache."""
        return file_name(self.address)

    def key(self, version: str | None) -> str:
        """Under what it is kept: its contents where they are known, else where and which it is."""
        known = [self.sha256] if self.sha256 else [self.address, version or ""]
        return hashlib.sha256("\n".join(known).encode()).hexdigest()[:32]


def fetch(
    address: str,
    *,
    size: int | None = None,
    sha256: str | None = None,
    progress: Progress = no_progress,
) -> Path:
    """Give a local copy of a file of a store.

    It comes from the cache if it is there, else it is fetched. Several threads and processes may
    ask for the same. The copy stays at least until this thread fetches another, or the process
    ends; what has mapped or opened it keeps it for longer, where the system is no Windows.

    Parameters
    ----------
    address : str
        Such as `https://host/letters.zip` or `s3://bucket/letters.zip`; a file of `file://` is
        checked, and read where it is.
    size : int, optional
        The bytes that it must have.
    sha256 : str, optional
        Its checksum, in hexadecimal. Without it the store is asked each time whether the file has
        changed.
    progress : callable
        Told the bytes so far, and in all if that is known, while it is fetched.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If there is nothing, the user may not read it, a package is missing, or it is too large for
        the cache, which can't be written to.
    StoreError
        If the store fails or sends something else, however often it is asked.
    """
    wanted = Wanted(address, size, sha256.lower() if sha256 else None)
    if is_file(address):
        return _in_place(wanted)
    return fetch_into(Cache.of_user(), wanted, progress, PAUSES, STALL_SECONDS)


def fetch_into(
    cache: Cache,
    wanted: Wanted,
    progress: Progress = no_progress,
    pauses: Sequence[float] = PAUSES,
    stall_seconds: float = STALL_SECONDS,
) -> Path:
    """As `fetch`, with a cache, with pauses after failures in a row, and a time for answers."""
    _refuse_too_large(wanted, wanted.size, cache)
    with _written(cache):
        keep(None)
        found = _known(cache, wanted)
        while found is None and cache.is_being_fetched(wanted.key(None)):
            time.sleep(_LOOKS)
            found = _known(cache, wanted)
        if found is not None:
            return found
        with connection(wanted.address, stall_seconds) as open_at:
            return _fetch_stubbornly(cache, wanted, open_at, progress, pauses)


def _known(cache: Cache, wanted: Wanted) -> Path | None:
    """The file from the cache, if that can be told without asking the store."""
    if wanted.sha256 is None:
        return None
    return cache.find(wanted.key(None), wanted.name, wanted.size)


def _fetch_stubbornly(
    cache: Cache, wanted: Wanted, open_at: Open, progress: Progress, pauses: Sequence[float]
) -> Path:
    failures = 0
    with cache.new_part(wanted.key(None)) as part:
        for tries_left in reversed(range(MOST_TRIES)):
            before = part.size
            try:
                return _try(cache, wanted, open_at, part, progress)
            except Trouble as trouble:
                if trouble.is_wrong:
                    part.open(0).close()
                failures = 1 if part.size > before else failures + 1
                if failures > len(pauses) or not tries_left:
                    often = f" ({failures} times in a row)" if failures > 1 else ""
                    raise failed(wanted.address, f"{trouble}{often}") from None
                _log.info("%s: %s; trying again.", shown(wanted.address), trouble)
            time.sleep(pauses[failures - 1])
    raise AssertionError  # the last try raises


def _try(cache: Cache, wanted: Wanted, open_at: Open, part: Part, progress: Progress) -> Path:
    """Fetch what is missing of a part, check it, and publish it; or find it in the cache."""
    # Without version and checksum nothing says that the rest belongs to what is there.
    start = part.size if part.version or wanted.sha256 else 0
    with open_at(start) as remote:
        key = wanted.key(remote.version)
        if wanted.sha256 is None:
            is_unknown = remote.version is None
            found = cache.find(key, wanted.name, remote.size, fresh=is_unknown)
            if found is not None:
                return found
        _check_announced(wanted, remote, part, cache)
        part.version = remote.version
        cache.make_room((remote.size or wanted.size or 0) - remote.start)
        _receive(remote, part, wanted, cache, progress)
    _check(part.path, wanted)
    return cache.publish(part, key, wanted.name)


def _check_announced(wanted: Wanted, remote: Remote, part: Part, cache: Cache) -> None:
    """Refuse a file of a wrong size, or of which the part is no beginning."""
    if remote.start and remote.version != part.version:
        raise Trouble("the file changes while it is fetched", is_wrong=True)
    if None not in (wanted.size, remote.size) and remote.size != wanted.size:
        raise Trouble(
            f"the store announces {remote.size:,} bytes, but it must have {wanted.size:,}",
            is_wrong=True,
        )
    _refuse_too_large(wanted, remote.size, cache)


def _refuse_too_large(wanted: Wanted, size: int | None, cache: Cache) -> None:
    if size is not None and size > cache.bound:
        raise InputError(
            f"{shown(wanted.address)} is larger than the cache may be, which is "
            f"{cache.bound / 1e9:g} GB; set {BOUND} to more."
        )


def _receive(remote: Remote, part: Part, wanted: Wanted, cache: Cache, progress: Progress) -> None:
    """Write what comes behind what is there, never more than is announced or may be."""
    total = remote.size if remote.size is not None else wanted.size
    limit = cache.bound if total is None else total
    start = done = remote.start
    with part.open(done) as file:
        progress(done, total)
        while content := remote.read(_BLOCK):
            done += len(content)
            if done > limit:
                _refuse_too_large(wanted, done if total is None else None, cache)
                raise Trouble(f"the store sends more than {limit:,} bytes", is_wrong=True)
            file.write(content)
            progress(done, total)
            if total is None and done - start > _STEP:
                cache.make_room(0)
                start = done
    if total is not None and done < total:
        raise Trouble(f"the connection broke after {done:,} of {total:,} bytes")


def _check(path: Path, wanted: Wanted) -> None:
    with path.open("rb") as file:
        if file.read(512).lstrip().lower().startswith(_PAGES):
            refuse_page(wanted.address)
        if wanted.sha256 is not None:
            file.seek(0)
            if hashlib.file_digest(file, "sha256").hexdigest() != wanted.sha256:
                raise Trouble(
                    "its SHA-256 checksum is not the one that it must have", is_wrong=True
                )


def _in_place(wanted: Wanted) -> Path:
    """A file of this machine, after the same checks."""
    path = local_path(wanted.address)
    if not path.is_file():
        raise nothing_there(wanted.address)
    try:
        found = path.stat().st_size
        if wanted.size not in (None, found):
            raise failed(wanted.address, f"it has {found:,} bytes, but must have {wanted.size:,}")
        _check(path, wanted)
    except Trouble as trouble:
        raise failed(wanted.address, str(trouble)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"Can't read {path}: {reason}; check its permissions.") from error
    return path


@contextmanager
def _written(cache: Cache) -> Iterator[None]:
    """Say in a sentence what is wrong with the cache's folder or disk."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"Can't keep files of stores in {cache.folder}: {error.strerror or error}; free some "
            "space, or set GLYPHLAB_HOME to a folder of yours."
        ) from error
