"""Experiments as a page, and as a part of the lab's report."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.browser import CONTRAST
from tests.experiments import found
from tests.outline import read

from glyphlab.language import speaking
from glyphlab.report.content import LabContent
from glyphlab.report.evidence import Chart, Line
from glyphlab.report.evidence_page import evidence_html
from glyphlab.report.html import lab_html

HOSTILE = "<script>document.owned=1</script><img src=x onerror=document.owned=1>"


@pytest.fixture(scope="module")
def evidence_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evidence") / "evidence.html"
    both = [found(), found("levity", verdict="contradicted", charts=())]
    path.write_text(evidence_html(both, "Fruit", "glyphlab evidence"), "utf-8")
    return path


def test_it_holds_claim_verdict_figures_and_the_command(evidence_page: Path) -> None:
    text = read(evidence_page.read_text("utf-8")).text
    for part in (
        "Apples fall.",
        "The figures support this.",
        "The figures contradict this.",
        "12 trainings, 3 seeds, 2,000 test images, 1 min 01 s",
        "+9.81 points",
        "pear",
        "apple 6",
        "glyphlab evidence",
    ):
        assert part in text


def test_a_lab_with_evidence_shows_it_and_one_without_does_not(content: LabContent) -> None:
    assert "Apples fall." in read(lab_html(replace(content, evidence=(found(),)))).text
    assert "Evidence" not in read(lab_html(content)).text


def test_in_russian_all_but_the_command_is_russian() -> None:
    line = Line("яблоко", (1_000.0, 10_000.0), (0.5, 0.6), (0.4, 0.5), (0.6, 0.7))
    apples = found(
        title="тяготение",
        claim="Яблоки падают.",
        method="Их роняют.",
        sentences=("Вниз и вверх: +9,81 п. п.",),
        columns=("плод", "секунды"),
        rows=(("яблоко", "1,2"),),
        charts=(Chart("Высота", "секунды", "метры", (line,), log_x=True),),
        trainings=21,
    )
    with speaking("ru"):
        page = evidence_html([apples, replace(apples, n=1)], "Плоды", "glyphlab evidence")
    outline = read(re.sub("<style.*?</style>", "", page, flags=re.DOTALL))
    text = outline.text.replace("\u00a0", " ")
    for part in (
        "Результаты это подтверждают.",
        "Их роняют. 21 обучение, 3 зерна, 2 000 тестовых изображений, 1 мин 01 с.",
        "21 обучение, 3 зерна, 1 тестовое изображение, 1 мин 01 с.",
        "10 000",
        "0,45",
    ):
        assert part in text
    labels = "".join(outline.attributes("aria-label"))
    shown = (text + labels).replace("glyphlab evidence", "").replace("glyphlab", "")
    assert re.findall("[A-Za-z]{2,}", shown) == []
    assert outline.attributes("lang") == ["ru"]
    assert "#evidence-gravity" in outline.attributes("href")


def test_names_from_outside_are_escaped() -> None:
    evil = found(
        HOSTILE,
        HOSTILE,
        title=HOSTILE,
        claim=HOSTILE,
        sentences=(HOSTILE,),
        columns=(HOSTILE, "b"),
    )
    page = evidence_html([evil], HOSTILE, HOSTILE)
    assert "<script" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_its_window_loads_nothing_and_can_be_read(
    evidence_page: Path, page: Any, width: int, dark: bool
) -> None:
    page.open(evidence_page, width, dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [u for u in page.requested() if not u.startswith("data:")] == [evidence_page.as_uri()]
    assert page.complaints() == []
    assert page.evaluate(CONTRAST) >= 4.5  # WCAG 2.2, success criterion 1.4.3
