"""The central directory of a zip, read entry by entry.

`zipfile` holds all entries at once, in half a kilobyte each: gigabytes for some million files.
"""

import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

ENTRY_BYTES = 46

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LONGEST_COMMENT = (1 << 16) - 1
_UNKNOWN = 0xFFFF_FFFF
_UTF8 = 0x800
_ZIP64 = 1


class Directory(NamedTuple):
    """Where the central directory of a zip is.

    Parameters
    ----------
    start, size : int
        In bytes.
    entries : int
        How many there are.
    shift : int
        How many bytes stand before the zip, which its offsets don't count.
    """

    start: int
    size: int
    entries: int
    shift: int


def find_directory(file: BinaryIO) -> Directory:
    """Find the central directory.

    Raises
    ------
    zipfile.BadZipFile
        If there is none.
    """
    length = file.seek(0, 2)
    tail_start = max(0, length - _END.size - _LONGEST_COMMENT)
    file.seek(tail_start)
    tail = file.read()
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < _END.size:
        raise zipfile.BadZipFile("no end of the central directory")
    _, _, _, _, entries, size, offset, _ = _END.unpack_from(tail, place)
    end = tail_start + place
    end, entries, size, offset = _zip64(file, end) or (end, entries, size, offset)
    start = end - size
    if start < 0 or start - offset < 0 or entries * ENTRY_BYTES > size:
        raise zipfile.BadZipFile("the central directory lies outside the file")
    return Directory(start, size, entries, start - offset)


def read_directory(file: BinaryIO, directory: Directory) -> Iterator[tuple[int, zipfile.ZipInfo]]:
    """Read the entries, each with its place in the file; the file may be moved between.

    Raises
    ------
    zipfile.BadZipFile
        If one is damaged, or there are more or fewer than the directory says.
    """
    place, end, count = directory.start, directory.start + directory.size, 0
    while place < end:
        entry, following = read_entry(file, place, directory.shift)
        if following > end:
            raise zipfile.BadZipFile("an entry ends beyond the central directory")
        yield place, entry
        place, count = following, count + 1
    if count != directory.entries:
        raise zipfile.BadZipFile("another number of entries than promised")


def read_entry(file: BinaryIO, place: int, shift: int) -> tuple[zipfile.ZipInfo, int]:
    """Read the entry at a place; and where the following one is.

    Raises
    ------
    zipfile.BadZipFile
        If it is damaged.
    """
    file.seek(place)
    head = file.read(ENTRY_BYTES)
    if len(head) < ENTRY_BYTES or head[:4] != b"PK\1\2":
        raise zipfile.BadZipFile("a damaged entry")
    values = _ENTRY.unpack(head)
    flags, method, checksum, packed, size = values[3], values[4], *values[7:10]
    name_bytes, extra_bytes, comment_bytes = values[10:13]
    attributes, offset = values[15], values[16]
    rest = file.read(name_bytes + extra_bytes)
    if len(rest) < name_bytes + extra_bytes:
        raise zipfile.BadZipFile("a damaged entry")
    entry = zipfile.ZipInfo(rest[:name_bytes].decode("utf-8" if flags & _UTF8 else "cp437"))
    large = _large_numbers(rest[name_bytes:])
    entry.file_size, entry.compress_size, entry.header_offset = (
        next(large, _UNKNOWN) if number == _UNKNOWN else number for number in (size, packed, offset)
    )
    entry.header_offset += shift
    entry.flag_bits, entry.compress_type = flags, method
    entry.CRC, entry.external_attr = checksum, attributes
    return entry, place + ENTRY_BYTES + name_bytes + extra_bytes + comment_bytes


def _zip64(file: BinaryIO, end: int) -> tuple[int, int, int, int] | None:
    """The end of a large zip: its place, entries, size and offset; None if the zip isn't one."""
    if end < _LOCATOR.size + _END_64.size:
        return None
    file.seek(end - _LOCATOR.size)
    if file.read(4) != b"PK\6\7":
        return None
    place = end - _LOCATOR.size - _END_64.size
    file.seek(place)
    values = _END_64.unpack(file.read(_END_64.size))
    if values[0] != b"PK\6\6":
        raise zipfile.BadZipFile("no end of the large central directory")
    entries, size, offset = values[7:]
    return place, entries, size, offset


def _large_numbers(extra: bytes) -> Iterator[int]:
    """The numbers of 8 bytes that stand for those that have no room in 4."""
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, place)
        if kind == _ZIP64:
            room = min(length, len(extra) - place - 4) // 8
            yield from struct.unpack_from(f"<{room}Q", extra, place + 4)
            return
        place += 4 + length
