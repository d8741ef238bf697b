"""Images to be predicted: of files, folders, archives and bytes, in chunks of bounded size."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.archives import Bounds, Member
from glyphlab.data.collect import cores, is_hidden
from glyphlab.data.dataset import Skipped
from glyphlab.data.decode import (
    MAXIMUM_PIXELS,
    Undecodable,
    decode_all,
    decode_whole,
    has_image_name,
    looks_like_image,
)
from glyphlab.data.form import ImageForm
from glyphlab.data.members import is_archive, open_members
from glyphlab.data.normalise import normalise
from glyphlab.data.png import plain_header, usual_header
from glyphlab.data.resize import channels_of, fit
from glyphlab.errors import InputError

CHUNK = 512
_AHEAD = 3
"""Chunks that are decoded before they are asked for."""


@dataclass(frozen=True)
class Wanted:
    """How a model takes images.

    Attributes
    ----------
    size : int
        Side in pixels.
    mode : {"grey", "rgb"}
    form : ImageForm or None
        What images of another size are brought to; they are only scaled where there is none.
    """

    size: int
    mode: str
    form: ImageForm | None


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some images, as a model takes them.

    Attributes
    ----------
    names : list of str
    images : uint8 [n, size, size, channels]
    problems : list of Skipped
        What could not be read.
    """

    names: list[str]
    images: UInt8[np.ndarray, "n size size channels"]
    problems: list[Skipped]


def read_chunks(sources: Iterable[Member], wanted: Wanted) -> Iterator[Chunk]:
    """Decode image files, a few chunks ahead of what is asked for; the order stays."""
    members = iter(sources)
    running: deque[Future[Chunk]] = deque()
    with ThreadPoolExecutor(cores(), "decode") as pool:
        while chunk := list(islice(members, CHUNK)):
            running.append(pool.submit(_decoded, chunk, wanted))
            if len(running) > _AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def members_of(path: Path) -> Iterator[Member]:
    """The image files of a file, a folder or an archive, by their paths as a user wrote them.

    Raises
    ------
    InputError
        If there is nothing at that place, or it can't be read.
    """
    try:
        if not path.exists():
            raise InputError(f"There is no {path}; give an image, a folder or an archive.")
        if path.is_file() and _is_image(path):
            yield Member(str(path), path.read_bytes())
            return
        if not path.is_dir() and not is_archive(path):
            raise InputError(
                f"{path} is no image and no archive that can be read; give an image, a folder, a "
                ".tar, .tar.gz or .zip."
            )
        members, _ = open_members(path, Bounds(), by_name=True)
        for member in members:
            is_file = member.content is not None or member.problem is not None
            if is_file and has_image_name(member.path) and not is_hidden(member.path):
                yield member._replace(path=_shown(path, member.path))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"Can't read {path}: {reason}; check its permissions.") from error


def _shown(source: Path, inner: str) -> str:
    """A member's path as a user would write it; in an archive, after a colon."""
    return str(source / inner) if source.is_dir() else f"{source}:{inner}"


def _is_image(path: Path) -> bool:
    with path.open("rb") as file:
        return looks_like_image(file.read(32))


def _decoded(members: list[Member], wanted: Wanted) -> Chunk:
    """Those of the model's own size as they are; others by its form."""
    channels = channels_of(wanted.mode)
    pixels = np.empty((len(members), wanted.size, wanted.size, channels), np.uint8)
    problems = {i: m.problem for i, m in enumerate(members) if m.problem}
    contents = [member.content or b"" for member in members]
    usual = usual_header(wanted.size) if channels == 1 else None
    same = [i for i, content in enumerate(contents) if usual and plain_header(content) == usual]
    if same:
        found = np.empty((len(same), *pixels.shape[1:]), np.uint8)
        failed = decode_all([contents[i] for i in same], found, wanted.mode)
        pixels[same] = found
        problems |= {same[place]: reason for place, reason in failed.items()}
    for i in sorted(set(range(len(members))) - set(same) - problems.keys()):
        try:
            pixels[i] = read_image(contents[i], wanted)
        except Undecodable as reason:
            problems[i] = str(reason)
    read = [i for i in range(len(members)) if i not in problems]
    skipped = [Skipped(members[i].path, problems[i] or "") for i in sorted(problems)]
    return Chunk([members[i].path for i in read], pixels[read], skipped)


def read_image(
    content: bytes, wanted: Wanted, most_pixels: int = MAXIMUM_PIXELS
) -> UInt8[np.ndarray, "size size channels"]:
    """An image file as a model takes it: as it is, if it is of its size, else brought to its form.

    Raises
    ------
    Undecodable
        If it can't be read, or claims more pixels than these.
    """
    image = decode_whole(content, wanted.mode, most_pixels)
    if wanted.form is None or image.shape[:2] == (wanted.size, wanted.size):
        return fit(image, wanted.size)
    return normalise(image, wanted.form)
