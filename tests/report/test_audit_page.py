"""The audit's page: what it says, that it needs nothing else, and how it looks in a browser."""

import re
from base64 import b64decode
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.audited import audit_of, effect, held_out_images, own_findings, train_images
from tests.browser import CONTRAST
from tests.outline import read

from glyphlab.auditing.findings import Audit, LabelError
from glyphlab.errors import InputError
from glyphlab.report import audit_tables
from glyphlab.report.audit_page import audit_html, content_policy, is_current
from glyphlab.report.audit_view import ERRORS_SHOWN, LARGEST_SIDE, thumbnail
from glyphlab.report.audit_words import headline, leak_effect, percent, score

HOSTILE = (
    "</script><script>document.owned=1</script>\"'><img src=x onerror=document.owned=1>&amp;\r"
)


@pytest.fixture(scope="module")
def audit() -> Audit:
    return audit_of(train_images(), held_out_images())


@pytest.fixture(scope="module")
def html(audit: Audit) -> str:
    return audit_html(audit, train_images(), held_out_images())


@pytest.fixture(scope="module")
def spotless() -> Audit:
    """An audit that found nothing."""
    nothing: Any = {"duplicates": [], "near_duplicates": [], "label_conflicts": []}
    return Audit(**own_findings(train_images()), **nothing)


@pytest.fixture(scope="module")
def file(html: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "audit.html"
    path.write_text(html, "utf-8")
    return path


def words(html: str) -> str:
    """The text of a page, with single spaces."""
    return " ".join(read(html).text.split())


def section(html: str, name: str) -> str:
    """The text of one section."""
    start = html.index(f'<section aria-labelledby="{name}">')
    return words(html[start : html.index("</section>", start) + len("</section>")])


def test_the_headline_names_the_gravest_findings(audit: Audit) -> None:
    assert headline(audit).replace("\u00a0", " ") == (
        "2 of the 8 images of letters likely bear a wrong label, and an estimated 25.0 % bear that "
        "of another class (95 % interval 10.0 – 50.0 %); "
        "1 of the 4 images of held out repeats a training image (accuracy 0.7500 with and 0.6667 "
        "without them); 2 of the 8 images of letters repeat an earlier one, and 1 nearly does."
    )


def test_the_headline_of_good_images_says_what_was_not_looked_for(spotless: Audit) -> None:
    assert headline(spotless) == (
        "Nothing wrong was found in letters; whether labels are right was not judged."
    )


def test_the_headline_comes_to_smaller_findings_where_there_are_no_greater(
    audit: Audit,
) -> None:
    none = {"noise": None, "leaks": [], "duplicates": [], "near_duplicates": []}
    assert headline(audit.model_copy(update=none)) == (
        "1 image of letters shares its pixels with one of another label; 1 image of letters may "
        "belong to no class; 1 file of held out could not be read; whether labels are right was "
        "not judged."
    )


def test_the_effect_of_leaks_is_the_difference_of_the_accuracies() -> None:
    assert "leaks move the accuracy by +8.33 percentage points" in leak_effect(effect())
    same = effect().model_copy(update={"without_leaks": 0.75})
    assert leak_effect(same).endswith("and as many of those that are no copies.")


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0.0 %"), (0.0004, "< 0.1 %"), (0.9999, "> 99.9 %"), (1.0, "100.0 %")]
)
def test_a_share_is_never_rounded_to_none_or_all(share: float, text: str) -> None:
    assert percent(share).replace("\u00a0", " ") == text


def test_a_small_score_is_not_shown_as_none() -> None:
    assert [score(0.0), score(0.0001), score(0.25)] == ["0.000", "<\u00a00.001", "0.250"]


def test_the_summary_counts_every_kind_of_finding_in_both_parts(html: str) -> None:
    counted = section(html, "summary").replace("\u00a0", " ")
    assert counted == (
        "Summary How many of each finding Foundlettersheld out Unreadable files 0 1 "
        "Exact duplicates 225.0 % 0 Near duplicates 112.5 % 0 Same pixels, other label 112.5 % 0 "
        "Copies of images of the other part 112.5 % 125.0 % "
        "Likely label errors 225.0 % not looked for Outliers 112.5 % not looked for"
    )


def test_every_section_shows_its_images_with_id_and_label(html: str) -> None:
    said = {
        "unreadable": ["Every file of letters could be read.", "test/9.png", "is empty"],
        "balance": ["The classes are balanced, as far", "62.5", "chi-square", "p = 0.48"],
        "duplicates": ["2 images of letters have", "1 picture occurs", "A train/0.png A train/3"],
        "near-duplicates": ["1 image of letters is", "train/1.png", "train/4.png", "0.0125"],
        "conflicts": ["1 image of letters has", "A train/0.png B train/5.png"],
        "leaks": ["1 test image of 4 repeats", "0.6667", "test/1.png", "train/2.png", "0.9500"],
        "label-errors": ["an estimated 25.0", "A → B 0.012 train/6.png", "B → A 0.200 train/5"],
        "outliers": ["1 image of letters is", "B 0.750 train/7.png", "were not looked for"],
        "groups": ["The file name names 3 groups", "([^/]*)$", "held out suggest no groups"],
    }
    for name, parts in said.items():
        text = section(html, name)
        assert [part for part in parts if part not in text] == []


def test_the_matrix_counts_estimated_images_by_label_and_true_class(html: str) -> None:
    titles = [title for title in read(html).attributes("title") if title.startswith("labelled")]
    assert titles == [
        "labelled A, rightly: about 4",
        "labelled A, in truth B: about 1",
        "labelled B, in truth A: about 1",
        "labelled B, rightly: about 2",
    ]


