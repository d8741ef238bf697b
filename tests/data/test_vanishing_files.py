"""Files that vanish or change between being listed and being read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.toys import bars

import glyphlab
from glyphlab.data import folders
from glyphlab.errors import InputError

Listed = list[os.DirEntry[str] | str]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Sixty pictures of two classes, in a folder."""
    bars(60).to_folder(tmp_path / "pictures")
    return tmp_path / "pictures"


def after_listing(monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]) -> None:
    """Do something to the first picture when all are listed, and none is read."""
    listing = folders.folder_files

    def listed(folder: Path) -> Listed:
        files = listing(folder)
        act(min(folder.rglob("*.png")))
        return files

    monkeypatch.setattr("glyphlab.data.members.folder_files", listed)


@pytest.mark.parametrize(
    ("act", "reason"),
    [(Path.unlink, "can't be read: No such file"), (lambda path: os.truncate(path, 40), "")],
    ids=["vanishes", "is cut off"],
)
def test_a_picture_that_changes_once_it_is_listed_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch, pictures: Path, act: Callable[[Path], object], reason: str
) -> None:
    first = min(pictures.rglob("*.png")).relative_to(pictures).as_posix()
    after_listing(monkeypatch, act)
    loaded = glyphlab.load(pictures)
    assert isinstance(loaded, glyphlab.Dataset)
    assert len(loaded) == 59
    assert [skipped.path for skipped in loaded.skipped] == [first]
    assert loaded.skipped[0].reason.startswith(reason)


def test_a_folder_that_vanishes_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, pictures: Path
) -> None:
    def remove_all(path: Path) -> None:
        for file in path.parent.parent.rglob("*.png"):
            file.unlink()

    after_listing(monkeypatch, remove_all)
    with pytest.raises(InputError):
        glyphlab.load(pictures)
