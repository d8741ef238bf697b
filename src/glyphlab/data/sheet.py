"""A Dataset for a person's eyes: thumbnails, counts, and whether its classes are balanced."""

import base64
import io
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.errors import InputError
from glyphlab.language import numerals, say

ALPHA = 0.001
"""Below this p-value, counts are taken for unequal in earnest."""
MARKED_RATIO = 1.5
"""From this ratio of the largest to the smallest class on, training notices it."""

MAXIMUM_ROWS = 100
"""A sheet shows no more classes than this."""

_BACKGROUND = "#ccd4de"
_THUMBNAIL_PIXELS = 56
_GAP = 4
_FONT_PIXELS = 16
_LONGEST_LABEL = 24
_CHUNK = 16_384


class Balance(NamedTuple):
    """Whether all classes are equally frequent.

    Parameters
    ----------
    smallest, largest : str
        The classes with the fewest and the most images.
    ratio : float
        Images of the largest over those of the smallest class; infinite if that has none.
    chi_square : float
        Pearson's statistic against equal frequencies, with `len(classes) - 1` degrees of freedom.
    p_value : float
        Probability of such differences, or greater, if images were drawn equally often.
    sentence : str
        What that means, in the current language.
    """

    smallest: str
    largest: str
    ratio: float
    chi_square: float
    p_value: float
    sentence: str


class Description(NamedTuple):
    """The facts about a Dataset that lab 1 asks for first.

    Parameters
    ----------
    name : str
        The Dataset's.
    n : int
        Images.
    image_shape : tuple of int
        Height, width, channels.
    counts : dict
        Images of each class, in the order of the labels.
    minimum, maximum : int
        Of all pixel values, 0 to 255.
    mean : float
        Of all pixel values.
    balance : Balance
        Whether the classes are equally frequent.
    skipped : tuple of Skipped
        Files that ingest left out.
    """

    name: str
    n: int
    image_shape: tuple[int, int, int]
    counts: dict[str, int]
    minimum: int
    maximum: int
    mean: float
    balance: Balance
    skipped: tuple[Skipped, ...]


def describe(dataset: Dataset) -> Description:
    """Count, measure and judge a Dataset.

    Raises
    ------
    InputError
        If it has no images.
    """
    if not len(dataset):
        raise InputError(f"{dataset.name} has no images; add a source that has some.")
    minimum, maximum, mean = _value_range(dataset.images)
    return Description(
        name=dataset.name,
        n=len(dataset),
        image_shape=dataset.image_shape,
        counts=_counts(dataset),
        minimum=minimum,
        maximum=maximum,
        mean=mean,
        balance=balance(_counts(dataset)),
        skipped=tuple(dataset.skipped),
    )


def balance(counts: dict[str, int]) -> Balance:
    """Test whether classes are equally frequent, by Pearson's chi-square test of uniformity.

    Parameters
    ----------
    counts : dict
        Images of each class; at least one image in all.
    """
    from scipy.stats import chi2

    smallest, largest = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    expected = sum(counts.values()) / len(counts)
    statistic = sum((count - expected) ** 2 / expected for count in counts.values())
    p_value = float(chi2.sf(statistic, len(counts) - 1)) if len(counts) > 1 else 1.0
    ratio = counts[largest] / counts[smallest] if counts[smallest] else float("inf")
    sentence = _judgement(counts, smallest, largest, ratio, p_value)
    return Balance(smallest, largest, ratio, float(statistic), p_value, sentence)


def p_value_text(value: float) -> str:
    """A p-value after its letter: = 0.032, < 0.0001."""
    small = value < 0.0001
    return f"< {numerals.decimal(0.0001, 4)}" if small else f"= {numerals.significant(value, 2)}"


