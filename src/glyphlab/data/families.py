"""Which faces belong to one family, by what they are called and by how they look."""

import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int64, UInt8

SAME = 3.0
"""Faces whose pictures differ by less (root mean square grey levels) are one and the same."""
ALIKE = 18.0
"""Faces whose pictures differ by less are taken for one family, whatever their names."""

_STYLES = re.compile(
    r"\b(regular|roman|book|text|normal|plain|standard|std|italic|ital|oblique|slanted|upright|"
    r"thin|hairline|extra|ultra|semi|demi|light|lite|medium|bold|heavy|black|fat|"
    r"condensed|cond|compressed|compact|narrow|extended|expanded|wide|width|caps|sc|smallcaps|"
    r"small|display|caption|subhead|title|titling|headline|outline|inline|shadow|solid|"
    r"hollow|sans|serif|slab|mono|monospace|code|pro|nf|adf|gwf|alternate|alt|new|old|no|"
    r"otf|ttf|brk|[ivx]+|\d+|\w)\b"
)


def base_name(family: str) -> str:
    """What is left of a family's name without words for weight, slant, width and make.

    'Foo Sans Bold Condensed', 'Foo-Serif 2' and 'FooSans' are all 'foo'.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|[_\-./]", " ", family)
    words = re.sub(r"[^\w ]", " ", spaced).lower()
    rest = _STYLES.sub(" ", words).split()
    return " ".join(rest) or " ".join(words.split())


def find_doubles(looks: UInt8[np.ndarray, "faces pixels"]) -> dict[int, int]:
    """Faces that draw what an earlier face draws: from the later's index to the earlier's."""
    doubles: dict[int, int] = {}
    for start, near in _near(looks, SAME):
        for row, others in enumerate(near):
            face = start + row
            earlier = [int(o) for o in np.flatnonzero(others[:face]) if int(o) not in doubles]
            if earlier:
                doubles[face] = earlier[0]
    return doubles


def group(
    names: Sequence[str], looks: UInt8[np.ndarray, "faces pixels"]
) -> Int64[np.ndarray, " faces"]:
    """Number the families: one number for faces of one base name, and for look-alikes.

    Parameters
    ----------
    names : sequence of n str
        The family that each face names.
    looks : uint8 [n, pixels]
        All letters of each face in one row, drawn plain in one size.

    Returns
    -------
    int64 [n]
        The family's number: the index of its first face.
    """
    parents = list(range(len(names)))
    first: dict[str, int] = {}
    for face, name in enumerate(names):
        _unite(parents, face, first.setdefault(base_name(name), face))
    for start, near in _near(looks, ALIKE):
        for row, column in zip(*np.nonzero(near), strict=True):
            _unite(parents, start + int(row), int(column))
    return np.array([_root(parents, face) for face in range(len(names))], np.int64)


def _near(
    looks: UInt8[np.ndarray, "faces pixels"], bound: float, rows: int = 512
) -> list[tuple[int, Bool[np.ndarray, "rows faces"]]]:
    points: Float[np.ndarray, "faces pixels"] = looks.astype(np.float32)
    lengths = (points**2).sum(1)
    limit = bound**2 * looks.shape[1]
    blocks = []
    for start in range(0, len(points), rows):
        block = points[start : start + rows]
        squares = lengths[start : start + rows, None] + lengths - 2 * block @ points.T
        blocks.append((start, squares < limit))
    return blocks


def _root(parents: list[int], face: int) -> int:
    while parents[face] != face:
        face = parents[face]
    return face


def _unite(parents: list[int], one: int, other: int) -> None:
    low, high = sorted((_root(parents, one), _root(parents, other)))
    parents[high] = low
