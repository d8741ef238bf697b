"""Font files: which faces draw every letter, how they are called, and why others are left out."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fontTools.ttLib import TTCollection, TTFont
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from glyphlab.data.dataset import Skipped
from glyphlab.errors import InputError

# fontTools tells of every oddity that it mends; what can't be mended is listed as skipped.
logging.getLogger("fontTools").addHandler(logging.NullHandler())

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_COLLECTIONS = (".ttc", ".otc")
_COLLECTION = b"ttcf"
_STARTS = (b"\0\1\0\0", b"OTTO", b"true", _COLLECTION)
_MOST_BYTES = 1 << 28
_MOST_FACES = 256
_MOST_CHARACTERS = 1 << 20
_MOST_MAPS, _MOST_MAP_BYTES = 64, 1 << 24
MASTER_HEIGHT = 96
"""Letters are first drawn so that the median one is this many pixels high."""

_NARROW = 24
_MAGNIFIED = 4
_TRIAL_SIZE = 64
_LARGEST_SIZE = 600
_LARGEST_SIDE = 4_000
_FAINTEST_INK = 40
_SYMBOL_FAMILY_KIND = 5
_FAMILY_NAMES = (16, 1)
_UNASSIGNED = "\U000e0ffe"


class UnusableFontError(Exception):
    """A face can't give the letters; the message is the reason."""


@dataclass(frozen=True)
class Face:
    """One face of a font file that draws every letter that was asked for.

    Parameters
    ----------
    path : Path
        The font file.
    index : int
        Which face of a collection; 0 in a file of one face.
    key : str
        The file's path inside its folder (with `:index` for a collection): what ids name.
    family : str
        The family that the font names itself.
    size : int
        Size in pixels at which the median letter is `MASTER_HEIGHT` pixels high.
    """

    path: Path
    index: int
    key: str
    family: str
    size: int


