"""The image files of a source, listed without their content, in little memory."""

from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from glyphlab.data.archives import Member
from glyphlab.data.collect import Others
from glyphlab.data.ids import Ids
from glyphlab.data.layout import folder_of
from glyphlab.data.sharding.order import digest
from glyphlab.progress import Progress

_TOLD_EVERY = 1_000


class Placed(NamedTuple):
    """A member of a source, and where its content is.

    Parameters
    ----------
    member : Member
        An image file's content may be left out, as b"".
    place : int
        What the reader of the source finds it by.
    size : int
        Bytes of the content; 0 if the reader doesn't need it.
    """

    member: Member
    place: int
    size: int


class Listing:
    """Image files in the order of their source, about 90 bytes each, and what else there is.

    Parameters
    ----------
    others : Others
        What is no image.

    Attributes
    ----------
    folders : list of str
        Those that hold images.
    digests : bytearray
        16 bytes of each path.
    """

    def __init__(self, others: Others | None = None) -> None:
        self.others = others or Others()
        self.digests = bytearray()
        self._paths, self._ends = bytearray(), array("q", [0])
        self._places, self._sizes = array("q"), array("q")
        self._folder_numbers: dict[str, int] = {}
        self._folders = array("q")

    def __len__(self) -> int:
        return len(self._places)

    def add(self, path: str, place: int, size: int) -> None:
        """Add an image file."""
        encoded = path.encode("utf-8", "surrogateescape")
        self._paths += encoded
        self._ends.append(len(self._paths))
        self.digests += digest(encoded)
        self._places.append(place)
        self._sizes.append(size)
        numbers = self._folder_numbers
        self._folders.append(numbers.setdefault(folder_of(path), len(numbers)))

    @property
    def folders(self) -> list[str]:
        """The folders that hold images, by their numbers."""
        return list(self._folder_numbers)

    @property
    def folder_numbers(self) -> Int64[np.ndarray, " n"]:
        """Of each image, the number of its folder."""
        return np.frombuffer(self._folders, np.int64)

    @property
    def places(self) -> Int64[np.ndarray, " n"]:
        """Of each image, where its content is."""
        return np.frombuffer(self._places, np.int64)

    @property
    def sizes(self) -> Int64[np.ndarray, " n"]:
        """Of each image, the bytes of its content."""
        return np.frombuffer(self._sizes, np.int64)

    @property
    def paths(self) -> Ids:
        """Of each image, the path inside the source."""
        return Ids(np.frombuffer(self._paths, np.uint8), np.frombuffer(self._ends, np.int64))

    def counts(self) -> "Counter[str]":
        """How many images each folder holds."""
        counts = np.bincount(self.folder_numbers, minlength=len(self._folder_numbers))
        return Counter(dict(zip(self._folder_numbers, counts.tolist(), strict=True)))


def list_images(members: Iterator[Placed], progress: Progress) -> Listing:
    """List the images of a source.

    Parameters
    ----------
    members : iterator of Placed
        All that the source holds, in its order.
    progress : callable
        Called with the files so far.
    """
    listing = Listing()
    for done, (member, place, size) in enumerate(members, start=1):
        if listing.others.note(member):
            listing.add(member.path, place, size)
        if done % _TOLD_EVERY == 0:
            progress(done, None)
    return listing


def save_listing(listing: Listing, path: Path) -> None:
    """Write a listing; what is no image is left out."""
    paths = listing.paths
    with path.open("wb") as file:
        np.savez(
            file,
            id_bytes=paths.id_bytes,
            id_offsets=paths.id_offsets,
            places=listing.places,
            sizes=listing.sizes,
        )


def load_listing(path: Path, others: Others) -> Listing:
    """Read a listing again."""
    with np.load(path, allow_pickle=False) as held:
        paths = Ids(held["id_bytes"], held["id_offsets"])
        places, sizes = held["places"], held["sizes"]
    listing = Listing(others)
    for each, place, size in zip(paths, places.tolist(), sizes.tolist(), strict=True):
        listing.add(each, place, size)
    return listing
