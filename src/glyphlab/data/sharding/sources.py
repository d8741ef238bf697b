"""Sources whose images can be read in any order: folders, zips, and files of many images."""

import platform
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from struct import error as struct_error
from typing import BinaryIO, Protocol

from glyphlab.data.archives import Bounds, Member, inner_path
from glyphlab.data.decode import has_image_name
from glyphlab.data.folders import listed_members, read_files
from glyphlab.data.ids import Ids
from glyphlab.data.sharding.listing import Placed
from glyphlab.data.tar import tar_members
from glyphlab.data.zip_directory import Directory, find_directory, read_directory, read_entry
from glyphlab.data.zips import check_zip_entry, damaged_zip, zip_content
from glyphlab.errors import InputError

_HEAD_BYTES = 32


class Reader(Protocol):
    """Reads files of a source; it can be sent to another process."""

    def read(self, paths: Ids, places: list[int], sizes: list[int]) -> Iterator[Member]:
        """Read files that a listing has, given in its order."""
        ...


@dataclass(frozen=True)
class FolderReader:
    """Reads files of a folder.

    Parameters
    ----------
    folder : Path
        Absolute.
    bounds : Bounds
    """

    folder: Path
    bounds: Bounds = field(default_factory=Bounds)

    def listed(self) -> Iterator[Placed]:
        """List all that it holds; the place of a file is the time of its last change."""
        for member, status in listed_members(self.folder, self.bounds):
            if status is None:
                yield Placed(member, 0, 0)
            else:
                yield Placed(member, status.st_mtime_ns, status.st_size)

    def read(self, paths: Ids, places: list[int], sizes: list[int]) -> Iterator[Member]:
        """Read files by their paths."""
        if not self.folder.is_dir():
            raise _not_here(self.folder)
        return read_files(self.folder, paths, self.bounds)


@dataclass(frozen=True)
class _Archive:
    """A file that holds images.

    Parameters
    ----------
    file : Path
        Absolute.
    file_size : int
        Bytes, as it was listed.
    bounds : Bounds
    """

    file: Path
    file_size: int
    bounds: Bounds = field(default_factory=Bounds)


class TarReader(_Archive):
    """Reads pieces of a file: of a tar that is not packed, or of contents put end to end."""

    def listed(self) -> Iterator[Placed]:
        """List a tar."""
        for member in tar_members(self.file, self.bounds):
            yield Placed(without_image(member), member.place, len(member.content or b""))

    def read(self, paths: Ids, places: list[int], sizes: list[int]) -> Iterator[Member]:
        """Read files by their places and sizes."""
        with _open_unchanged(self.file, self.file_size) as file:
            for path, place, size in zip(paths, places, sizes, strict=True):
                file.seek(place)
                yield Member(path, file.read(size))


class ZipReader(_Archive):
    """Reads members of a zip."""

    def listed(self) -> Iterator[Placed]:
        """List it, after checking all entries; the place of a file is that of its entry."""
        with self.file.open("rb") as file, self.file.open("rb") as contents:
            try:
                directory = find_directory(file)
                self._check(file, directory)
                for place, entry in read_directory(file, directory):
                    path = inner_path(entry.filename.replace("\\", "/"), self.file)
                    content = b""
                    if not path.endswith("/") and not has_image_name(path):
                        content = zip_content(contents, entry, self.file)[:_HEAD_BYTES]
                    yield Placed(Member(path, None if path.endswith("/") else content), place, 0)
            except InputError:
                raise
            except (zipfile.BadZipFile, ValueError, struct_error) as error:
                raise damaged_zip(self.file) from error

    def read(self, paths: Ids, places: list[int], sizes: list[int]) -> Iterator[Member]:
        """Read files by their entries in the directory."""
        with (
            _open_unchanged(self.file, self.file_size) as file,
            self.file.open("rb") as contents,
        ):
            shift = find_directory(file).shift
            for path, place in zip(paths, places, strict=True):
                entry, _ = read_entry(file, place, shift)
                yield Member(path, zip_content(contents, entry, self.file))

    def _check(self, file: BinaryIO, directory: Directory) -> None:
        self.bounds.check_entries(directory.entries, self.file)
        total = 0
        for _, entry in read_directory(file, directory):
            check_zip_entry(entry, self.file, self.file_size, self.bounds)
            total += entry.file_size
        self.bounds.check_total(total, self.file_size, self.file)


def without_image(member: Member) -> Member:
    """Leave out the content, of which a listing needs no more than a head, and of images none."""
    if member.content is None:
        return member
    keep = 0 if has_image_name(member.path) else _HEAD_BYTES
    return member._replace(content=member.content[:keep])


def _open_unchanged(path: Path, size: int) -> BinaryIO:
    try:
        if path.stat().st_size == size:
            return path.open("rb")
    except FileNotFoundError:
        raise _not_here(path) from None
    raise InputError(f"{path} has changed while it was read; give the same command again.")


def _not_here(path: Path) -> InputError:
    return InputError(
        f"There is no {path} on {platform.node()}; keep the images, and what GLYPHLAB_HOME "
        "names, where all machines of the cluster see them under the same path."
    )
