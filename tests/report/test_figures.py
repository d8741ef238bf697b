"""Figures: what they draw, and that the page's theme reaches them."""

from dataclasses import replace
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from glyphlab.report import figures
from glyphlab.report.content import LabContent
from glyphlab.report.summary import table


def test_each_seed_is_a_line_of_training_and_of_validation(content: LabContent) -> None:
    (axes,) = figures.curves(content.results[0], "accuracy").axes
    lines = [np.asarray(line.get_xydata()).tolist() for line in axes.lines]
    training = [[1, 0.6], [2, 0.7], [3, 0.8]]
    validation = [[1, 0.5], [2, 0.6], [3, 0.7]]
    assert np.allclose(lines, [training, training, validation, validation])
    assert axes.get_xlabel() == "epoch"
    assert axes.get_ylabel() == "accuracy (share)"


def test_training_and_validation_differ_without_colour(content: LabContent) -> None:
    (axes,) = figures.curves(content.results[1], "loss").axes
    training, validation = axes.lines
    assert training.get_linestyle() != validation.get_linestyle()
    assert training.get_marker() != validation.get_marker()


def test_what_was_not_measured_is_not_drawn(content: LabContent) -> None:
    result = content.results[1]
    epochs = [{**epoch, "validation_loss": None} for epoch in result.runs[0].history]
    bare = replace(result, runs=(replace(result.runs[0], history=epochs),))
    assert len(figures.curves(bare, "loss").axes[0].lines) == 1


def test_a_vector_takes_the_colours_of_the_page(content: LabContent) -> None:
    svg = figures.to_svg(figures.curves(content.results[1], "loss"), "one", 'a "curve" & more')
    assert svg.startswith("<svg viewBox=")
    assert 'aria-label="a &quot;curve&quot; &amp; more"' in svg
    assert "var(--cool)" in svg
    assert "var(--ink)" in svg
    for colour in (figures.VALIDATION, figures.TRAINING, figures.INK, figures.MUTED):
        assert colour not in svg
    for unwanted in ("<metadata", "<!--", "font-family", "#000000"):
        assert unwanted not in svg


def test_ids_of_two_figures_differ_and_of_one_stay(content: LabContent) -> None:
    def ids(name: str) -> set[str]:
        svg = figures.to_svg(figures.curves(content.results[1], "loss"), name, "alt")
        return {part.split('"')[0] for part in svg.split('id="')[1:]}

    assert ids("one")
    assert ids("one") == ids("one")
    assert not ids("one") & ids("two")


def test_the_users_own_style_neither_changes_figures_nor_is_changed(content: LabContent) -> None:
    plain = figures.to_svg(figures.curves(content.results[1], "loss"), "one", "alt")
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path"}):
        styled = figures.to_svg(figures.curves(content.results[1], "loss"), "one", "alt")
        assert mpl.rcParams["font.size"] == 30
    assert styled == plain


def test_a_dollar_in_a_class_name_is_no_formula(content: LabContent) -> None:
    evaluation = replace(content.results[1].evaluation, classes=("$x^2$", "$", "c"))
    assert figures.to_png(figures.confusion(evaluation)).startswith(b"\x89PNG")


def test_the_confusion_figure_prints_every_count(content: LabContent) -> None:
    (axes,) = figures.confusion(content.results[1].evaluation).axes
    counts = [text.get_text() for text in axes.texts]
    assert counts == ["19", "1", "0", "0", "19", "1", "1", "0", "19"]


def test_intervals_show_every_row_by_its_name(content: LabContent) -> None:
    (axes,) = figures.intervals(table(content)).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["logistic", "conv2", "conv2 (notebook)"]


@pytest.mark.parametrize("parts", [("loss",), ("loss", "accuracy")])
def test_a_png_has_the_size_of_its_parts(content: LabContent, parts: tuple[str, ...]) -> None:
    png = figures.to_png(figures.curves(content.results[0], *parts), dots_per_inch=100)
    assert Image.open(BytesIO(png)).size == (390 * len(parts), 250)