def test_a_matrix_too_large_to_read_is_left_out(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_tables, "MATRIX_CLASSES", 1)
    text = section(audit_html(audit, train_images(), held_out_images()), "label-errors")
    assert "Which label is mistaken for which" not in text
    assert "How often each label is wrong" in text


def test_what_was_not_found_is_said_in_a_sentence(spotless: Audit) -> None:
    text = words(audit_html(spotless, train_images()))
    for sentence in (
        "Every file of letters could be read.",
        "No two images of letters have the same pixels.",
        "No image of letters was found to be another one but for a small change.",
        "No two images of letters have the same pixels and different labels.",
        "Whether the labels of letters are right was not judged.",
        "Outliers of letters were not looked for.",
        "The ids of letters suggest no groups.",
    ):
        assert sentence in text
    assert "Leaks" not in text


def test_a_long_list_says_that_it_is_cut(audit: Audit) -> None:
    error = audit.label_errors[0]
    many: list[LabelError] = [error] * (ERRORS_SHOWN + 934)
    long = audit.model_copy(update={"label_errors": many})
    text = section(audit_html(long, train_images(), held_out_images()), "label-errors")
    assert text.count("A → B") == ERRORS_SHOWN
    assert "The first 300 of 1,234; audit.json has all." in text


def test_images_are_those_of_the_dataset(html: str) -> None:
    images = {attrs["alt"]: attrs["src"] for tag, attrs in read(html).tags if tag == "img"}
    for alt, expected in (
        ("Near copy labelled A", train_images().images[4]),
        ("Test image labelled B", held_out_images().images[1]),
    ):
        png = b64decode(str(images[alt]).removeprefix("data:image/png;base64,"))
        assert (np.asarray(Image.open(BytesIO(png))) == expected[:, :, 0]).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_large_images_are_shown_smaller(channels: int) -> None:
    image = np.full((300, 200, channels), 77, np.uint8)
    small = thumbnail(image)
    assert small.shape == (75, 50, channels)
    assert max(small.shape) <= LARGEST_SIDE
    assert (small == 77).all()


def test_an_audit_is_not_shown_with_other_images(audit: Audit) -> None:
    with pytest.raises(InputError, match="The audit of letters can't be shown with other images"):
        audit_html(audit, held_out_images(), held_out_images())
    with pytest.raises(InputError, match="The audit of held out can't be shown"):
        audit_html(audit, train_images())


def test_the_page_is_whole_and_refers_to_nothing_outside_itself(html: str) -> None:
    outline = read(html)
    ids = outline.attributes("id")
    addresses = outline.attributes("src") + outline.attributes("href")
    links = {address[1:] for address in addresses if address.startswith("#")}
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert len(ids) == len(set(ids))
    assert links <= set(ids)
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert all(attrs["alt"] for tag, attrs in outline.tags if tag == "img")
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert not re.findall(r"url\(|@import|https?:", html)


def test_the_same_audit_gives_the_same_page(audit: Audit, html: str) -> None:
    assert audit_html(audit, train_images(), held_out_images()) == html


def test_the_policy_lets_only_the_pages_own_script_run(html: str) -> None:
    [policy] = [
        attrs["content"]
        for tag, attrs in read(html).tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == content_policy()
    assert "script-src 'sha256-" in content_policy()
    assert "default-src 'none'" in content_policy()
    assert is_current(html.encode())
    assert not is_current(html.replace("sha256-", "sha256-0").encode())


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_as_a_file_fits_its_window_and_loads_nothing(
    file: Path, page: Any, width: int, dark: bool
) -> None:
    page.open(file, width, dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [u for u in page.requested() if not u.startswith("data:")] == [file.as_uri()]
    assert page.complaints() == []
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(file: Path, page: Any, dark: bool) -> None:
    page.open(file, 1280, dark)
    assert page.evaluate(CONTRAST) >= 4.5  # WCAG 2.2, success criterion 1.4.3


def test_the_page_as_a_file_says_how_to_decide(file: Path, page: Any) -> None:
    page.open(file, 1280)
    assert "glyphlab data review FOLDER" in page.evaluate("document.body.innerText")
    assert page.evaluate("document.querySelectorAll('select').length") == 0


def test_the_page_prints_within_the_width_of_a_sheet(file: Path, page: Any, tmp_path: Path) -> None:
    page.open(file, 673)  # A4 less two margins of 16 mm, in pixels of 1/96 inch
    page.send("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 673
    page.pdf(tmp_path / "audit.pdf")
    assert (tmp_path / "audit.pdf").read_bytes().startswith(b"%PDF")


def test_names_from_outside_neither_run_nor_break_the_page(page: Any, tmp_path: Path) -> None:
    classes = (HOSTILE + "long" * 60, HOSTILE)
    train = train_images(classes, HOSTILE).renamed(HOSTILE)
    test = held_out_images(classes, HOSTILE).renamed(HOSTILE)
    path = tmp_path / "audit.html"
    path.write_text(audit_html(audit_of(train, test), train, test), "utf-8", newline="")
    page.open(path, 390)
    assert page.evaluate("document.owned") is None
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("JSON.parse(document.body.dataset.audit).classes") == list(classes)
    first = "JSON.parse(document.querySelector('[data-image]').dataset.image).id"
    assert page.evaluate(first) == train.ids[0]