def thumbnail_sheet(dataset: Dataset, per_class: int = 10, seed: int = 0) -> Image.Image:
    """Draw some images of each class, a row for each class with its name.

    Parameters
    ----------
    dataset : Dataset
        Images of any size; each is drawn about 56 pixels high.
    per_class : int
        Images in a row, drawn at random without repetition.
    seed : int
        Another seed shows other images.

    Returns
    -------
    PIL.Image.Image
        Mode "RGB".
    """
    rng = np.random.default_rng(seed)
    shown = dataset.classes[:MAXIMUM_ROWS]
    font = _font()
    labels = [_short(name) for name in shown]
    if len(dataset.classes) > len(shown):
        labels.append(f"… and {len(dataset.classes) - len(shown):,} more")
    margin = max((int(font.getlength(label)) for label in labels), default=0) + 3 * _GAP
    height, width = _thumbnail_size(dataset.image_shape)
    sheet = Image.new(
        "RGB",
        (margin + per_class * (width + _GAP), len(labels) * (height + _GAP) + _GAP),
        _BACKGROUND,
    )
    draw = ImageDraw.Draw(sheet)
    for row, label in enumerate(labels):
        top = _GAP + row * (height + _GAP)
        draw.text((margin - 2 * _GAP, top + height / 2), label, "black", font, anchor="rm")
        chosen = np.flatnonzero(dataset.labels == row) if row < len(shown) else np.empty(0, int)
        for column, index in enumerate(rng.permutation(chosen)[:per_class]):
            tile = _thumbnail(dataset.images[index], (width, height))
            sheet.paste(tile, (margin + column * (width + _GAP), top))
    return sheet


def dataset_html(dataset: Dataset) -> str:
    """A Dataset as HTML for Jupyter: what it is, a table of counts, and a thumbnail sheet."""
    picture = io.BytesIO()
    thumbnail_sheet(dataset).save(picture, "PNG")
    encoded = base64.b64encode(picture.getvalue()).decode()
    rows = "".join(
        f"<tr><td>{escape(name)}</td>"
        f"<td style='text-align:right'>{numerals.number(count)}</td></tr>"
        for name, count in _counts(dataset).items()
    )
    heads = "".join(
        f"<th>{escape(say(f'notebook-column-{column}'))}</th>" for column in ("class", "images")
    )
    alt = escape(say("notebook-sheet-alt"))
    return (
        f"<div><p>{escape(repr(dataset))}</p>"
        "<div style='display:flex;gap:1.5em;align-items:flex-start'>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"<img alt='{alt}' src='data:image/png;base64,{encoded}'>"
        "</div></div>"
    )


def _counts(dataset: Dataset) -> dict[str, int]:
    return dict(zip(dataset.classes, dataset.class_counts.tolist(), strict=True))


def _value_range(
    images: UInt8[np.ndarray, "n height width channels"],
) -> tuple[int, int, float]:
    minimum, maximum, total = 255, 0, 0
    for start in range(0, len(images), _CHUNK):
        chunk = images[start : start + _CHUNK]
        minimum, maximum = min(minimum, int(chunk.min())), max(maximum, int(chunk.max()))
        total += int(chunk.sum(dtype=np.int64))
    return minimum, maximum, total / images.size


def _judgement(
    counts: dict[str, int], smallest: str, largest: str, ratio: float, p_value: float
) -> str:
    if counts[smallest] == counts[largest]:
        return say("balance-equal", each=counts[largest])
    if not counts[smallest]:
        return say("balance-empty", smallest=smallest)
    unequal = "near" if ratio < MARKED_RATIO else "no"
    return say(
        "balance-unequal",
        verdict="chance" if p_value >= ALPHA else unequal,
        largest=largest,
        most=counts[largest],
        smallest=smallest,
        least=counts[smallest],
        ratio=numerals.decimal(ratio, 2),
        p=p_value_text(p_value),
    )


def _thumbnail_size(shape: tuple[int, int, int]) -> tuple[int, int]:
    height, width, _ = shape
    scale = _THUMBNAIL_PIXELS / max(height, width)
    if scale >= 1:
        scale = round(scale)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _thumbnail(
    image: UInt8[np.ndarray, "height width channels"], size: tuple[int, int]
) -> Image.Image:
    pixels = np.array(image[:, :, 0] if image.shape[2] == 1 else image)
    enlarged = size[0] >= image.shape[1]
    method = Image.Resampling.NEAREST if enlarged else Image.Resampling.BOX
    return Image.fromarray(pixels).resize(size, method).convert("RGB")


def _font() -> ImageFont.FreeTypeFont:
    """Matplotlib's DejaVu Sans: it has Cyrillic and Greek, which Pillow's own font lacks."""
    import matplotlib

    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), _FONT_PIXELS)


def _short(name: str) -> str:
    shown = "".join(sign if sign.isprintable() else "�" for sign in name)
    return shown if len(shown) <= _LONGEST_LABEL else shown[: _LONGEST_LABEL - 1] + "…"
