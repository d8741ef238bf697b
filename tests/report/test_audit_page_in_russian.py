"""The audit's page in Russian: nothing of it stays English, and numbers govern their nouns."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.audited import audit_of, held_out_images, train_images
from tests.outline import read
from tests.report.test_audit_page import words

from glyphlab.auditing.findings import Audit
from glyphlab.data.sheet import balance
from glyphlab.language import speaking
from glyphlab.report.audit_page import audit_html
from glyphlab.report.audit_summary import audit_sentences
from glyphlab.report.audit_words import groups, headline, percent, score

NAMES = {
    *("glyphlab", "letters", "held", "out", "A", "B", "p", "png", "is", "empty"),  # data
    *("data", "review", "clean", "split", "groups", "audit", "decisions", "json"),  # commands
    *("K", "D", "R", "P"),  # keys
}
"""What is no English in a Russian page."""


@pytest.fixture(scope="module")
def audit() -> Audit:
    """Every kind of finding, and what models make of each class."""
    made = audit_of(train_images(), held_out_images())
    judged = {"recall": {"A": 0.8, "B": 0.5}, "accuracy": 0.6875, "balanced_accuracy": 0.65}
    return made.model_copy(update={"balance": made.balance.model_copy(update=judged)})


@pytest.fixture(scope="module")
def html(audit: Audit) -> str:
    with speaking("ru"):
        return audit_html(audit, train_images(), held_out_images())


@pytest.fixture(scope="module")
def spotless(audit: Audit) -> str:
    """A page of an audit that found nothing."""
    nothing = ("duplicates", "near_duplicates", "label_conflicts", "label_errors", "outliers")
    more: dict[str, Any] = {
        "leaks": [],
        "leak_sources": [],
        "leak_effect": None,
        "noise": None,
        "groups": None,
    }
    empty = audit.model_copy(update=more | {name: [] for name in nothing})
    with speaking("ru"):
        return audit_html(empty, train_images(), held_out_images())


def without_code(html: str) -> str:
    """The page without its style and script."""
    return re.sub(r"(?s)<(style|script)>.*?</\1>", "", html)


def shown(html: str) -> str:
    """All that a person reads or hears of a page."""
    outline = read(without_code(html).replace("<", " <"))
    names = ("alt", "title", "aria-label", "label")
    return " ".join([outline.text, *(t for name in names for t in outline.attributes(name))])


def english(text: str) -> list[str]:
    """Words in Latin letters, ids and the groups' pattern apart."""
    plain = re.sub(r"(train|test)/\d\.png|\(\[\^/\]\*\)\$", "", text)
    return [word for word in re.findall("[A-Za-z]+", plain) if word not in NAMES]


def test_nothing_of_the_page_is_english(html: str, spotless: str) -> None:
    assert '<html lang="ru">' in html
    assert english(shown(html)) == []
    assert english(shown(spotless)) == []


def test_what_the_script_says_is_russian(html: str) -> None:
    [said] = [json.loads(attrs["data-said"] or "") for _, attrs in read(html).tags if _ == "body"]
    filled_in = re.sub(r"\{\w+\}", "", json.dumps([*said.values()], ensure_ascii=False))
    assert english(re.sub('"(one|few|many|other)"', "", filled_in)) == []
    assert [said["saved"][form] for form in ("one", "few", "many")] == [
        "Сохранено {count} решение.",
        "Сохранено {count} решения.",
        "Сохранено {count} решений.",
    ]


def test_figures_have_decimal_commas_and_lengths_of_bars_have_points(html: str) -> None:
    text = words(without_code(html)).replace("\u00a0", " ")
    assert "25,0 %" in text
    assert "0,6667" in text
    assert not re.search(r"\d\.\d", text)
    styles = read(html).attributes("style")
    assert {style for style in styles if style.startswith("--w")} >= {"--w:0.6000", "--w:1.0000"}
    assert not any("," in style for style in styles)


def test_the_headline_says_the_gravest_findings(audit: Audit) -> None:
    with speaking("ru"):
        assert headline(audit).replace("\u00a0", " ") == (
            "2 из 8 изображений набора letters, вероятно, имеют неверную метку, а метку другого "
            "класса, по оценке, имеют 25,0 % изображений (доверительный интервал 95 %: 10,0 – 50,0 "
            "%); 1 из 4 изображений набора held out повторяет обучающее изображение (точность с "
            "ними 0,7500, без них 0,6667); 2 из 8 изображений набора letters повторяют более "
            "ранние, а ещё 1 — почти дубликат."
        )


@pytest.mark.parametrize(
    ("n", "images", "files"),
    [
        (1, "1 изображение набора letters, возможно, не принадлежит", "1 файл"),
        (2, "2 изображения набора letters, возможно, не принадлежат", "2 файла"),
        (5, "5 изображений набора letters, возможно, не принадлежат", "5 файлов"),
        (21, "21 изображение набора letters, возможно, не принадлежит", "21 файл"),
        (1234, "1 234 изображения набора letters, возможно, не принадлежат", "1 234 файла"),
    ],
)
def test_numbers_govern_their_nouns(audit: Audit, n: int, images: str, files: str) -> None:
    none = {"noise": None, "leaks": [], "duplicates": [], "near_duplicates": [], "test": None}
    assert audit.test is not None
    unreadable = audit.test.unreadable * n
    more = {"label_conflicts": [], "outliers": audit.outliers * n, "unreadable": unreadable}
    with speaking("ru"):
        said = headline(audit.model_copy(update={**none, **more})).replace("\u00a0", " ")
    assert said == (
        f"{images} ни одному классу; {files} набора letters не удалось прочитать; верность меток "
        "не оценивалась."
    )


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("the file name", "Имя файла задаёт"),
        ("the file name up to its last number", "Имя файла до последнего числа задаёт"),
        ("the folder", "Папка задаёт"),
        ("the folder above", "Папка уровнем выше задаёт"),
    ],
)
def test_each_place_of_a_groups_name_has_its_word(audit: Audit, where: str, said: str) -> None:
    assert audit.groups is not None
    found = audit.groups.model_copy(update={"where": where, "shared": 1})
    with speaking("ru"):
        sentence = groups(audit, found).replace("\u00a0", " ")
    assert sentence.startswith(f"{said} 3 группы изображений")
    assert sentence.endswith(
        "1 из 8 изображений набора letters принадлежит группе, которая есть и среди обучающих."
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((21, 21), "Классы сбалансированы: в каждом 21 изображение."),
        ((50, 52), "Классы сбалансированы в пределах случайных отклонений: у класса B 52"),
        ((5421, 6742), "Классы почти сбалансированы, хотя различие больше случайного: у класса B"),
        ((800, 280), "Классы не сбалансированы: у класса A 800 изображений — в 2,86 раза больше"),
        ((5, 0), "Классы не сбалансированы: у класса B нет изображений."),
    ],
)
def test_balance_is_judged(counts: tuple[int, int], said: str) -> None:
    with speaking("ru"):
        assert balance(dict(zip("AB", counts, strict=True))).sentence.startswith(said)


def test_sentences_that_are_printed_have_no_english_word(audit: Audit) -> None:
    with speaking("ru"):
        assert english(" ".join(audit_sentences(audit))) == []


def test_small_figures_are_not_rounded_to_nothing() -> None:
    with speaking("ru"):
        assert [percent(0.0004), score(0.0001)] == ["<\u00a00,1\u00a0%", "<\u00a00,001"]


@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_fits_its_window(html: str, page: Any, tmp_path: Path, width: int) -> None:
    path = tmp_path / "audit.html"
    path.write_text(html, "utf-8")
    page.open(path, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints() == []
