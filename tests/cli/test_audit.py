"""`glyphlab data audit` and `glyphlab data clean` on toy images."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.toys import bars

from glyphlab.auditing.decisions import Decision, Decisions, save_decisions
from glyphlab.cli.main import main
from glyphlab.data.formats import save_dataset
from glyphlab.data.joining import concatenate
from glyphlab.data.opening import open_dataset

Capture = pytest.CaptureFixture[str]
TRAIN = concatenate([bars(30), bars(30).subset(np.array([4])).renamed("again")])
TEST = bars(12, seed=1).renamed("test")
AUDIT = ("data", "audit", "train.safetensors", "--test", "test.safetensors", "--no-labels")
CLEAN = ("data", "clean", "train.safetensors", "--test", "test.safetensors", "--out")


def run(*words: str) -> int:
    """The exit status of the command."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in: 31 training images of which the last repeats the fifth, 12 to test."""
    monkeypatch.chdir(tmp_path)
    save_dataset(TRAIN, tmp_path / "train.safetensors")
    save_dataset(TEST, tmp_path / "test.safetensors")
    return tmp_path


def test_an_audit_prints_a_table_and_writes_a_page_and_json(here: Path, capsys: Capture) -> None:
    assert run(*AUDIT, "--out", "found", "--json", "all.json") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["exact", "duplicates", "1", "0"] in rows
    assert ["likely", "label", "errors", "–", "–"] in rows
    content = json.loads((here / "all.json").read_text())
    assert content == json.loads((here / "found" / "audit.json").read_text())
    assert [copy["id"] for copy in content["duplicates"]] == [TRAIN.ids[30]]
    assert "<!DOCTYPE html>" in (here / "found" / "audit.html").read_text()


def test_an_audit_speaks_russian_and_its_json_does_not(here: Path, capsys: Capture) -> None:
    assert run(*AUDIT, "--out", "english") == 0
    assert "The classes are balanced" in capsys.readouterr().out
    assert run(*AUDIT, "--out", "russian", "--lang", "ru") == 0
    said = capsys.readouterr().out
    assert ["точные", "дубликаты", "1", "0"] in [line.split() for line in said.splitlines()]
    assert "1 из 31 изображения набора bars+again повторяет более раннее" in said.replace(
        "\u00a0", " "
    )
    assert '<html lang="ru">' in (here / "russian" / "audit.html").read_text()
    english, russian = (
        json.loads((here / name / "audit.json").read_text()) | {"seconds": 0}
        for name in ("english", "russian")
    )
    assert russian == english


def test_cleaning_writes_a_dataset_and_every_change(here: Path, capsys: Capture) -> None:
    assert run(*CLEAN, "clean.safetensors", "--drop", "duplicates") == 0
    cleaned = open_dataset(here / "clean.safetensors")
    assert np.array_equal(cleaned.images, TRAIN.images[:30])
    changes = json.loads((here / "clean.changes.json").read_text())
    assert [(change["id"], change["reason"]) for change in changes] == [
        (TRAIN.ids[30], "duplicates")
    ]
    assert "31 images, 30 after cleaning" in capsys.readouterr().out


def test_an_audit_file_and_decisions_are_followed(here: Path) -> None:
    run(*AUDIT, "--out", "found")
    keep = Decision(part="train", index=30, id=TRAIN.ids[30], action="keep")
    decisions = Decisions(train=TRAIN.fingerprint, test=TEST.fingerprint, decisions=[keep])
    save_decisions(here / "mine.json", decisions)
    files = ("--audit", "found/audit.json", "--decisions", "mine.json", "--drop", "duplicates")
    assert run(*CLEAN, "clean.safetensors", *files) == 0
    assert json.loads((here / "clean.changes.json").read_text()) == []


def test_the_test_images_are_written_only_when_asked_for(here: Path) -> None:
    doubled = concatenate([TEST, TEST.subset(np.array([2])).renamed("again")])
    save_dataset(doubled, here / "test.safetensors")
    run(*CLEAN, "clean.safetensors", "--drop", "duplicates", "--test-out", "held.safetensors")
    assert len(open_dataset(here / "held.safetensors")) == 12
    assert len(open_dataset(here / "test.safetensors")) == 13


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("clean.safetensors", "--drop", "dupes"), "'dupes' can't be dropped; choose from"),
        (("clean.npz",), "clean.npz doesn't end in .safetensors"),
        (("clean.safetensors", "--judge-test"), "say by --test-out where to"),
        (("a.safetensors", "--test-out", "a.safetensors"), "give each a file of its own"),
        (("clean.safetensors", "--audit", "none.json"), "Can't read the audit none.json"),
        (("clean.safetensors", "--decisions", "none.json"), "none.json"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(
    here: Path, capsys: Capture, words: tuple[str, ...], sentence: str
) -> None:
    assert run(*CLEAN, *words) == 2
    assert sentence in capsys.readouterr().err
    assert not list(here.glob("*.changes.json"))


def test_decisions_on_another_dataset_are_refused(here: Path, capsys: Capture) -> None:
    save_decisions(here / "other.json", Decisions(train="0" * 64))
    words = ("clean.safetensors", "--drop", "duplicates", "--decisions", "other.json")
    assert run(*CLEAN, *words) == 2
    assert "other.json" in capsys.readouterr().err
    assert not (here / "clean.safetensors").exists()


def test_a_class_is_not_emptied(here: Path, capsys: Capture) -> None:
    save_dataset(TRAIN.subset(np.array([1, 2, 5])), here / "train.safetensors")
    save_dataset(TRAIN.subset(np.array([1, 8])), here / "test.safetensors")
    assert run(*CLEAN, "clean.safetensors", "--drop", "leaks") == 2
    assert "without images" in capsys.readouterr().err
    assert not (here / "clean.safetensors").exists()
