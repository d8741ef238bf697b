"""What an audit found in the training images stands in the model card, in both languages."""

from pathlib import Path

import pytest
from tests.audited import audit_of
from tests.command import status
from tests.toys import bars

import glyphlab
from glyphlab.auditing.audit_file import save_audit
from glyphlab.training.run import Run

TRAIN, TEST = bars(120, classes=2), bars(40, classes=2, seed=1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    recipe = glyphlab.default_recipe("logistic").replace(steps=4, batch_size=32)
    return glyphlab.fit("logistic", TRAIN, recipe, out=tmp_path_factory.mktemp("card") / "run")


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the training images: wrong labels, copies, a leak."""
    file = tmp_path_factory.mktemp("audit") / "audit.json"
    save_audit(audit_of(TRAIN, TEST), file)
    return file


def card_of(run: Run, folder: Path, *words: str) -> str:
    out = str(folder / "card")
    assert status("export", str(run.path), "--format", "card", "--out", out, *words) == 0
    return (folder / "card" / "model-card.md").read_text("utf-8")


def test_it_says_what_an_audit_of_its_images_found(run: Run, audit: Path, tmp_path: Path) -> None:
    card = card_of(run, tmp_path, "--audit", str(audit))
    section = card.split("## Training data\n")[1].split("\n## ")[0]
    for words in (
        "What an audit found in them:",
        "- 2 of the 120 images of bars likely bear a wrong label, and an estimated 25.0 %",
        "1 of the 40 images of bars repeats a training image",
        "2 of the 120 images of bars repeat an earlier one, and 1 nearly does",
        "- bars: The classes are balanced: each has 60 images.",
        "names 3 groups of images",
        "leaks move the accuracy by +8.33 percentage points",
    ):
        assert words in section
    assert "No audit" not in card


def test_it_says_so_in_russian(run: Run, audit: Path, tmp_path: Path) -> None:
    card = card_of(run, tmp_path, "--audit", str(audit), "--lang", "ru")
    section = card.split("## Данные для обучения\n")[1].split("\n## ")[0]
    for words in (
        "Что нашла в них ревизия:",
        "- 2 из 120 изображений набора bars, вероятно, имеют неверную метку",
        "имеют 25,0 % изображений",
        "1 из 40 изображений набора bars повторяет обучающее изображение",
        "- bars: Классы сбалансированы: в каждом 60 изображений.",
        "утечки сдвигают точность на +8,33 п. п.",
    ):
        assert words in section
    assert "audit" not in section


@pytest.mark.parametrize(
    ("lang", "words", "without"),
    [
        ("en", "The audit at hand is of other images (bars).", "No audit of these images"),
        ("ru", "Имеющаяся ревизия — других изображений (bars).", "Ревизии этих изображений нет"),
    ],
)
def test_it_says_that_an_audit_is_of_other_images_or_that_there_is_none(
    run: Run, tmp_path: Path, lang: str, words: str, without: str
) -> None:
    save_audit(audit_of(bars(120, classes=2, seed=7), None), tmp_path / "audit.json")
    given = card_of(run, tmp_path / "a", "--audit", str(tmp_path / "audit.json"), "--lang", lang)
    assert words in given
    assert "25" not in given.split(words)[1].split("## ")[0]
    assert without in card_of(run, tmp_path / "b", "--lang", lang)


def test_what_is_no_audit_is_refused(run: Run, tmp_path: Path) -> None:
    words = ("export", str(run.path), "--format", "card", "--out", str(tmp_path / "card"))
    assert status(*words, "--audit", str(tmp_path / "missing.json")) == 2
    (tmp_path / "other.json").write_text("{}")
    assert status(*words, "--audit", str(tmp_path / "other.json")) == 2
    assert not (tmp_path / "card").exists()