def find_font_files(folders: Sequence[Path]) -> dict[str, Path]:
    """All font files below the folders, sorted by their path inside their folder.

    Returns
    -------
    dict
        From the path inside the folder to the file. A link to a file that is listed anyway is
        left out.

    Raises
    ------
    InputError
        If a folder is none, none of them holds a font, or two hold one under the same path.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder} is no folder; give one of fonts, e.g. /usr/share/fonts.")
        for path in folder.rglob("*"):
            if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink():
                key = path.relative_to(folder).as_posix()
                if key in found:
                    raise InputError(f"{path} and {found[key]} have one name; give their parent.")
                found[key] = path
    if not found:
        names = ", ".join(map(str, folders)) or "no folder"
        raise InputError(f"There is no font file ({', '.join(SUFFIXES)}) in {names}; give others.")
    return dict(sorted(found.items()))


def inspect_file(key: str, path: Path, letters: str) -> Iterator[Face | Skipped]:
    """The faces of one font file that draw every letter, and the others with the reason.

    Parameters
    ----------
    key : str
        The file's path inside its folder.
    path : Path
        The font file.
    letters : str
        The letters that a face must draw.

    Yields
    ------
    Face or Skipped
        One for each face of the file.
    """
    try:
        _check_file(path)
        faces = _count_faces(path)
    except UnusableFontError as error:
        yield Skipped(key, str(error))
        return
    except Exception as error:  # fontTools raises all kinds on a broken file
        yield Skipped(key, f"unreadable: {_first_line(error)}")
        return
    for index in range(faces):
        name = key if faces == 1 else f"{key}:{index}"
        try:
            with path.open("rb") as file, TTFont(file, fontNumber=index, lazy=True) as font:
                yield _inspect(font, path, index, name, letters)
        except UnusableFontError as error:
            yield Skipped(name, str(error))
        except Exception as error:
            yield Skipped(name, f"unreadable: {_first_line(error)}")


def load_face(path: Path, index: int, size: int) -> ImageFont.FreeTypeFont:
    """Open a face at a size in pixels, laid out by FreeType alone, so that all machines agree."""
    return ImageFont.truetype(path, size, index, layout_engine=ImageFont.Layout.BASIC)


def draw_letters(face: Face, letters: str) -> list[tuple[UInt8[np.ndarray, "height width"], int]]:
    """Draw letters large, narrow ones larger still, so that stretching shows no pixels.

    Returns
    -------
    list of (picture, origin)
        As from `draw_letter`.

    Raises
    ------
    UnusableFontError
        If a letter is unreasonably large for the font's size.
    """
    font = load_face(face.path, face.index, face.size)
    drawn = [draw_letter(font, letter) for letter in letters]
    if min(picture.shape[1] for picture, _ in drawn) < _NARROW:
        larger = load_face(face.path, face.index, _MAGNIFIED * face.size)
        for number, letter in enumerate(letters):
            if drawn[number][0].shape[1] < _NARROW:
                drawn[number] = draw_letter(larger, letter)
    return drawn


def draw_letter(
    font: ImageFont.FreeTypeFont, letter: str
) -> tuple[UInt8[np.ndarray, "height width"], int]:
    """Draw one letter, white on black, in the smallest picture that holds it.

    Returns
    -------
    picture : uint8 [height, width]
        The ink; [0, 0] where there is none.
    origin : int
        Column of the pen's start; ink left of it hangs over the letter before.

    Raises
    ------
    UnusableFontError
        If the letter is unreasonably large for the font's size.
    """
    left, top, right, bottom = (int(edge) for edge in font.getbbox(letter, anchor="ls"))
    if max(right - left, bottom - top) > _LARGEST_SIDE:
        raise UnusableFontError(f"draws {letter!r} beyond all measure")
    if right <= left or bottom <= top:
        return np.zeros((0, 0), np.uint8), 0
    canvas = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(canvas).text((-left, -top), letter, fill=255, font=font, anchor="ls")
    picture = np.asarray(canvas)
    rows, columns = ink_box(picture)
    return picture[rows, columns], -left - columns.start


def ink_box(picture: UInt8[np.ndarray, "height width"]) -> tuple[slice, slice]:
    """Rows and columns that hold all that is brighter than a trace."""
    ink = picture > _FAINTEST_INK
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _check_file(path: Path) -> None:
    """Refuse what has other content than its name says, such as packed fonts, or too much."""
    with path.open("rb") as file:
        if file.read(4) not in _STARTS:
            raise UnusableFontError("unreadable: is no TrueType or OpenType font")
        if file.seek(0, 2) > _MOST_BYTES:
            raise UnusableFontError(f"larger than {_MOST_BYTES:,} bytes")


def _count_faces(path: Path) -> int:
    if path.suffix.lower() not in _COLLECTIONS:
        return 1
    with path.open("rb") as file:
        head = file.read(12)
        if head.startswith(_COLLECTION) and int.from_bytes(head[8:], "big") > _MOST_FACES:
            raise UnusableFontError(f"holds more than {_MOST_FACES} faces")
        file.seek(0)
        with TTCollection(file, lazy=True) as collection:
            return len(collection.fonts)


def _inspect(font: TTFont, path: Path, index: int, key: str, letters: str) -> Face:
    if not {"glyf", "CFF ", "CFF2"} & set(font.keys()):
        raise UnusableFontError("holds bitmaps, no outlines")
    _check_names(font)
    _check_characters(font)
    characters: Mapping[int, str] | None = font.getBestCmap()
    if not characters:
        raise UnusableFontError("is a symbol font: its characters have no Unicode numbers")
    missing = [letter for letter in letters if ord(letter) not in characters]
    if missing:
        raise UnusableFontError(f"lacks {' '.join(missing)}")
    trial = load_face(path, index, _TRIAL_SIZE)
    heights = _check_drawings(trial, letters, blank=_UNASSIGNED)
    size = round(_TRIAL_SIZE * MASTER_HEIGHT / float(np.median(heights)))
    return Face(path, index, key, _family(font) or path.stem, min(size, _LARGEST_SIZE))


def _check_names(font: TTFont) -> None:
    os2: Any = font.get("OS/2")
    if os2 is not None and getattr(os2.panose, "bFamilyType", 0) == _SYMBOL_FAMILY_KIND:
        raise UnusableFontError("calls itself a symbol font (PANOSE 5)")


def _check_characters(font: TTFont) -> None:
    """Refuse a table of characters that would be spread out to far more than Unicode has.

    A few bytes can claim four thousand million of them, one by one or many times the same. They are
    looked at as they are: fontTools spreads out some while it opens the table.
    """
    if "cmap" not in font:
        return
    table = memoryview(font.reader["cmap"])
    starts = {int(start) for start in np.frombuffer(table, ">u4", 2 * _word(table, 2), 4)[1::2]}
    if len(table) > _MOST_MAP_BYTES or len(starts) > _MOST_MAPS:
        raise UnusableFontError("has larger tables of characters than any font")
    if sum(_claimed(table[start:]) for start in starts) > _MOST_CHARACTERS:
        raise UnusableFontError("claims more characters than there are")


def _claimed(table: memoryview) -> int:
    """How many characters the ranges of a table of formats 4, 12 or 13 hold together."""
    match _word(table, 0):
        case 4:
            numbers = np.frombuffer(table[6 : _word(table, 2)], ">u2").astype(np.int64)
            count = int(numbers[0]) // 2
            last, first = numbers[4 : 4 + count], numbers[5 + count : 5 + 2 * count]
        case 12 | 13:
            size = min(12 * int.from_bytes(table[12:16], "big"), len(table) - 16)
            groups = np.frombuffer(table[16 : 16 + size - size % 12], ">u4").astype(np.int64)
            first, last = groups[::3], groups[1::3]
        case _:
            return 0
    return int(np.maximum(last[: len(first)] + 1 - first, 0).sum())


def _word(content: memoryview, place: int) -> int:
    return int.from_bytes(content[place : place + 2], "big")


def _check_drawings(font: ImageFont.FreeTypeFont, letters: str, blank: str) -> list[int]:
    """Heights of the letters in pixels, after checking that each is one of its own."""
    box = _fingerprint(draw_letter(font, blank)[0])
    seen: dict[bytes, str] = {}
    heights = []
    for letter in letters:
        picture, _ = draw_letter(font, letter)
        if not picture.size:
            raise UnusableFontError(f"draws nothing for {letter}")
        drawing = _fingerprint(picture)
        if drawing == box:
            raise UnusableFontError(f"draws the box of missing letters for {letter}")
        if drawing in seen:
            raise UnusableFontError(f"draws the same for {seen[drawing]} and {letter}")
        seen[drawing] = letter
        heights.append(len(picture))
    return heights


def _fingerprint(picture: UInt8[np.ndarray, "height width"]) -> bytes:
    return repr(picture.shape).encode() + picture.tobytes()


def _family(font: TTFont) -> str:
    for number in _FAMILY_NAMES:
        name = font["name"].getDebugName(number)
        if name and name.strip():
            return str(name).strip()
    return ""


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]
