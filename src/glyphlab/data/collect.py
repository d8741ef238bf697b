"""The members of a source, decoded by helpers, in their order."""

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from queue import SimpleQueue

import numpy as np
from jaxtyping import UInt8

from glyphlab.data.archives import Member
from glyphlab.data.dataset import Skipped
from glyphlab.data.decode import has_image_name, looks_like_image
from glyphlab.data.growing import Growing
from glyphlab.data.helpers import Helper
from glyphlab.data.resize import channels_of
from glyphlab.processes import available_cores
from glyphlab.progress import Progress

_CHUNK_IMAGES = 512
_CHUNK_BYTES = 1 << 23
_CHUNKS_BEFORE_HELP = 4
_MOST_CORES = 8
_SYSTEM_NAMES = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


_Pixels = UInt8[np.ndarray, "n size size channels"]


@dataclass
class Others:
    """What a source holds beside images.

    Parameters
    ----------
    unreadable : list of Skipped
        Files named as images that can't be read.
    others : list of Skipped
        Hidden files, and files that are no images.
    folders : list of str
        Folders that the source lists, each with `/` at its end.
    """

    unreadable: list[Skipped] = field(default_factory=list)
    others: list[Skipped] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)

    def note(self, member: Member) -> bool:
        """Take a member in if it is no image; whether it is one, to be decoded."""
        path, content, problem, _ = member
        if is_hidden(path):
            self.others.append(Skipped(path, "hidden"))
        elif content is not None and has_image_name(path):
            return True
        elif content is None and problem is None:
            self.folders.append(path)
        elif has_image_name(path):
            self.unreadable.append(Skipped(path, problem or ""))
        else:
            reason = problem or _why_no_image(content or b"")
            self.others.append(Skipped(path, reason))
        return False


@dataclass(kw_only=True)
class Collected(Others):
    """What was found in a source.

    Parameters
    ----------
    images : Growing
        Those that can be read.
    paths : list of str
        The path inside the source of each of them.
    """

    images: Growing
    paths: list[str] = field(default_factory=list)


def collect(
    members: Iterable[Member],
    size: int,
    mode: str,
    progress: Progress,
    total: int | None,
    *,
    decoders: int | None = None,
) -> Collected:
    """Decode all images of a source.

    The calling thread reads members, and the others decode them, in chunks that are bounded
    in number and bytes, so that no more of the source is in memory than a few chunks.

    Parameters
    ----------
    members : iterable of Member
        Files and folders, in any order.
    size : int
        Side of the images in pixels.
    mode : str
        `grey` or `rgb`.
    progress : callable
        Called with how many files are done, and `total`.
    total : int, optional
        How many files there are, if that is known.
    decoders : int, optional
        How many threads decode, each with a process beside it if there are several; as many as
        there are cores if not given.

    Returns
    -------
    Collected
        In the order of the members.
    """
    found = Collected(images=Growing((size, size, channels_of(mode))))
    with _Decoders(decoders or cores()) as threads:
        collector = _Collector(found, threads)
        done = 0
        for member in members:
            collector.add(member)
            done += 1
            if done % 1_000 == 0:
                progress(done, total)
        collector.finish()
    progress(done, done)
    return found


class _Decoders:
    """Threads that decode chunks, each with a helper beside it once there is much to do."""

    def __init__(self, cores: int) -> None:
        self.at_once = 2 * cores + 1
        self._helpers = [Helper() for _ in range(cores)]
        self._chunks_till_help = _CHUNKS_BEFORE_HELP if cores > 1 else -1
        self._idle: SimpleQueue[Helper] = SimpleQueue()
        self._pool = ThreadPoolExecutor(cores, "decode")
        for helper in self._helpers:
            self._idle.put(helper)

    def __enter__(self) -> "_Decoders":
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        for helper in self._helpers:
            helper.close()

    def submit(self, chunk: Sequence[Member], pixels: _Pixels) -> "Future[dict[int, str]]":
        if self._chunks_till_help == 0:
            for helper in self._helpers:
                helper.start()
        self._chunks_till_help -= 1
        return self._pool.submit(self._decode, [member.content or b"" for member in chunk], pixels)

    def _decode(self, contents: Sequence[bytes], pixels: _Pixels) -> dict[int, str]:
        helper = self._idle.get()
        try:
            return helper.decode(contents, pixels)
        finally:
            self._idle.put(helper)


class _Collector:
    """Members that wait to be decoded, and chunks that are being decoded."""

    def __init__(self, found: Collected, decoders: _Decoders) -> None:
        self._found, self._decoders = found, decoders
        self._largest = min(_CHUNK_IMAGES, max(1, _CHUNK_BYTES // found.images.row_bytes))
        self._chunk: list[Member] = []
        self._chunk_bytes = 0
        self._running: deque[tuple[list[Member], _Pixels, Future[dict[int, str]]]] = deque()

    def add(self, member: Member) -> None:
        if self._found.note(member):
            self._chunk.append(member)
            self._chunk_bytes += len(member.content or b"")
            if len(self._chunk) >= self._largest or self._chunk_bytes >= _CHUNK_BYTES:
                self._submit()

    def finish(self) -> None:
        if self._chunk:
            self._submit()
        while self._running:
            self._receive()

    def _submit(self) -> None:
        pixels = np.empty((len(self._chunk), *self._found.images.row_shape), np.uint8)
        future = self._decoders.submit(self._chunk, pixels)
        self._running.append((self._chunk, pixels, future))
        self._chunk, self._chunk_bytes = [], 0
        if len(self._running) >= self._decoders.at_once:
            self._receive()

    def _receive(self) -> None:
        chunk, pixels, future = self._running.popleft()
        problems = future.result()
        read = [i for i in range(len(chunk)) if i not in problems]
        self._found.images.extend(pixels[read] if problems else pixels)
        self._found.paths.extend([chunk[i].path for i in read])
        self._found.unreadable.extend(Skipped(chunk[i].path, problems[i]) for i in problems)


def cores() -> int:
    """How many cores this process may use; no more than one reader keeps busy."""
    return min(available_cores(), _MOST_CORES)


def is_hidden(path: str) -> bool:
    """Whether a file is a system's own, or lies in a folder that is."""
    folder, _, name = path.rpartition("/")
    return name.startswith(".") or name in _SYSTEM_NAMES or _hidden_folder(folder)


@lru_cache(maxsize=1024)
def _hidden_folder(folder: str) -> bool:
    parts = folder.split("/")
    return any(part.startswith(".") for part in parts) or not _SYSTEM_NAMES.isdisjoint(parts)


def _why_no_image(head: bytes) -> str:
    return "an image, but not named as one" if looks_like_image(head) else "not an image"
