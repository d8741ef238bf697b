"""`glyphlab data` makes sharded Datasets, and shows them by their index."""

import json
from pathlib import Path

import pytest
from tests.command import status
from tests.data.builders import class_files, write_folder
from tests.data.letterforms import dejavu

from glyphlab.data import catalog
from glyphlab.data.opening import open_dataset

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of images in a folder of its own, in which commands run."""
    monkeypatch.chdir(tmp_path)
    files = class_files(each=50) | {"A/bad.png": b"no", "A/notes.txt": b"none"}
    return write_folder(tmp_path / "letters", files)


def add(*words: str) -> int:
    return status("data", "add", "letters", "--shard-size", "40", "--jobs", "1", *words)


def add_parts(capsys: Capture) -> None:
    files = class_files("train/", each=30) | class_files("test/", each=10, first=500)
    write_folder(Path("digits"), files)
    assert status("data", "add", "digits", "--shard-size", "25", "--jobs", "1") == 0
    capsys.readouterr()


def test_shards_are_announced_and_listed(capsys: Capture) -> None:
    assert add() == 0
    captured = capsys.readouterr()
    assert "Dataset 'letters': 100 grey images of 28×28, 2 classes (A, B), 3 shards, in " in (
        captured.out
    )
    assert "2 files were skipped:\n  A/bad.png: " in captured.out
    assert "Listing letters: 101 files" in captured.err
    assert "Making shards of letters: 101 images" in captured.err
    assert status("data", "list", "--json", "list.json") == 0
    rows = [line.split()[:6] for line in capsys.readouterr().out.splitlines()]
    assert ["letters", "data", "100", "2", "28×28", "grey"] in rows
    facts = json.loads(Path("list.json").read_text())["datasets"][1]
    folder = catalog.stored("letters")["data"]
    assert facts["files"] == {"data": str(folder)}
    assert facts["parts"]["data"]["shards"] == 3
    assert facts["bytes"] == sum(path.stat().st_size for path in folder.iterdir())


def test_a_list_reads_no_shard(capsys: Capture) -> None:
    add()
    for path in catalog.stored("letters")["data"].glob("*.safetensors"):
        path.unlink()
    capsys.readouterr()
    assert status("data", "list") == 0
    captured = capsys.readouterr()
    assert ["letters", "data", "100"] in [line.split()[:3] for line in captured.out.splitlines()]
    assert "missing" not in captured.err


def test_a_damaged_index_does_not_hide_the_others(capsys: Capture) -> None:
    add()
    add("--name", "two")
    (catalog.stored("letters")["data"] / "index.json").write_text("{")
    capsys.readouterr()
    assert status("data", "list") == 0
    captured = capsys.readouterr()
    assert "damaged" in captured.out
    assert "two" in captured.out
    assert "is no index of a sharded Dataset" in captured.err


def test_show_counts_by_the_index_and_draws_from_the_first_shard(capsys: Capture) -> None:
    add()
    capsys.readouterr()
    assert status("data", "show", "letters", "--json", "facts.json") == 0
    shown = capsys.readouterr().out
    assert "letters: 100 images of 28×28 grey, 2 classes" in shown
    assert ["A", "50", "50.0%"] in [line.split() for line in shown.splitlines()]
    assert "The classes are balanced: each has 50 images." in shown
    assert "3 shards, " in shown
    assert "of the first shard, 33 images at random" in shown
    assert "2 files were skipped:" in shown
    assert "Thumbnails of letters: letters-sheet.png" in shown
    assert Path("letters-sheet.png").is_file()
    facts = json.loads(Path("facts.json").read_text())["parts"]["data"]
    assert (facts["n"], facts["shards"], facts["measured_on"]) == (100, 3, 33)
    assert facts["counts"] == {"A": 50, "B": 50}
    assert len(facts["skipped"]) == 2


def test_show_knows_parts_and_folders(capsys: Capture) -> None:
    add_parts(capsys)
    assert status("data", "show", "digits:test", "--sheet", "one.png") == 0
    shown = capsys.readouterr().out
    assert "digits:test: 20 images" in shown
    assert "digits:train" not in shown
    assert Path("one.png").is_file()
    stored = catalog.stored("digits")
    for place in (stored["train"], stored["train"].parent):
        assert status("data", "show", str(place), "--sheet", "two.png") == 0
        assert "digits:train: 60 images" in capsys.readouterr().out


def test_sharded_images_are_exported_and_offered(capsys: Capture) -> None:
    from glyphlab.cli.completion import sources

    add()
    assert status("data", "export", "letters", "out") == 0
    assert len(list(Path("out").rglob("*.png"))) == 100
    assert sources("let") == ["letters"]


def test_what_a_plain_add_kept_is_replaced_by_shards_and_back() -> None:
    assert status("data", "add", "letters") == 0
    assert add() == 2
    assert add("--force") == 0
    assert catalog.stored("letters")["data"].is_dir()
    assert status("data", "add", "letters", "--force") == 0
    assert catalog.stored("letters")["data"].is_file()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--shard-size", "0"], "A shard of 0 images can't be; give --shard-size of 1 or more."),
        (["--shard-size", "-5"], "A shard of -5 images"),
        (["--shard-size", "99999999"], "give --shard-size of 5,478,274 at most"),
        (["--shard-size", "ten"], "--shard-size"),
        (["--jobs", "2"], "--jobs says who makes shards; give --shard-size with it."),
        (["--on", "ray"], "--on says who makes shards"),
        (["--shard-size", "9", "--jobs", "0"], "There are 0 processes to work; give 1 to 1,024."),
        (["--shard-size", "9", "--on", "mars"], "'mars' is no place to compute"),
        (["--shard-size", "9", "--on", "ray", "--jobs", "2"], "leave --jobs out"),
    ],
)
def test_bad_words_are_one_sentence(words: list[str], complaint: str, capsys: Capture) -> None:
    assert status("data", "add", "letters", *words) == 2
    captured = capsys.readouterr()
    assert complaint in captured.err
    assert captured.err.count("\n") == 1
    assert catalog.names() == []


def render(*words: str) -> int:
    dejavu(Path("fonts"), "Sans", "Serif")
    return status("data", "render", "--fonts", "fonts", "--letters", "AB", "--jobs", "1", *words)


def test_letters_are_rendered_into_shards(capsys: Capture) -> None:
    assert render("--out", "shards", "--count", "50", "--shard-size", "20", "--json", "j.json") == 0
    captured = capsys.readouterr()
    assert "shards: 50 images, 3 shards" in captured.out
    assert "Rendering shards: 50 images" in captured.err
    assert len(open_dataset(Path("shards/00000.safetensors"))) == 16
    [facts] = json.loads(Path("j.json").read_text())["datasets"]
    assert facts == {"dataset": "shards", "file": "shards", "n": 50, "shards": 3}
    assert render("--out", "shards", "--count", "50", "--shard-size", "20") == 2
    assert "There is something at shards already" in capsys.readouterr().err


def test_shards_go_to_a_folder(capsys: Capture) -> None:
    assert render("--out", "x.safetensors", "--shard-size", "20") == 2
    assert "is a file's name, and shards go to a folder" in capsys.readouterr().err
