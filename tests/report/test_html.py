"""The HTML page as a text: whole, self-contained, escaped, the same each time."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.outline import read

from glyphlab.evaluation.activations import Activation
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.report import html
from glyphlab.report.content import Answer, LabContent, ModelResult, SeedResult
from glyphlab.report.html import lab_html, mistakes
from glyphlab.report.templating import script

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"


def test_every_tag_is_closed_and_every_id_is_unique(report: Path) -> None:
    ids = read(report.read_text("utf-8")).attributes("id")
    assert len(ids) == len(set(ids))


def test_links_of_the_page_lead_to_places_in_it(report: Path) -> None:
    outline = read(report.read_text("utf-8"))
    links = [link for link in outline.attributes("href") if link.startswith("#")]
    assert links
    assert {link[1:] for link in links} <= set(outline.attributes("id"))


def test_the_page_refers_to_nothing_outside_itself(report: Path) -> None:
    page = report.read_text("utf-8")
    outline = read(page)
    addresses = outline.attributes("src") + outline.attributes("href")
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in addresses)
    assert not re.findall(r"url\((?!#)|@import", page)
    scripts = [attrs for tag, attrs in outline.tags if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "gallery"}, {}]
    assert f"script-src '{script('lab.js').hash}'" in page


def test_headings_go_down_by_one_level_at_most(report: Path) -> None:
    levels = [
        int(tag[1])
        for tag, _ in read(report.read_text("utf-8")).tags
        if re.fullmatch("h[1-6]", tag)
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_image_and_figure_has_words(report: Path) -> None:
    tags = read(report.read_text("utf-8")).tags
    assert all(attrs["alt"] for tag, attrs in tags if tag == "img")
    drawn = [attrs for tag, attrs in tags if tag == "svg"]
    assert all(attrs.get("aria-label") or attrs.get("aria-hidden") for attrs in drawn)


def test_the_same_content_gives_the_same_page(content: LabContent, report: Path) -> None:
    assert lab_html(content) == report.read_text("utf-8")


def test_whatever_comes_from_outside_is_escaped(content: LabContent) -> None:
    page = lab_html(hostile(content))
    assert page.count("<script") == 2
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert read(page).text.count("<script>alert(1)</script>") > 20


def hostile(content: LabContent) -> LabContent:
    run = content.results[0].runs[0]
    ids = [HOSTILE] * 60
    evil = replace(run.evaluation, classes=(HOSTILE, "b", "c"), ids=ids, model=HOSTILE)
    data = replace(content.test, name=HOSTILE, source=HOSTILE, classes=(HOSTILE, "b", "c"))
    result = ModelResult(
        HOSTILE, HOSTILE, "corrected", (replace(run, evaluation=evil),), HOSTILE, None, HOSTILE
    )
    return replace(
        content,
        title=HOSTILE,
        training=data,
        test=data,
        results=(result,),
        answers=(Answer(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),),
        command=HOSTILE,
        versions={HOSTILE: HOSTILE},
        machine=HOSTILE,
        warnings=(HOSTILE,),
    )


def test_protocols_are_told_apart_only_where_there_are_two(
    content: LabContent, report: Path
) -> None:
    both = read(report.read_text("utf-8")).text
    one = read(lab_html(replace(content, results=content.results[:2]))).text
    assert "Protocol" in both
    assert "conv2 (notebook)" in both
    assert "Protocol" not in one
    assert "corrected" not in one


def test_answers_numbers_and_the_command_are_in_the_text(report: Path) -> None:
    text = read(report.read_text("utf-8")).text
    for part in ("Rather.", "225,898", "0.9500", "glyphlab lab --seeds 2", "Three images are"):
        assert part in text


def test_parts_that_a_report_lacks_are_left_out(content: LabContent) -> None:
    result = content.results[1]
    bare = replace(result, runs=(replace(result.runs[0], history=[]),), filters=None, recipe="")
    text = read(lab_html(replace(content, results=(bare,), answers=(), warnings=()))).text
    for part in ("Loss", "First layer", "The recipe", "The tasks answered"):
        assert part not in text


def test_mistakes_show_image_classes_probability_and_id(content: LabContent) -> None:
    first, *others = mistakes(content.results[1], content.test_images)
    assert len(others) == 2
    assert (first.true, first.predicted, first.id) == ("C", "A", "test/C/59.png")
    assert first.probability == pytest.approx(0.8)
    assert first.image.startswith("data:image/png;base64,")


def test_mistakes_without_ids_are_named_by_their_place(content: LabContent) -> None:
    result = content.results[1]
    run = replace(result.runs[0], evaluation=replace(result.evaluation, ids=None))
    assert mistakes(replace(result, runs=(run,)), content.test_images)[0].id == "image 59"


def test_layers_and_saliency_are_shown_where_they_are_known(content: LabContent) -> None:
    maps = np.random.default_rng(0).normal(size=(20, 4, 3)).astype(np.float32)
    heat = np.zeros((3, 6, 5), np.float32)
    result = replace(content.results[1], activations=(Activation("conv1", maps),), saliency=heat)
    text = read(lab_html(replace(content, results=(result,), chosen=7))).text
    for part in ("One image through its layers", "test/B/7.png", "conv1: 20 maps of 4×3", "orange"):
        assert part in text
    assert "One image through its layers" not in read(lab_html(content)).text


def many_classes(content: LabContent, k: int) -> LabContent:
    """The content with `k` classes, every third image recognised."""
    classes = tuple(f"class {i}" for i in range(k))
    probabilities = np.eye(k, dtype=np.float32)[np.arange(60) % 3]
    evaluation = Evaluation(
        probabilities, np.arange(60) % k, classes, None, "big", "small", "f", 0, 1, 0.1
    )
    run = SeedResult(evaluation, [], None, None, 1.0, 1.0)
    data: dict[str, Any] = {"classes": classes, "counts": ()}
    return replace(
        content,
        results=(ModelResult("big", "Task 1", "corrected", (run,)),),
        training=replace(content.training, **data),
        test=replace(content.test, **data),
    )


def test_a_matrix_too_large_to_read_gives_way_to_its_worst_cells(content: LabContent) -> None:
    text = read(lab_html(many_classes(content, html.CONFUSION_CLASSES + 1))).text
    assert "Counts of test images" not in text
    assert "Most frequent mistakes: class" in text


def test_a_report_of_all_models_stays_below_five_megabytes(content: LabContent) -> None:
    wide = many_classes(content, html.CONFUSION_CLASSES)
    results = tuple(replace(wide.results[0], model=f"model {i}") for i in range(7))
    assert len(lab_html(replace(wide, results=results)).encode()) < 5_000_000
