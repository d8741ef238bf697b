"""What a folder of fonts holds: usable faces, their families, and what is left out and why."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from jaxtyping import Int64, UInt8

from glyphlab.data.dataset import Skipped
from glyphlab.data.families import find_doubles, group
from glyphlab.data.fonts import (
    Face,
    UnusableFontError,
    draw_letters,
    find_font_files,
    inspect_file,
)
from glyphlab.data.strokes import fill
from glyphlab.errors import InputError
from glyphlab.files import read_limited
from glyphlab.progress import Progress, no_progress

_LOOK_SIDE = 20
_MOST_BYTES = 10_000_000

Item = TypeVar("Item")
Result = TypeVar("Result")


class Each(Protocol):
    """Calls a function on every item, in order; `map`, or that of a pool of processes."""

    def __call__(
        self, function: Callable[[Item], Result], items: Sequence[Item], /
    ) -> Iterable[Result]:
        """Call `function` on each of `items`."""
        ...


@dataclass(frozen=True)
class Survey:
    """The usable faces below some folders.

    Parameters
    ----------
    letters : str
        The letters that every face draws.
    faces : list of n Face
        Sorted by key; no two draw the same.
    families : int64 [n]
        A number for each family.
    skipped : list of Skipped
        Faces left out, with the reason.
    """

    letters: str
    faces: list[Face]
    families: Int64[np.ndarray, " faces"]
    skipped: list[Skipped]


def survey(
    folders: Sequence[Path],
    letters: str,
    *,
    exclude: Sequence[Skipped] = (),
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Survey:
    """Look at every font below some folders.

    Parameters
    ----------
    folders : sequence of Path
        Where the fonts are (`.ttf`, `.otf`, `.ttc`, `.otc`).
    letters : str
        The letters that a face must draw.
    exclude : sequence of Skipped
        Faces to leave out: a key, in which `*` stands for anything, and the reason.
    jobs : int
        How many processes to use; more than one wants a script with `if __name__ == "__main__"`.
    progress : callable
        Told how many files are done.

    Raises
    ------
    InputError
        If a folder is missing, a letter is given twice, or no face is usable.
    """
    if not letters or len(set(letters)) != len(letters) or not letters.isprintable():
        raise InputError(f"The letters are {letters!r}; give each letter once, e.g. ABCDEFGHIJ.")
    found = find_font_files(folders)
    faces: list[Face] = []
    skipped: list[Skipped] = []
    looks: list[UInt8[np.ndarray, " pixels"]] = []
    with processes(jobs) as each:
        examine = partial(_examine, letters=letters, exclude=exclude)
        for done, examined in enumerate(each(examine, list(found.items())), start=1):
            for entry in examined:
                if isinstance(entry, Skipped):
                    skipped.append(entry)
                else:
                    faces.append(entry[0])
                    looks.append(entry[1])
            progress(done, len(found))
    return _without_doubles(letters, faces, looks, skipped)


def read_exclusions(path: Path) -> list[Skipped]:
    """Read faces to leave out: in each line a key, a tab, and the reason; `#` begins a remark.

    Raises
    ------
    InputError
        If the file can't be read, or a line has no reason.
    """
    content = read_limited(path, "list of fonts", _MOST_BYTES)
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text in UTF-8; give a list of fonts.") from error
    exclusions = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            key, tab, reason = line.partition("\t")
            if not tab:
                raise InputError(f"{path}, line {number}: give a font, a tab, and the reason.")
            exclusions.append(Skipped(key, reason))
    return exclusions


@contextmanager
def processes(jobs: int) -> Iterator[Each]:
    """Give a `map` that works in so many processes; in this one if there is one job.

    Raises
    ------
    InputError
        If there are less than one.
    """
    if jobs < 1:
        raise InputError(f"There are {jobs} processes to work; give 1 or more.")
    if jobs == 1:
        yield map
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield partial(pool.map, chunksize=8)


def _examine(
    file: tuple[str, Path], letters: str, exclude: Sequence[Skipped]
) -> list[Skipped | tuple[Face, UInt8[np.ndarray, " pixels"]]]:
    key, path = file
    results: list[Skipped | tuple[Face, UInt8[np.ndarray, " pixels"]]] = []
    for entry in inspect_file(key, path, letters):
        if isinstance(entry, Skipped):
            results.append(entry)
        elif reason := _excluded(entry.key, exclude):
            results.append(Skipped(entry.key, reason))
        else:
            results.append(_looked_at(entry, letters))
    return results


def _excluded(key: str, exclude: Sequence[Skipped]) -> str | None:
    return next((reason for pattern, reason in exclude if fnmatchcase(key, pattern)), None)


def _looked_at(face: Face, letters: str) -> Skipped | tuple[Face, UInt8[np.ndarray, " pixels"]]:
    try:
        drawn = draw_letters(face, letters)
    except (OSError, UnusableFontError) as error:
        return Skipped(face.key, str(error))
    return face, np.concatenate([fill(picture, _LOOK_SIDE).ravel() for picture, _ in drawn])


def _without_doubles(
    letters: str,
    faces: list[Face],
    looks: list[UInt8[np.ndarray, " pixels"]],
    skipped: list[Skipped],
) -> Survey:
    if not faces:
        reason = f", e.g. {skipped[0].path}: {skipped[0].reason}" if skipped else ""
        raise InputError(f"No font draws all the letters{reason}; give other fonts or letters.")
    pictures = np.stack(looks)
    doubles = find_doubles(pictures)
    families = group([face.family for face in faces], pictures)
    kept = [i for i in range(len(faces)) if i not in doubles]
    same = [Skipped(faces[i].key, f"draws the same as {faces[j].key}") for i, j in doubles.items()]
    return Survey(
        letters=letters,
        faces=[faces[i] for i in kept],
        families=families[kept],
        skipped=sorted([*skipped, *same]),
    )
