"""Letters rendered from fonts: a Dataset in the manner of notMNIST, for any alphabet."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple
from zlib import crc32

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from glyphlab.data.dataset import Dataset
from glyphlab.data.fonts import Face, draw_letters
from glyphlab.data.strokes import Variation, vary
from glyphlab.data.survey import Survey, processes
from glyphlab.errors import InputError
from glyphlab.progress import Progress, no_progress


class Rendered(NamedTuple):
    """Images to train on, and images of other families to test on, if any were held out."""

    train: Dataset
    test: Dataset | None


@dataclass(frozen=True)
class Style:
    """How letters are rendered.

    Parameters
    ----------
    size : int
        Side of the images in pixels, from 8 to 256.
    levels : int
        How many grey levels are used, from 2 to 256: fewer compress better.
    seed : int
        Decides every variation; 0 or more.
    variation : Variation
        In what share of the images a letter is changed.
    """

    size: int = 28
    levels: int = 256
    seed: int = 0
    variation: Variation = field(default_factory=Variation)

    def __post_init__(self) -> None:
        if not 8 <= self.size <= 256:
            raise InputError(f"The size is {self.size}; give 8 to 256 pixels.")
        if not 2 <= self.levels <= 256:
            raise InputError(f"There are {self.levels} grey levels; give 2 to 256.")
        if self.seed < 0:
            raise InputError(f"The seed is {self.seed}; give 0 or more.")


class Strip(NamedTuple):
    """Images of one face."""

    images: UInt8[np.ndarray, "n size size"]
    labels: list[int]
    ids: list[str]


def render(
    fonts: Survey,
    *,
    count: int | None = None,
    style: Style | None = None,
    test_share: float = 0.0,
    family_limit: int | None = None,
    name: str = "rendered",
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Rendered:
    """Render the letters of a survey in every face of it.

    The same fonts and arguments give the same bytes, however many processes work on them.

    Parameters
    ----------
    fonts : Survey
        Usable faces, their families, and the letters, each of which is a class.
    count : int, optional
        How many images to make in all, spread evenly over letters and faces; one of each
        letter and face if not given.
    style : Style, optional
        Size, grey levels, seed and variations.
    test_share : float
        Share of the images to hold out, in whole families; from 0 to 0.5.
    family_limit : int, optional
        A family of more faces gets no more images than one of so many.
    name : str
        What the Datasets are called.
    jobs : int
        How many processes to use; more than one wants a script with `if __name__ == "__main__"`.
    progress : callable
        Told how many faces are done.

    Returns
    -------
    Rendered
        Ids say where an image came from: `A/lato/Lato-Bold.ttf#1+slant` is the second image
        of that file's A, slanted. Fonts left out are listed in the training part's `skipped`.

    Raises
    ------
    InputError
        If a number is out of range, or there are too few families to hold some out.
    """
    style = style or Style()
    counts, held = share_out(fonts, count, test_share, family_limit, style.seed)
    strips = []
    with processes(jobs) as each:
        draw = partial(_draw_face, letters=fonts.letters, style=style)
        for strip in each(draw, list(zip(fonts.faces, counts.tolist(), strict=True))):
            strips.append(strip)
            progress(len(strips), len(counts))
    parts = [[s for s, h in zip(strips, held, strict=True) if h == part] for part in (False, True)]
    train, test = (_dataset(part, fonts.letters, name, style.size) for part in parts)
    return Rendered(replace(train, skipped=fonts.skipped), test if held.any() else None)


def share_out(
    fonts: Survey, count: int | None, test_share: float, family_limit: int | None, seed: int
) -> tuple[Int64[np.ndarray, "faces letters"], Bool[np.ndarray, " faces"]]:
    """Decide how many images of each letter a face gives, and which faces are for testing.

    Raises
    ------
    InputError
        As `render`.
    """
    _check(len(fonts.letters), count, test_share, family_limit)
    counts = _counts(fonts.families, len(fonts.letters), count, family_limit)
    return counts, _held_out(fonts.families, counts.sum(1), test_share, seed)


def _check(letters: int, count: int | None, test_share: float, family_limit: int | None) -> None:
    if count is not None and count < letters:
        raise InputError(f"The count is {count}; give at least one image for each letter.")
    if not 0 <= test_share <= 0.5:
        raise InputError(f"The share for testing is {test_share}; give 0 to 0.5.")
    if family_limit is not None and family_limit < 1:
        raise InputError(f"The limit of a family is {family_limit} faces; give 1 or more.")


def _counts(
    families: Int64[np.ndarray, " faces"], letters: int, count: int | None, limit: int | None
) -> Int64[np.ndarray, "faces letters"]:
    """How many images of each letter a face gives, spread evenly by weight."""
    sizes = np.bincount(families)[families]
    weights = np.minimum(1.0, (limit or np.inf) / sizes)
    total = letters * round(float(weights.sum())) if count is None else count
    per_letter = total // letters + (np.arange(letters) < total % letters)
    shares = np.cumsum(weights) / weights.sum()
    shares[-1] = 1.0
    ends = np.floor(shares[:, None] * per_letter + 1e-9).astype(np.int64)
    return np.diff(ends, axis=0, prepend=0)


def _held_out(
    families: Int64[np.ndarray, " faces"],
    counts: Int64[np.ndarray, " faces"],
    share: float,
    seed: int,
) -> Bool[np.ndarray, " faces"]:
    """Which faces are for testing: whole families by lot, small ones first if they suffice."""
    wanted = share * int(counts.sum())
    held = np.zeros(len(families), bool)
    images = 0
    drawn = np.random.default_rng(seed).permutation(np.unique(families))
    for largest in (wanted / 10, wanted):
        for family in drawn:
            members = (families == family) & ~held
            gained = int(counts[members].sum())
            if gained <= largest and images + gained <= wanted:
                held |= members
                images += gained
    if share and not images:
        raise InputError("The fonts are of too few families to hold some out; give more fonts.")
    return held


def _draw_face(job: tuple[Face, list[int]], letters: str, style: Style) -> Strip:
    face, counts = job
    wanted = [(label, number) for label, n in enumerate(counts) for number in range(n)]
    return draw_images(face, wanted, letters, style)


def draw_images(face: Face, wanted: Sequence[tuple[int, int]], letters: str, style: Style) -> Strip:
    """Make some images of a face: of each letter by its label, that of a number.

    They are the same whichever others are made with them.
    """
    strip = Strip(np.zeros((len(wanted), style.size, style.size), np.uint8), [], [])
    drawn = draw_letters(face, letters)
    for label, number in wanted:
        letter, (picture, origin) = letters[label], drawn[label]
        image, changes = vary(
            picture,
            origin,
            style.size,
            style.variation,
            generator=_generator(style.seed, face.key, letter, number),
            change=number > 0,
        )
        strip.images[len(strip.ids)] = image
        strip.labels.append(label)
        strip.ids.append("+".join([f"{letter}/{face.key}#{number}", *changes]))
    strip.images[:] = _levels(style.levels)[strip.images]
    return strip


def _generator(seed: int, key: str, letter: str, number: int) -> np.random.Generator:
    return np.random.default_rng(
        [seed, crc32(key.encode("utf-8", "surrogateescape")), ord(letter), number]
    )


def _levels(levels: int) -> UInt8[np.ndarray, "256"]:
    """The table from 256 grey levels to so many, black and white among them."""
    steps = np.rint(np.arange(256) * ((levels - 1) / 255))
    table: UInt8[np.ndarray, 256] = np.rint(steps * (255 / (levels - 1))).astype(np.uint8)
    return table


def _dataset(strips: Sequence[Strip], letters: str, name: str, size: int) -> Dataset:
    labels = np.array([label for strip in strips for label in strip.labels], np.int64)
    order = np.argsort(labels, kind="stable")
    ids = [identity for strip in strips for identity in strip.ids]
    images = [np.zeros((0, size, size), np.uint8), *(strip.images for strip in strips)]
    return Dataset(
        images=np.concatenate(images)[order, :, :, None],
        labels=labels[order],
        ids=[ids[i] for i in order],
        classes=list(letters),
        name=name,
        source=f"{sum(bool(strip.ids) for strip in strips)} faces of fonts",
    )
