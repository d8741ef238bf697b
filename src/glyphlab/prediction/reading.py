"""Images to be predicted: of files, folders, archives and bytes, in chunks of bounded size."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
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
from glyphlab.memory import keep_freed_memory

CHUNK = 512
CHUNK_BYTES = 1 << 19
"""Of files, after which a chunk ends: every core shall have its share of a few photographs."""


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
    keep_freed_memory()
    running: deque[Future[Chunk]] = deque()
    with ThreadPoolExecutor(cores(), "decode") as pool:
        for chunk in _chunks(sources):
            running.append(pool.submit(_decoded, chunk, wanted))
            if len(running) > cores() + 1:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _chunks(members: Iterable[Member]) -> Iterator[list[Member]]:
    chunk: list[Member] = []
    content = 0
    for member in members:
        chunk.append(member)
        content += len(member.content or b"")
        if len(chunk) >= CHUNK or content >= CHUNK_BYTES:
            yield chunk
            chunk, content = [], 0
    if chunk:
        yield chunk


class ImageFiles:
    """The image files of some sources, one after the other, each by its path as a user wrote it.

    Parameters
    ----------
    sources : sequence of Path or Member
        Files, folders and archives; or what a file would hold, with its name.

    Attributes
    ----------
    total : int or None
        How many there are; files of other kinds are taken off as they are met. None with a tar,
        which has no table of contents.

    Raises
    ------
    InputError
        If there is nothing at a place, or it can't be read.
    """

    def __init__(self, sources: Sequence[Path | Member]) -> None:
        self._opened = [_opened(source) for source in sources]
        counts = [count for _, count in self._opened]
        self.total = None if None in counts else sum(count or 0 for count in counts)

    def __iter__(self) -> Iterator[Member]:
        for members, _ in self._opened:
            for member in members:
                if member is not None:
                    yield member
                elif self.total is not None:
                    self.total -= 1


def _opened(source: Path | Member) -> tuple[Iterable[Member | None], int | None]:
    """The members of a source, with None for what is no image file; and how many there are."""
    if isinstance(source, Member):
        return [source], 1
    with _readable(source):
        if not source.exists():
            raise InputError(f"There is no {source}; give an image, a folder or an archive.")
        if source.is_file() and _is_image(source):
            return _single(source), 1
        if not source.is_dir() and not is_archive(source):
            raise InputError(
                f"{source} is no image and no archive that can be read; give an image, a folder, a "
                ".tar, .tar.gz or .zip."
            )
        members, count = open_members(source, Bounds(), by_name=True)
        return _image_files(source, members), count


def _single(file: Path) -> Iterator[Member]:
    with _readable(file):
        yield image_file(file, str(file))


def image_file(file: Path, name: str) -> Member:
    """A file that holds one image; a problem in its place if it has more bytes than any may.

    Raises
    ------
    OSError
        If it can't be read.
    """
    most = Bounds().file_bytes
    with file.open("rb") as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        return Member(name, None, f"larger than {most:,} bytes")
    return Member(name, content)


def _image_files(source: Path, members: Iterator[Member]) -> Iterator[Member | None]:
    with _readable(source):
        for member in members:
            is_file = member.content is not None or member.problem is not None
            wanted = is_file and has_image_name(member.path) and not is_hidden(member.path)
            yield member._replace(path=_shown(source, member.path)) if wanted else None


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Meanwhile an error of the system is said in a sentence."""
    try:
        yield
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
