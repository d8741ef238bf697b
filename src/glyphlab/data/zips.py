"""The members of a zip, read one after the other, after all of them have been checked."""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import error as struct_error
from typing import BinaryIO

from glyphlab.data.archives import Bounds, Member, inner_path, refuse_member
from glyphlab.errors import InputError

_STORED, _DEFLATED = 0, 8
_HEADER_BYTES = 30
_DAMAGED = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError)


def zip_entries(archive: Path, bounds: Bounds) -> list[zipfile.ZipInfo]:
    """List a zip's entries after checking all of them, before any is unpacked.

    Raises
    ------
    InputError
        If it is damaged, encrypted, over the bounds, or a member has a path or kind that is
        refused.
    """
    entries = listed_entries(archive)
    packed = archive.stat().st_size
    bounds.check_entries(len(entries), archive)
    for entry in entries:
        check_zip_entry(entry, archive, packed, bounds)
    bounds.check_total(sum(entry.file_size for entry in entries), packed, archive)
    return entries


def listed_entries(archive: Path) -> list[zipfile.ZipInfo]:
    """The entries of a zip as its directory has them, none of them checked.

    Raises
    ------
    InputError
        If the directory is damaged.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            return file.infolist()
    except (*_DAMAGED, struct_error, EOFError) as error:
        raise damaged_zip(archive) from error


def zip_members(archive: Path, entries: list[zipfile.ZipInfo]) -> Iterator[Member]:
    """Read the members that `zip_entries` listed.

    Raises
    ------
    InputError
        If a member is cut off or damaged.
    """
    with archive.open("rb") as file:
        for entry in entries:
            path = inner_path(entry.filename.replace("\\", "/"), archive)
            yield Member(path, None if path.endswith("/") else zip_content(file, entry, archive))


def damaged_zip(archive: Path) -> InputError:
    """The error for a zip whose directory can't be read."""
    return InputError(f"{archive} is a zip that is cut off or damaged; download or copy it again.")


def check_zip_entry(
    entry: zipfile.ZipInfo, archive: Path, archive_size: int, bounds: Bounds
) -> None:
    """Refuse an entry that is encrypted, too large, or has a path, place or kind that is not read.

    Raises
    ------
    InputError
        Naming it.
    """
    inner_path(entry.filename.replace("\\", "/"), archive)
    if entry.flag_bits & 0x1:
        refuse_member(archive, entry.filename, "is encrypted")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        refuse_member(archive, entry.filename, "is a link or a device")
    if entry.compress_type not in (_STORED, _DEFLATED):
        refuse_member(archive, entry.filename, "is compressed by another method than deflate")
    bounds.check_file(entry.file_size, entry.filename, archive)
    if entry.header_offset + _HEADER_BYTES + entry.compress_size > archive_size:
        refuse_member(archive, entry.filename, "lies outside the archive")


def zip_content(file: BinaryIO, entry: zipfile.ZipInfo, archive: Path) -> bytes:
    """Read one member's bytes, several times as fast as `ZipFile.read`.

    Raises
    ------
    InputError
        If it is damaged.
    """
    file.seek(max(0, entry.header_offset))
    header = file.read(_HEADER_BYTES)
    if header[:4] != b"PK\x03\x04" or len(header) < _HEADER_BYTES:
        refuse_member(archive, entry.filename, "is damaged")
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:], "little")
    file.seek(names, os.SEEK_CUR)
    content = file.read(entry.compress_size)
    try:
        if entry.compress_type == _DEFLATED:
            content = zlib.decompressobj(-15).decompress(content, entry.file_size + 1)
    except zlib.error:
        refuse_member(archive, entry.filename, "is damaged")
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        refuse_member(archive, entry.filename, "is damaged")
    return content
