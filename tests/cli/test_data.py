"""`glyphlab data` says what it did, and what is in the images."""

import json
from pathlib import Path

import pytest
from PIL import Image
from tests.data.builders import class_files, write_folder, write_tar
from tests.data.server import running_server

from glyphlab.cli.main import main
from glyphlab.data import catalog, download
from glyphlab.data.transfer import RemoteFile

Capture = pytest.CaptureFixture[str]


def run(words: list[str]) -> int:
    """The exit status of the command."""
    with pytest.raises(SystemExit) as left:
        main(words)
    return int(left.value.code or 0)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def letters(own_folder: Path) -> Path:
    return write_folder(own_folder / "letters", class_files(each=3))


@pytest.fixture
def two_parts(own_folder: Path) -> Path:
    files = class_files("train/", each=4) | class_files("test/", each=2, first=500)
    return write_folder(own_folder / "digits", files)


def _unclean(folder: Path, bad: int) -> Path:
    files = class_files(each=150)
    return write_folder(folder, files | {f"A/bad{i:02}.png": b"" for i in range(bad)})


def test_added_images_are_announced_and_listed(letters: Path, capsys: Capture) -> None:
    assert run(["data", "add", str(letters)]) == 0
    captured = capsys.readouterr()
    assert "Dataset 'letters': 6 grey images of 28×28, 2 classes (A, B), in " in captured.out
    assert "skipped" not in captured.out
    assert captured.err.startswith("Reading letters: ")
    assert run(["data", "list"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["name", "parts", "images", "classes", "shape", "on", "disk"]
    assert ["letters", "data", "6", "2", "28×28", "grey"] in [row[:6] for row in rows]


def test_the_built_in_images_are_listed(capsys: Capture) -> None:
    assert run(["data", "list"]) == 0
    row = next(r for r in capsys.readouterr().out.splitlines() if r.startswith("glyphs"))
    assert "train, test" in row
    assert "built in" in row


def test_a_damaged_dataset_does_not_hide_the_others(letters: Path, capsys: Capture) -> None:
    run(["data", "add", "letters", "--name", "one"])
    run(["data", "add", "letters", "--name", "two"])
    catalog.stored("one")["data"].write_bytes(b"short")
    capsys.readouterr()
    assert run(["data", "list"]) == 0
    captured = capsys.readouterr()
    assert "damaged" in captured.out
    assert "two" in captured.out
    assert "truncated" in captured.err


def test_several_paths_are_added_each_under_its_name(
    letters: Path, two_parts: Path, capsys: Capture
) -> None:
    assert run(["data", "add", "letters", "digits"]) == 0
    shown = capsys.readouterr().out
    assert catalog.names() == ["digits", "letters"]
    assert "'digits:train': 8 grey" in shown
    assert "'digits:test': 4 grey" in shown


def test_one_name_cannot_stand_for_two_paths(
    letters: Path, two_parts: Path, capsys: Capture
) -> None:
    assert run(["data", "add", "letters", "digits", "--name", "x"]) == 2
    assert "add them one by one" in capsys.readouterr().err
    assert catalog.names() == []


def test_size_and_mode_are_taken(letters: Path, capsys: Capture) -> None:
    assert run(["data", "add", "letters", "--size", "20", "--mode", "rgb"]) == 0
    assert "6 RGB images of 20×20" in capsys.readouterr().out


def test_a_taken_name_needs_force(letters: Path, capsys: Capture) -> None:
    assert run(["data", "add", "letters"]) == 0
    assert run(["data", "add", "letters"]) == 2
    assert "--force" in capsys.readouterr().err
    assert run(["data", "add", "letters", "--force"]) == 0


def test_each_skipped_file_is_told_with_its_reason(own_folder: Path, capsys: Capture) -> None:
    _unclean(own_folder / "unclean", bad=2)
    assert run(["data", "add", "unclean"]) == 0
    shown = capsys.readouterr().out
    assert "2 files were skipped:\n  A/bad00.png: " in shown
    assert "\n  A/bad01.png: " in shown


def test_of_many_skipped_files_ten_are_told_and_the_rest_counted(
    own_folder: Path, capsys: Capture
) -> None:
    _unclean(own_folder / "unclean", bad=13)
    assert run(["data", "add", "unclean"]) == 0
    shown = capsys.readouterr().out
    assert "13 files were skipped:" in shown
    assert shown.count("A/bad") == 10
    assert "… and 3 more: `glyphlab data show unclean --json FILE` lists all" in shown


def test_nothing_is_lost_when_too_much_is_unreadable(own_folder: Path, capsys: Capture) -> None:
    _unclean(own_folder / "unclean", bad=40)
    assert run(["data", "add", "unclean"]) == 2
    assert "--allow-unreadable" in capsys.readouterr().err
    assert run(["data", "add", "unclean", "--allow-unreadable"]) == 0


def test_show_tells_counts_range_and_balance(letters: Path, capsys: Capture) -> None:
    assert run(["data", "show", "letters"]) == 0
    shown = capsys.readouterr().out
    assert "letters: 6 images of 28×28 grey, 2 classes" in shown
    assert ["A", "3", "50.0%"] in [line.split() for line in shown.splitlines()]
    assert "Values run from 0 to 255, mean 12" in shown
    assert "The classes are balanced: each has 3 images." in shown
    assert "No file was skipped." in shown
    assert "Thumbnails of letters: letters-sheet.png" in shown
    with Image.open("letters-sheet.png") as sheet:
        assert sheet.format == "PNG"


def test_show_knows_names_and_parts(two_parts: Path, capsys: Capture) -> None:
    run(["data", "add", "digits", "--name", "numbers"])
    capsys.readouterr()
    assert run(["data", "show", "numbers:test", "--sheet", "out/one.png"]) == 0
    shown = capsys.readouterr().out
    assert "numbers:test: 4 images" in shown
    assert "numbers:train" not in shown
    assert Path("out/one.png").is_file()


def test_both_parts_get_a_sheet_each(two_parts: Path, capsys: Capture) -> None:
    assert run(["data", "show", "digits", "--sheet", "both.png"]) == 0
    assert Path("both-train.png").is_file()
    assert Path("both-test.png").is_file()
    assert run(["data", "show", "digits"]) == 0
    assert Path("digits-train-sheet.png").is_file()


def test_the_built_in_parts_are_told_apart(capsys: Capture) -> None:
    assert run(["data", "show", "glyphs"]) == 0
    shown = capsys.readouterr().out
    assert "Thumbnails of glyphs:train: glyphs-train-sheet.png" in shown
    assert "Thumbnails of glyphs:test: glyphs-test-sheet.png" in shown


def test_json_holds_all_figures_and_every_skipped_file(own_folder: Path, capsys: Capture) -> None:
    _unclean(own_folder / "unclean", bad=13)
    assert run(["data", "show", "unclean", "--json", "facts.json"]) == 0
    assert "… and 3 more: facts.json lists all" in capsys.readouterr().out
    facts = json.loads(Path("facts.json").read_text())["parts"]["data"]
    assert facts["dataset"] == "unclean"
    assert facts["n"] == 300
    assert facts["counts"] == {"A": 150, "B": 150}
    assert (facts["height"], facts["width"], facts["channels"]) == (28, 28, 1)
    assert facts["balance"]["p_value"] == 1.0
    assert len(facts["skipped"]) == 13
    assert facts["skipped"][0]["path"] == "A/bad00.png"


def test_a_sheet_that_is_no_png_is_refused(letters: Path, capsys: Capture) -> None:
    assert run(["data", "show", "letters", "--sheet", "x.jpg"]) == 2
    assert "x.jpg doesn't end in .png" in capsys.readouterr().err


def test_a_path_that_is_not_there_is_one_sentence(capsys: Capture) -> None:
    for words in (["add", "nowhere"], ["show", "nowhere"]):
        assert run(["data", *words]) == 2
        captured = capsys.readouterr()
        assert "'nowhere'" in captured.err
        assert captured.err.count("\n") == 1
        assert captured.out == ""


def test_names_from_archives_cannot_drive_the_terminal(own_folder: Path, capsys: Capture) -> None:
    files = class_files(each=150) | {"A/\x1b[31mred.png": b""}
    write_tar(own_folder / "odd.tar.gz", files)
    assert run(["data", "add", "odd.tar.gz"]) == 0
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert "\\x1b[31mred.png" in captured.out


def test_get_downloads_once(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    content = write_tar(own_folder / "letters.tar.gz", class_files()).read_bytes()
    with running_server() as server:
        server.files["letters.tar.gz"] = content
        file = RemoteFile(server.address("letters.tar.gz"), size=len(content))
        monkeypatch.setitem(dict_of_sources(), "mnist", (file,))
        assert run(["data", "get", "mnist"]) == 0
        captured = capsys.readouterr()
        assert "Dataset 'mnist': 6 grey images" in captured.out
        assert "Downloading letters.tar.gz: " in captured.err
        assert run(["data", "get", "mnist"]) == 0
        assert "mnist is already there; use --force" in capsys.readouterr().err
        assert len(server.ranges) == 1
        assert run(["data", "get", "mnist", "--force"]) == 0
        assert len(server.ranges) == 2


def test_a_download_that_fails_has_its_own_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with running_server() as server:
        missing = RemoteFile(server.address("gone.tar.gz"), size=10)
        monkeypatch.setitem(dict_of_sources(), "mnist", (missing,))
        assert run(["data", "get", "mnist"]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("Can't download http://127.0.0.1")
    assert "glyphlab data add gone.tar.gz --name mnist" in captured.err


def test_an_unknown_set_is_bad_input(capsys: Capture) -> None:
    assert run(["data", "get", "imagenet"]) == 2
    assert "choose one of notmnist-small" in capsys.readouterr().err


def dict_of_sources() -> dict[str, tuple[RemoteFile, ...]]:
    assert isinstance(download.SOURCES, dict)
    return download.SOURCES


def test_real_images_are_added_and_shown(shared_data: Path, capsys: Capture) -> None:
    assert run(["data", "add", str(shared_data / "notMNIST_large_sample.tar.gz")]) == 0
    assert run(["data", "show", "notmnist_large_sample", "--sheet", "sheet.png"]) == 0
    shown = capsys.readouterr().out
    assert "notmnist_large_sample: 5,143 images of 28×28 grey, 10 classes" in shown
    assert "The classes are not balanced: A has 900 images and G 348, 2.59 times" in shown
