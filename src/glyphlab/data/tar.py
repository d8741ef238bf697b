"""The members of a `.tar` or `.tar.gz`, read as a stream.

Python's `tarfile` stops near 35,000 members a second, and image sets are made of little else
than members; so this reads ustar, GNU and pax headers itself, and refuses all that is neither
file nor folder.
"""

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from isal import isal_zlib

from glyphlab.data.archives import (
    Bounds,
    Member,
    inner_path,
    inner_paths,
    refuse_cut,
    refuse_member,
)
from glyphlab.data.tar_headers import BLOCK, HeaderIndex
from glyphlab.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"

_ZEROS = bytes(BLOCK)
_READ_BYTES = 1 << 18
_BUFFER_BYTES = 1 << 20
_MAXIMUM_EXTENSION_BYTES = 1 << 20
_FILES, _FOLDERS, _EXTENSIONS = b"0\x007", b"5", b"xgLK"
_REFUSED = {49: "is a link", 50: "is a link", 51: "is a device", 52: "is a device"}


class Gunzip(io.RawIOBase):
    """The unpacked bytes of a gzip file; its ratio, checksum and end are checked.

    Parameters
    ----------
    file : binary file
        The packed bytes.
    path : Path
        What errors call it.
    bounds : Bounds
        How much it may unpack to.

    Raises
    ------
    InputError
        While reading, if it is cut off, damaged, or a bomb.
    """

    def __init__(self, file: BinaryIO, path: Path, bounds: Bounds) -> None:
        self._file, self._path, self._bounds = file, path, bounds
        self._inflater = isal_zlib.decompressobj(31)
        self._waiting = b""
        self._packed = self._unpacked = 0

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer as far as may be; 0 bytes mean the end."""
        while self._goes_on():
            packed = self._waiting or self._read()
            try:
                unpacked = self._inflater.decompress(packed, len(buffer))
            except isal_zlib.error as error:  # type: ignore[misc]  # its stubs lack the class
                raise InputError(
                    f"{self._path} is damaged ({error}); download or copy it again."
                ) from error
            self._waiting = self._inflater.unconsumed_tail
            if unpacked:
                self._unpacked += len(unpacked)
                self._bounds.check_total(self._unpacked, self._packed, self._path)
                buffer[: len(unpacked)] = unpacked
                return len(unpacked)
            if not packed and not self._inflater.eof:
                refuse_cut(self._path)
        return 0

    def _read(self) -> bytes:
        packed = self._file.read(_READ_BYTES)
        self._packed += len(packed)
        return packed

    def _goes_on(self) -> bool:
        """Whether there is more; gzip files may be put end to end, and padded with zeros."""
        if not self._inflater.eof:
            return True
        rest = self._inflater.unused_data.lstrip(b"\0")
        while not rest:
            packed = self._read()
            if not packed:
                return False
            rest = packed.lstrip(b"\0")
        self._inflater, self._waiting = isal_zlib.decompressobj(31), rest
        return True


def unpacked(file: BinaryIO, path: Path, bounds: Bounds) -> io.BufferedReader | BinaryIO:
    """Give the bytes of a file, unpacked if it is a gzip.

    Parameters
    ----------
    file : binary file
        At its start.
    path : Path
        What errors call it.
    bounds : Bounds
        How much it may unpack to.

    Raises
    ------
    InputError
        While reading, if it is cut off, damaged, or a bomb.
    """
    packed = file.read(2) == GZIP_MAGIC
    file.seek(0)
    return io.BufferedReader(Gunzip(file, path, bounds), _BUFFER_BYTES) if packed else file


def looks_like_tar(head: bytes) -> bool:
    """Whether the first 512 bytes are a tar header, by its checksum."""
    return len(head) == BLOCK and head != _ZEROS and _checksum_holds(head)


def tar_members(archive: Path, bounds: Bounds) -> Iterator[Member]:
    """Read the files and folders of a tar or tar.gz, in their order.

    Parameters
    ----------
    archive : Path
        The archive.
    bounds : Bounds
        What it may hold at most.

    Yields
    ------
    Member
        Files with their content, folders with None.

    Raises
    ------
    InputError
        If it is cut off, damaged, over the bounds, or holds a link, a device, or a path that
        is absolute or contains `..`.
    """
    with archive.open("rb", buffering=_BUFFER_BYTES) as file:
        yield from _Tar(unpacked(file, archive, bounds), archive, bounds).members()


class _Tar:
    """One pass over a tar, of which a window is in memory."""

    def __init__(self, stream: io.BufferedReader | BinaryIO, archive: Path, bounds: Bounds) -> None:
        self._stream, self._archive, self._bounds = stream, archive, bounds
        self._entries = self._total = 0
        self._next_name: str | None = None
        self._next_size: int | None = None
        self._window, self._position = b"", 0
        self._taken = 0
        self._index = HeaderIndex(b"", bounds.file_bytes)

    def members(self) -> Iterator[Member]:
        while True:
            if self._next_name is None and self._next_size is None:
                yield from self._plain_files()
            header = self._read(BLOCK)
            if header == _ZEROS:
                break
            self._count(1, 0)
            if not _checksum_holds(header):
                self._refuse_damaged()
            kind = header[156]
            size = _number(header[124:136])
            if kind in _EXTENSIONS:
                self._extend(kind, self._content(size, _MAXIMUM_EXTENSION_BYTES, "a header"))
            else:
                yield self._member(header, kind, size)
        while self._stream.read(_BUFFER_BYTES):
            continue

    def _plain_files(self) -> Iterator[Member]:
        """The files from here on whose headers need no further thought."""
        while True:
            window, files = self._window, self._index.files(self._position)
            window_start = self._taken - len(window)
            names = [name.decode("utf-8", "surrogateescape") for name in files.names]
            paths = inner_paths(names, self._archive)
            self._position = files.end
            self._count(len(paths), sum(files.sizes))
            for path, start, size in zip(paths, files.starts, files.sizes, strict=True):
                yield Member(path, window[start : start + size], None, window_start + start)
            if not (self._index.cut_off(files.end) and self._advance()):
                return

    def _advance(self) -> bool:
        """Move the window to where we are; False if it is there, or at the end."""
        if self._window and self._position == 0:
            return False
        more = self._take(_BUFFER_BYTES)
        self._window, self._position = self._window[self._position :] + more, 0
        self._index = HeaderIndex(self._window, self._bounds.file_bytes)
        return bool(more)

    def _member(self, header: bytes, kind: int, size: int) -> Member:
        name = self._next_name or _name(header)
        size = size if self._next_size is None else self._next_size
        self._next_name = self._next_size = None
        path = inner_path(name, self._archive)
        if kind in _FOLDERS or (kind in _FILES and name.endswith("/")):
            return Member(path if path.endswith("/") else f"{path}/", None)
        if kind not in _FILES:
            what = _REFUSED.get(kind, "is neither a file nor a folder")
            refuse_member(self._archive, name, what)
        place = self._taken - len(self._window) + self._position
        return Member(path, self._content(size, self._bounds.file_bytes, name), None, place)

    def _content(self, size: int, maximum: int, name: str) -> bytes:
        if size < 0:
            self._refuse_damaged()
        if size > maximum:
            self._bounds.check_file(size, name, self._archive)
            self._refuse_damaged()
        self._count(0, size)
        return self._read(size + -size % BLOCK)[:size]

    def _count(self, entries: int, size: int) -> None:
        self._entries += entries
        self._bounds.check_entries(self._entries, self._archive)
        self._total += size
        if self._total > self._bounds.total_bytes:
            self._bounds.check_total(self._total, self._total, self._archive)

    def _read(self, size: int) -> bytes:
        content = self._window[self._position : self._position + size]
        self._position += len(content)
        if len(content) < size:
            content += self._take(size - len(content))
        if len(content) < size:
            refuse_cut(self._archive)
        return content

    def _take(self, size: int) -> bytes:
        content = self._stream.read(size)
        self._taken += len(content)
        return content

    def _extend(self, kind: int, content: bytes) -> None:
        """Take from an extension header what it says of the next member."""
        if kind == ord("L"):
            self._next_name = content.rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif kind == ord("x"):
            for key, value in self._pax_records(content):
                if key == b"path":
                    self._next_name = value.decode("utf-8", "surrogateescape")
                elif key == b"size":
                    self._next_size = _decimal(value)
                elif key.startswith(b"GNU.sparse"):
                    self._refuse_damaged("holds sparse files")

    def _pax_records(self, content: bytes) -> Iterator[tuple[bytes, bytes]]:
        while content:
            length, _, _ = content.partition(b" ")
            end = max(0, _decimal(length))
            record = content[len(length) + 1 : end]
            key, _, value = record.partition(b"=")
            if not value.endswith(b"\n") or end > len(content):
                self._refuse_damaged()
            yield key, value[:-1]
            content = content[end:]

    def _refuse_damaged(self, problem: str = "is damaged") -> NoReturn:
        raise InputError(f"{self._archive} {problem}; download it again, or make it anew.")


def _checksum_holds(header: bytes) -> bool:
    """Whether the sum of the bytes, the checksum's own taken as spaces, is as written.

    The low half of Adler-32 is that sum modulo 65,521, at the speed of C.
    """
    total = (zlib.adler32(header) & 0xFFFF) - 1 - sum(header[148:156]) + 8 * 32
    return (total - _number(header[148:156])) % 65_521 == 0


def _number(digits: bytes) -> int:
    """An octal number, or GNU's binary one; -1 for anything else."""
    if digits[0] == 0x80:
        return int.from_bytes(digits[1:], "big")
    try:
        return int(digits.partition(b"\0")[0] or b"0", 8)
    except ValueError:
        return -1


def _decimal(digits: bytes) -> int:
    """A number of at most 20 digits; -1 for anything else."""
    return int(digits) if digits.isdigit() and len(digits) <= 20 else -1


def _name(header: bytes) -> str:
    name = header[:100].partition(b"\0")[0]
    if header[345] and header[257:263] == b"ustar\0":
        name = header[345:500].partition(b"\0")[0] + b"/" + name
    return name.decode("utf-8", "surrogateescape")
