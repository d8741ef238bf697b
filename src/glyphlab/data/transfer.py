"""One file over HTTP: resumed where it broke, bounded, and checked before it gets its name."""

import hashlib
import http.client
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from glyphlab.data.arriving import Arriving
from glyphlab.errors import GlyphlabError, InputError, Interrupted
from glyphlab.progress import Progress, no_progress

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait after each failure in a row; a transfer that got further starts over."""
MAXIMUM_TRIES = 100
TIMEOUT_SECONDS = 30.0
MAXIMUM_BYTES = 1 << 30
"""Where no size is published, a file larger than this is not taken."""

_BLOCK = 1 << 16
_TRANSIENT_STATUS = {408, 425, 429, 500, 502, 503, 504}


class DownloadError(GlyphlabError):
    """A file could not be had.

    Parameters
    ----------
    address : str
        Where it should have come from.
    reason : str
        Why it did not, as half a sentence.
    """

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"Can't download {address}: {reason}.")
        self.address = address
        self.reason = reason


class RemoteFile(NamedTuple):
    """A file at a public address, and what its publisher says of it."""

    address: str
    size: int | None = None
    md5: str | None = None
    sha256: str | None = None

    @property
    def name(self) -> str:
        """The last part of the address."""
        return urlsplit(self.address).path.rpartition("/")[2]


class _BrokenOffError(Exception):
    """The transfer stopped early; another try may go on."""

    def __init__(self, reason: str, *, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.hopeless = hopeless


class _Answer(NamedTuple):
    """What the server is about to send: the offset of its first byte, and the whole file's size."""

    start: int
    total: int | None


