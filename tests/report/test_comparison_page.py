"""The page of a Comparison: whole, self-contained, escaped."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.browser import CONTRAST
from tests.evaluated import evaluated, right_but
from tests.outline import read

from glyphlab.evaluation.comparison import Comparison, compare
from glyphlab.report.comparison_page import comparison_html

HOSTILE = "<script>document.owned=1</script><img src=x onerror=document.owned=1>"
IMAGES = np.random.default_rng(0).integers(0, 256, (200, 6, 5, 1), dtype=np.uint8)


def three(name: str = "good") -> Comparison:
    costs: dict[str, Any] = {"operations": 1_000, "train_seconds": 2.0}
    return compare(
        [
            evaluated("bad", right_but(200, slice(0, 60)), **costs, parameters=10),
            evaluated(name, right_but(200, slice(0, 10)), **costs, seed=0),
            evaluated(name, right_but(200, slice(5, 20)), **costs, seed=1),
            evaluated("near", right_but(200, slice(2, 15)), **costs | {"operations": 500}),
        ]
    )


@pytest.fixture(scope="module")
def comparison_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("comparison") / "comparison.html"
    path.write_text(comparison_html(three(), IMAGES, "glyphlab compare a b"), "utf-8")
    return path


def test_it_holds_figures_pairs_costs_classes_images_and_the_command(comparison_page: Path) -> None:
    text = read(comparison_page.read_text("utf-8")).text
    for part in (
        "3 models on toy",
        "good has the highest accuracy: 0.9375 of 200 images",
        "good – near",
        "1,000",
        "2.0 s",
        "Where they disagree",
        "said b: bad",
        "image 20",
        "glyphlab compare a b",
    ):
        assert part in text


def test_differences_that_can_be_told_stand_apart_from_those_that_can_not(
    comparison_page: Path,
) -> None:
    cells = re.findall(
        r'<td class="(sure|unsure)" title="([^"]*)">([^<]*)<', comparison_page.read_text()
    )
    assert len(cells) == 6
    for kind, label, _ in cells:
        assert ("No difference between" in label) == (kind == "unsure")
    # good, near, bad; one training of near: its first training is compared, 190 right against 187.
    assert [text for _, _, text in cells[:2]] == ["+1.50", "+25.00"]


def test_it_is_self_contained_with_closed_tags_and_whole_links(comparison_page: Path) -> None:
    outline = read(comparison_page.read_text("utf-8"))
    ids = outline.attributes("id")
    assert len(ids) == len(set(ids))
    links = [link for link in outline.attributes("href") if link.startswith("#")]
    assert {link[1:] for link in links} <= set(ids)
    addresses = outline.attributes("src") + outline.attributes("href")
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in addresses)
    assert all(attrs["alt"] for tag, attrs in outline.tags if tag == "img")


def test_names_from_outside_are_escaped() -> None:
    page = comparison_html(three(HOSTILE), IMAGES, HOSTILE)
    assert "<script" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_its_window_loads_nothing_and_can_be_read(
    comparison_page: Path, page: Any, width: int, dark: bool
) -> None:
    page.open(comparison_page, width, dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [u for u in page.requested() if not u.startswith("data:")] == [comparison_page.as_uri()]
    assert page.complaints() == []
    assert page.evaluate(CONTRAST) >= 4.5  # WCAG 2.2, success criterion 1.4.3
