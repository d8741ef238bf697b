"""Folders as the bytes of their files."""

from pathlib import Path

import pytest

from glyphlab.errors import GlyphlabError, InputError
from glyphlab.places import folders
from glyphlab.places.folders import bring, pack, unpack

FILES = {"run.json": b"{}", "evaluations/1.bin": b"\0\1"}


def test_a_folder_is_the_same_after_its_way(tmp_path: Path) -> None:
    bring(FILES, tmp_path / "runs" / "one")
    assert pack(tmp_path / "runs" / "one") == FILES
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["one"]


def test_every_file_is_on_the_disk_before_the_folder_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk: dict[str, bytes] = {}

    def note(path: Path) -> None:
        assert not (tmp_path / "run").exists()
        on_disk[path.name] = path.read_bytes()

    monkeypatch.setattr(folders, "bring_to_disk", note)
    bring(FILES, tmp_path / "run")
    assert on_disk == {"run.json": b"{}", "1.bin": b"\0\1"}


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert pack(tmp_path / "none") == {}


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of another folder")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    assert pack(folder) == {}


def test_what_was_there_is_replaced_by_the_whole(tmp_path: Path) -> None:
    bring({"checkpoint": b"half", "run.json": b"{0}"}, tmp_path / "run")
    bring(FILES, tmp_path / "run")
    assert pack(tmp_path / "run") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_a_killed_process_has_left_does_not_stay(tmp_path: Path) -> None:
    bring({"old": b"1"}, tmp_path / "run")
    for word in ("new", "old"):
        (tmp_path / f".run.{word}").mkdir()
        (tmp_path / f".run.{word}" / "run.json").touch()
    bring(FILES, tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/x", "", "a//b", "./x", "a\\..\\x", "C:x", "a\0b"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(GlyphlabError, match="outside it"):
        unpack({"good": b"", name: b""}, tmp_path / "in")
    with pytest.raises(GlyphlabError, match="outside it"):
        bring({"good": b"", name: b""}, tmp_path / "run")
    assert [path.name for path in tmp_path.rglob("*")] == ["in"]


def test_a_folder_too_large_to_be_sent_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(FILES, tmp_path / "run")
    monkeypatch.setattr(folders, "MOST_BYTES", 3)
    with pytest.raises(GlyphlabError, match=r"run has 2 files .* do this task here"):
        pack(tmp_path / "run")
    monkeypatch.setattr(folders, "MOST_BYTES", 4)
    monkeypatch.setattr(folders, "MOST_FILES", 1)
    with pytest.raises(GlyphlabError, match="no more than 1 of"):
        pack(tmp_path / "run")


def test_a_place_that_can_not_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Can't write"):
        bring(FILES, tmp_path / "file" / "run")
