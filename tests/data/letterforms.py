"""Fonts for tests: those that come with Matplotlib, and small ones made on the spot."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import copy

import matplotlib
import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

Box = tuple[int, int, int, int]
"""Left, bottom, right and top, in thousandths of an em."""

MATPLOTLIB_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
MISSING: Box = (100, 0, 500, 700)
CELL = 160


def dejavu(folder: Path, *names: str) -> Path:
    """A folder with some of Matplotlib's DejaVu fonts, such as `Sans-Bold`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        copy(MATPLOTLIB_FONTS / f"DejaVu{name}.ttf", folder)
    return folder


def make_family(folder: Path, name: str, letters: str, seed: int, faces: int = 1) -> None:
    """Write faces of one family, whose letters are cells of a grid that the seed decides."""
    generator = np.random.default_rng(seed)
    for face in range(faces):
        boxes = {letter: _cells(generator) for letter in letters}
        make_font(folder / f"{name}-{face}.ttf", boxes, family=f"{name}{' Bold' * face}")


def make_font(
    path: Path,
    boxes: Mapping[str, Box | Sequence[Box] | None],
    family: str = "Boxes",
    symbol_kind: bool = False,
    character_map: bool = True,
) -> Path:
    """Write a font whose letters are a black box, or several; None draws nothing."""
    names = {letter: f"glyph{number}" for number, letter in enumerate(boxes)}
    order = [".notdef", *names.values()]
    glyphs = {".notdef": _glyph(MISSING)}
    glyphs |= {names[letter]: _glyph(box) for letter, box in boxes.items()}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    characters = {ord(letter): name for letter, name in names.items()} if character_map else {}
    builder.setupCharacterMap(characters)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (800, _left(glyphs[name])) for name in order})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.font["OS/2"].panose.bFamilyType = 5 if symbol_kind else 2
    builder.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)
    return path


def _cells(generator: np.random.Generator) -> list[Box]:
    grid = generator.random((5, 5)) < 0.4
    grid[0, 0] = grid[-1, -1] = True
    places = [(int(x) * CELL, int(y) * CELL) for x, y in zip(*np.nonzero(grid), strict=True)]
    return [(x, y, x + CELL, y + CELL) for x, y in places]


def _glyph(boxes: Box | Sequence[Box] | None) -> object:
    pen = TTGlyphPen(None)
    for left, bottom, right, top in _as_boxes(boxes):
        pen.moveTo((left, bottom))
        for corner in ((left, top), (right, top), (right, bottom)):
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def _as_boxes(boxes: Box | Sequence[Box] | None) -> list[Box]:
    if boxes is None:
        return []
    return [box for box in boxes if isinstance(box, tuple)] or [tuple(boxes)]


def _left(glyph: object) -> int:
    return int(getattr(glyph, "xMin", 0) or 0)
