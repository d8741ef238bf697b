"""A file of a store, opened by fsspec to be read from some offset on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from glyphlab.data.stores.address import file_name, is_web, scheme_of, shown
from glyphlab.data.stores.trouble import Trouble, nothing_there, told
from glyphlab.errors import InputError
from glyphlab.extras import extra

_BUFFER = 1 << 18
"""Bytes on their way that a broken connection of the web may cost."""
_BLOCK = 1 << 24
"""Bytes for which a store other than of the web is asked at once."""
_VERSIONS = (
    *("ETag", "etag", "generation", "md5Hash", "mtime", "LastModified", "last_modified"),
    *("modified", "updated", "created"),
)
"""What stores call that by which a changed file is noticed."""
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}


class Remote(NamedTuple):
    """A file of a store, open.

    Attributes
    ----------
    read : callable
        Gives some of the next bytes, at most so many; none at the end.
    start : int
        Where in the file it begins.
    size : int or None
        Bytes of the whole file.
    version : str or None
        Differs if the file differs; None where the store has nothing of the kind.
    """

    read: Callable[[int], bytes]
    start: int
    size: int | None
    version: str | None


Open = Callable[[int], AbstractContextManager[Remote]]
"""Opens a file, if the store can, at an offset, else at its beginning."""


@contextmanager
def connection(address: str, seconds: float) -> Iterator[Open]:
    """Prepare to open a file of a store, as often as need be.

    Parameters
    ----------
    address : str
    seconds : float
        How long to wait for an answer or for the next bytes; stores other than of the web have
        times of their own.

    Yields
    ------
    Open
        It and what it opens raise `Trouble` if another try may help, else an InputError or a
        StoreError.

    Raises
    ------
    InputError
        If a package for this kind of store is missing, or there is no such kind.
    """
    if not is_web(address):
        yield lambda start: _opened_file(address, start, seconds)
        return
    with _web_files(address, seconds) as files:
        yield lambda start: _opened_page(files, address, start, seconds)


@contextmanager
def _web_files(address: str, seconds: float) -> Iterator[Any]:
    """The file system of the web, with a session of its own that is closed at the end."""
    with extra("stores", f"Reading {scheme_of(address)}://"):
        import aiohttp
        from fsspec.asyn import sync
        from fsspec.implementations.http import HTTPFileSystem
    sessions = []

    async def session(**settings: Any) -> aiohttp.ClientSession:
        sessions.append(aiohttp.ClientSession(**settings))
        return sessions[-1]

    files = HTTPFileSystem(
        skip_instance_cache=True,
        get_client=session,
        client_kwargs={
            "timeout": aiohttp.ClientTimeout(
                total=None, connect=seconds, sock_connect=seconds, sock_read=seconds
            ),
            "raise_for_status": True,  # which lets go of the connection
            "auto_decompress": False,
            "read_bufsize": _BUFFER,
            "trust_env": True,
        },
    )
    try:
        yield files
    finally:
        for opened in sessions:
            sync(files.loop, opened.close)


@contextmanager
def _opened_page(files: Any, address: str, start: int, seconds: float) -> Iterator[Remote]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "glyphlab"}
    if start:
        headers["Range"] = f"bytes={start}-"
    with told(address, seconds):
        # A size is given so that it is not asked for beforehand; block_size 0 is one stream.
        file = files.open(address, "rb", block_size=0, size=1, headers=headers)
    try:
        yield _described(file, address, start, seconds)
    finally:
        file.close()


def _described(file: Any, address: str, asked: int, seconds: float) -> Remote:
    answer = file.r
    headers = answer.headers
    start, size = 0, _number(headers.get("Content-Length"))
    if answer.status == 206:
        span, _, total = headers.get("Content-Range", "").partition("/")
        if not span.startswith(f"bytes {asked}-"):
            raise Trouble("the store sends another part of it than was asked for", is_wrong=True)
        start, size = asked, _number(total)
    if headers.get("Content-Encoding", "identity") != "identity":
        raise Trouble(f"the store sends it encoded ({headers['Content-Encoding']})", is_wrong=True)
    if answer.content_type == "text/html" and "Content-Type" in headers:
        refuse_page(address)
    changed = headers.get("ETag") or headers.get("Last-Modified")
    version = f"{changed} {size}" if changed and size is not None else None
    return Remote(_reader(file, address, seconds), start, size, version)


def refuse_page(address: str) -> None:
    """Refuse a web page, unless it is what the address names."""
    if not file_name(address).lower().endswith((".html", ".htm")):
        raise Trouble(
            "a web page came instead of a file: a log-in, an error or a list of files",
            is_wrong=True,
        )


@contextmanager
def _opened_file(address: str, start: int, seconds: float) -> Iterator[Remote]:
    files, path = _files(address)
    with told(address, seconds):
        files.invalidate_cache()
        info = files.info(path)
        if info.get("type") == "directory":
            raise nothing_there(address)
        file = files.open(path, "rb", block_size=_BLOCK)
    try:
        with told(address, seconds):
            file.seek(start)
        size = info.get("size")
        known = [str(info[key]) for key in _VERSIONS if info.get(key) is not None]
        version = " ".join([*known, str(size)]) if known else None
        yield Remote(_reader(file, address, seconds), start, size, version)
    finally:
        file.close()


def _files(address: str) -> tuple[Any, str]:
    """What fsspec has for this kind of store, and how it calls the file."""
    scheme = scheme_of(address)
    needs = f"Reading {scheme}://"
    with extra(_EXTRAS.get(scheme, "stores"), needs):
        import fsspec
        from fsspec.core import url_to_fs
    if "::" in address:
        raise InputError(f"{shown(address)} holds '::', which no address of a file may here.")
    try:
        fsspec.get_filesystem_class(scheme)
    except ImportError as error:
        name = getattr(error.__cause__, "name", None) or f"of fsspec for {scheme}"
        install = f"'glyphlab[{_EXTRAS[scheme]}]'" if scheme in _EXTRAS else str(name)
        raise InputError(
            f"{needs} needs the package {name}, which is not installed; install it by pip install "
            f"{install}."
        ) from error
    except ValueError:
        raise InputError(
            f"{shown(address)}: there is no kind of store {scheme}://; give https://, s3://, "
            "gs:// or another that fsspec knows."
        ) from None
    with told(address, 0):
        files, path = url_to_fs(address)
    return files, path


def _reader(file: Any, address: str, seconds: float) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with told(address, seconds):
            content: bytes = file.read(most)
            return content

    return read


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