def fetch(
    file: RemoteFile,
    target: Path,
    progress: Progress = no_progress,
    pauses: Sequence[float] = PAUSES,
) -> Path:
    """Download a file, going on from what an earlier try left in `<target>.part`, and was safe.

    Parameters
    ----------
    file : RemoteFile
        The address (http or https), with the published size in bytes and checksums.
    target : Path
        Where the file shall be; it appears there whole and checked, or not at all.
    progress : Progress
        Told the bytes so far and in all.
    pauses : sequence of float
        Seconds to wait after each failure in a row before the next try.

    Returns
    -------
    Path
        `target`.

    Raises
    ------
    InputError
        If the address is not http(s), or the place can't be written to.
    DownloadError
        If the server can't be reached, refuses, or sends something else than what is published;
        what arrived so far is kept, unless it is wrong.
    Interrupted
        If the user stops it; what arrived is kept.
    """
    if urlsplit(file.address).scheme not in ("http", "https"):
        raise InputError(
            f"{file.address!r} is no web address; give one that begins with https:// or http://."
        )
    part = Arriving(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.take_up()
        _transfer_stubbornly(file, part, progress, pauses)
        _check(file, part)
        part.put_in_place()
    except KeyboardInterrupt as error:
        raise Interrupted(
            f"The download is stopped; {part.size:,} bytes are kept in {part.path}, and the same "
            "command goes on from there.",
            part.path,
        ) from error
    except OSError as error:
        raise InputError(
            f"Can't write {target}: {error.strerror or error}; "
            "free some space or choose another place."
        ) from error
    return target


def is_whole(file: RemoteFile, path: Path) -> bool:
    """Whether `path` holds what is published: the size and checksums, where they are."""
    return path.is_file() and _difference(file, path) is None


def _transfer_stubbornly(
    file: RemoteFile, part: Arriving, progress: Progress, pauses: Sequence[float]
) -> None:
    failures = 0
    for tries_left in reversed(range(MAXIMUM_TRIES)):
        before = part.size
        try:
            _transfer(file, part, progress)
        except _BrokenOffError as error:
            failures = 1 if part.size > before else failures + 1
            if error.hopeless or failures > len(pauses) or not tries_left:
                raise DownloadError(file.address, str(error)) from error
            time.sleep(pauses[failures - 1])
        else:
            return


def _transfer(file: RemoteFile, part: Arriving, progress: Progress) -> None:
    have = part.size
    if file.size is not None and have > file.size:
        part.discard()
        have = 0
    if file.size is not None and have == file.size:
        return
    try:
        response = _open(file.address, have)
    except HTTPError as error:
        with error:
            _refused(error, file, part, have)
        return
    with response:
        answer = _answer(response, part, have)
        _check_announced(answer, file)
        expected = answer.total if file.size is None else file.size
        with part.written(answer.start) as write:
            done = _copy(response, write, answer.start, expected, progress)
    if done > (expected or MAXIMUM_BYTES):
        _wrong(file, part, f"the server sends more than {expected or MAXIMUM_BYTES:,} bytes")
    if expected is not None and done < expected:
        raise _BrokenOffError(f"the connection broke after {done:,} of {expected:,} bytes")


def _open(address: str, have: int) -> http.client.HTTPResponse:
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
        request.HTTPRedirectHandler(),
        request.HTTPErrorProcessor(),
        request.HTTPDefaultErrorHandler(),
        request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    opener.addheaders = [("User-Agent", "glyphlab"), ("Accept-Encoding", "identity")]
    if have:
        opener.addheaders.append(("Range", f"bytes={have}-"))
    try:
        response: http.client.HTTPResponse = opener.open(address, timeout=TIMEOUT_SECONDS)
    except HTTPError:
        raise
    except URLError as error:
        unknown_host = isinstance(error.reason, socket.gaierror)
        raise _BrokenOffError(_reason(error.reason), hopeless=unknown_host) from error
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenOffError(_reason(error)) from error
    return response


def _refused(error: HTTPError, file: RemoteFile, part: Arriving, have: int) -> None:
    """Handle an answer of 400 or above; return only if what is there is already all of it."""
    if error.code == 416 and have:
        total = error.headers.get("Content-Range", "").rpartition("/")[2]
        if total == str(have) and file.size in (None, have):
            return
        part.discard()
        raise _BrokenOffError("what was kept of an earlier try doesn't fit the server's file")
    reason = f"the server answers {error.code} ({error.reason or 'no reason given'})"
    raise _BrokenOffError(reason, hopeless=error.code not in _TRANSIENT_STATUS)


def _answer(response: http.client.HTTPResponse, part: Arriving, have: int) -> _Answer:
    length = response.headers.get("Content-Length", "")
    announced = int(length) if length.isascii() and length.isdigit() else None
    if response.status != http.client.PARTIAL_CONTENT:
        return _Answer(0, announced)
    span, _, total = response.headers.get("Content-Range", "").partition("/")
    if not have or not span.startswith(f"bytes {have}-"):
        part.discard()
        raise _BrokenOffError("the server sends another part of the file than was asked for")
    if total.isascii() and total.isdigit():
        return _Answer(have, int(total))
    return _Answer(have, None if announced is None else have + announced)


def _check_announced(answer: _Answer, file: RemoteFile) -> None:
    if file.size is None:
        if answer.total is not None and answer.total > MAXIMUM_BYTES:
            raise DownloadError(
                file.address,
                f"the server announces {answer.total:,} bytes, more than the "
                f"{MAXIMUM_BYTES:,} that are taken",
            )
    elif answer.total not in (None, file.size):
        raise DownloadError(
            file.address,
            f"the server announces {answer.total:,} bytes, but {file.size:,} are published",
        )


def _copy(
    response: http.client.HTTPResponse,
    write: Callable[[bytes], None],
    start: int,
    expected: int | None,
    progress: Progress,
) -> int:
    """Write what comes, up to one byte too many; give the size of the file then."""
    limit = expected or MAXIMUM_BYTES
    done = start
    progress(done, expected)
    while done <= limit and (block := _receive(response)):
        write(block[: limit + 1 - done])
        done += len(block)
        progress(min(done, limit), expected)
    return done


def _receive(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read1(_BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenOffError(f"the connection broke ({_reason(error)})") from error


def _check(file: RemoteFile, part: Arriving) -> None:
    difference = _difference(file, part.path)
    if difference is not None:
        _wrong(file, part, difference)


def _difference(file: RemoteFile, path: Path) -> str | None:
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        return f"the file has {size:,} bytes, but {file.size:,} are published"
    for algorithm, published in (("md5", file.md5), ("sha256", file.sha256)):
        if published is not None and _digest(path, algorithm) != published:
            return f"its {algorithm.upper()} checksum is not the one published ({published})"
    return None


def _wrong(file: RemoteFile, part: Arriving, reason: str) -> NoReturn:
    part.discard()
    raise DownloadError(file.address, f"{reason}, so what arrived is removed")


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(
            stream, lambda: hashlib.new(algorithm, usedforsecurity=False)
        ).hexdigest()


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS:.0f} s"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
