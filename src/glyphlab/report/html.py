"""The lab report as one HTML page that needs nothing else: no network, no other file."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.language import numerals, say
from glyphlab.report import figures, words
from glyphlab.report.comparison_view import comparison_view
from glyphlab.report.comparison_words import choice_sentences, comparison_sentences
from glyphlab.report.content import MISTAKES, DataDescription, LabContent, ModelResult
from glyphlab.report.evidence_page import evidence_view
from glyphlab.report.gallery import gallery, image_name
from glyphlab.report.images import data_uri, filter_images, montage, overlay, png
from glyphlab.report.matrix import Cell
from glyphlab.report.summary import Row, has_both_protocols, headline, table
from glyphlab.report.templating import environment, script

MAPS = 16
"""How many maps of a layer are shown."""
CONFUSION_CLASSES = 64


@dataclass(frozen=True)
class Mistake:
    """An image that a model takes for another class, with all that is shown of it."""

    image: str
    true: str
    predicted: str
    probability: float
    id: str
    saliency: str


def lab_html(content: LabContent) -> str:
    """The report as a self-contained HTML page; the same content gives the same text.

    Parameters
    ----------
    content : LabContent

    Returns
    -------
    str
        A whole document, to be saved as UTF-8. Whatever comes from outside is escaped.
    """
    rows = table(content)
    page = environment().get_template("lab.html.j2")
    return page.render(
        title=content.title,
        content=content,
        rows=rows,
        headline=headline(rows),
        both=has_both_protocols(content),
        uneven=len({len(result.runs) for result in content.results}) > 1,
        scale=_scale(rows),
        data=_data(content),
        strips=_strips(content),
        models=[_model(content, row, place) for place, row in enumerate(rows)],
        choice=choice_sentences(content.comparison),
        compared=comparison_sentences(content.comparison),
        view=_comparison(content, rows),
        chosen=_chosen(content),
        experiments=evidence_view(content.evidence),
        gallery=gallery(
            {f"model-{place + 1}": row.result.evaluation for place, row in enumerate(rows)},
            content.test_images,
        ),
        script=script("lab.js"),
    )


def _comparison(content: LabContent, rows: list[Row]) -> dict[str, Any] | None:
    """Every pair, cost, confidence and class; nothing for a single model."""
    if len(rows) < 2:
        return None
    links = {row.result.name: f"#model-{place + 1}" for place, row in enumerate(rows)}
    return comparison_view(content.comparison, content.test_images, links)


def _chosen(content: LabContent) -> dict[str, str] | None:
    """The image whose way through the layers is shown."""
    if content.chosen is None:
        return None
    evaluation = content.results[0].evaluation
    name = evaluation.ids[content.chosen] if evaluation.ids is not None else ""
    return {
        "uri": data_uri(png(content.test_images[content.chosen])),
        "true": evaluation.classes[evaluation.labels[content.chosen]],
        "id": name or image_name(content.chosen),
    }


def _model(content: LabContent, row: Row, place: int) -> dict[str, Any]:
    result = row.result
    return {
        "row": row,
        "anchor": f"model-{place + 1}",
        "name": row.result.name,
        "curves": _curves(result, f"model-{place + 1}"),
        "confusion": _confusion(result.evaluation),
        "most_confused": words.most_confused(result.evaluation),
        "mistakes": mistakes(result, content.test_images),
        "filters": _filters(result),
        "layers": _layers(result),
    }


def _curves(result: ModelResult, anchor: str) -> list[dict[str, str]]:
    """Loss and accuracy as SVG, where the history holds any."""
    drawn = []
    for what in ("loss", "accuracy"):
        alt = words.curve_alt(result, what)
        if alt:
            figure = figures.curves(result, what)
            svg = figures.to_svg(figure, f"{anchor}-{what}", alt)
            drawn.append({"title": say(f"figure-{what}"), "svg": svg})
    return drawn


def mistakes(result: ModelResult, images: UInt8[np.ndarray, "n h w channels"]) -> list[Mistake]:
    """The most confident mistakes, each with its image as a `data:` address."""
    evaluation, ids = result.evaluation, result.evaluation.ids
    heat = result.saliency
    return [
        Mistake(
            image=data_uri(png(images[i])),
            true=evaluation.classes[evaluation.labels[i]],
            predicted=evaluation.classes[evaluation.predictions[i]],
            probability=float(evaluation.probabilities[i].max()),
            id=ids[int(i)] if ids is not None else image_name(int(i)),
            saliency=data_uri(png(overlay(images[i], heat[place]))) if heat is not None else "",
        )
        for place, i in enumerate(evaluation.confident_mistakes(MISTAKES))
    ]


def _layers(result: ModelResult) -> list[dict[str, Any]]:
    """What each layer makes of the chosen image, as sheets of its first maps."""
    sheets = []
    for layer, maps in result.activations:
        sheet = montage(filter_images(maps[:MAPS, :, :, None]), 8, gap=2)
        height, width = maps.shape[1:]
        scale = max(1, round(224 / sheet.shape[1]))
        sheets.append(
            {
                "name": layer,
                "uri": data_uri(png(sheet)),
                "width": sheet.shape[1] * scale,
                "height": sheet.shape[0] * scale,
                "size": say("lab-layer-size", n=len(maps), size=f"{height}×{width}"),
            }
        )
    return sheets


def _confusion(evaluation: Evaluation) -> list[list[Cell]]:
    """The rows of the matrix; nothing where there are too many classes to read it."""
    if len(evaluation.classes) > CONFUSION_CLASSES:
        return []
    counts = evaluation.confusion
    most = max(int((counts - np.diag(np.diagonal(counts))).max()), 1)
    return [_cells(evaluation, row, most) for row in range(len(counts))]


def _cells(evaluation: Evaluation, row: int, most: int) -> list[Cell]:
    counts, true = evaluation.confusion[row], evaluation.classes[row]
    total = int(counts.sum())
    cells = []
    for column, count in enumerate(map(int, counts)):
        right = column == row
        shade = count / max(total, 1) if right else (count / most) ** 0.5
        figures_ = {"true": true, "count": numerals.number(count), "total": numerals.number(total)}
        label = (
            say("lab-cell-right", **figures_)
            if right
            else say("lab-cell-wrong", said=evaluation.classes[column], **figures_)
        )
        cells.append(Cell(count, round(shade, 3), right, label, f"{row}-{column}"))
    return cells


def _filters(result: ModelResult) -> dict[str, Any] | None:
    if result.filters is None or not len(result.filters):
        return None
    n, height, width, _ = result.filters.shape
    shown, size = filter_images(result.filters), f"{height}×{width}"
    scale = -(-44 // max(height, width))
    sheet = montage(shown, 5 if len(shown) <= 10 else 8, gap=6, scale=scale)
    return {
        "uri": data_uri(png(sheet)),
        "width": sheet.shape[1],
        "height": sheet.shape[0],
        "shown": len(shown),
        "title": say("lab-filters", n=n, size=size)
        if len(shown) == n
        else say("lab-filters-some", shown=len(shown), n=n, size=size),
    }


def _data(content: LabContent) -> str:
    """What was learned from and tested on, before the images themselves."""
    trained, tested = content.training, content.test
    return say(
        "lab-data-means",
        n=trained.n,
        train=_with_source(trained),
        tested=tested.n,
        test=_with_source(tested),
    )


def _with_source(data: DataDescription) -> str:
    return f"{data.name} ({data.source})" if data.source else data.name


def _strips(content: LabContent) -> list[dict[str, Any]]:
    """For each class a strip of thumbnails."""
    strips = []
    images, labels = content.thumbnails.images, content.thumbnails.labels
    for k, name in enumerate(content.training.classes):
        chosen = images[labels == k]
        if not len(chosen):
            continue
        sheet = montage(chosen, len(chosen), gap=3)
        counts = content.training.counts
        strips.append(
            {
                "name": name,
                "uri": data_uri(png(sheet)),
                "width": sheet.shape[1],
                "height": sheet.shape[0],
                "n": len(chosen),
                "count": counts[k] if counts else None,
            }
        )
    return strips


def _scale(rows: list[Row]) -> dict[str, Any]:
    """The axis of the interval chart: its ends, and where its ticks stand, in percent."""
    low, high = min(row.ci95.low for row in rows), max(row.ci95.high for row in rows)
    step = words.round_step((high - low) / 4)
    start = max(np.floor(low / step - 0.25), 0) * step
    end = min(np.ceil(high / step + 0.25) * step, 1.0)
    ticks = np.arange(start, end + step / 2, step)
    digits = max(0, -math.floor(math.log10(step)))
    span = end - start
    return {
        "ticks": [
            {"at": 100 * (t - start) / span, "text": numerals.decimal(t, digits)}
            for t in ticks
            if t <= end
        ],
        "places": [
            {"low": 100 * (r.ci95.low - start) / span, "high": 100 * (r.ci95.high - start) / span}
            | {"mid": 100 * (r.accuracy - start) / span}
            for r in rows
        ],
    }
