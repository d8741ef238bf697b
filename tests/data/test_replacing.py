"""A folder takes the place of another at once, and nothing is lost on the way."""

from pathlib import Path

import pytest

from glyphlab.data.replacing import bring_back, put_in_place, replaced_folder, writing
from glyphlab.errors import InputError


def folder(path: Path, content: str) -> Path:
    path.mkdir(parents=True)
    (path / "file").write_text(content)
    return path


def held(parent: Path) -> dict[str, str]:
    """What lies beside each other in a folder, and what is in each."""
    return {path.name: (path / "file").read_text() for path in parent.iterdir()}


def test_the_old_folder_is_there_until_the_new_one_is_whole(tmp_path: Path) -> None:
    target = folder(tmp_path / "x", "old")
    with replaced_folder(target, "mend it") as new:
        (new / "file").write_text("new")
        assert new.parent == tmp_path
        assert held(tmp_path) == {"x": "old", new.name: "new"}
    assert held(tmp_path) == {"x": "new"}


def test_a_new_place_is_made_with_all_folders_above_it(tmp_path: Path) -> None:
    with replaced_folder(tmp_path / "a" / "b" / "x", "mend it") as new:
        (new / "file").write_text("new")
    assert held(tmp_path / "a" / "b") == {"x": "new"}


def test_what_fails_half_way_leaves_the_old_folder_alone(tmp_path: Path) -> None:
    target = folder(tmp_path / "x", "old")
    with pytest.raises(ZeroDivisionError), replaced_folder(target, "mend it") as new:
        (new / "file").write_text("new")
        raise ZeroDivisionError
    assert held(tmp_path) == {"x": "old"}


def test_a_place_that_was_taken_meanwhile_is_left_to_who_took_it(tmp_path: Path) -> None:
    target = tmp_path / "x"

    def refuse() -> None:
        raise InputError("It is taken.")

    with (
        pytest.raises(InputError, match=r"^It is taken"),
        replaced_folder(target, "mend it", refuse) as new,
    ):
        (new / "file").write_text("new")
        folder(target, "another's")
    assert held(tmp_path) == {"x": "another's"}


def test_a_replacement_that_was_killed_between_its_renamings_is_undone(tmp_path: Path) -> None:
    folder(tmp_path / ".x.old", "old")
    bring_back(tmp_path / "x")
    assert held(tmp_path) == {"x": "old"}
    bring_back(tmp_path / "x")
    assert held(tmp_path) == {"x": "old"}


def test_what_was_set_aside_stays_there_while_its_place_is_taken(tmp_path: Path) -> None:
    folder(tmp_path / ".x.old", "old")
    folder(tmp_path / "x", "new")
    bring_back(tmp_path / "x")
    assert held(tmp_path) == {".x.old": "old", "x": "new"}


@pytest.mark.parametrize("there", [True, False])
def test_what_a_killed_replacement_left_is_in_nobodys_way(tmp_path: Path, there: bool) -> None:
    folder(tmp_path / ".x.old", "oldest")
    if there:
        folder(tmp_path / "x", "old")
    put_in_place(folder(tmp_path / "y", "new"), tmp_path / "x")
    assert held(tmp_path) == {"x": "new"}


def test_a_killed_replacement_is_undone_before_it_is_asked_whether_the_place_is_taken(
    tmp_path: Path,
) -> None:
    folder(tmp_path / ".x.old", "old")
    seen: list[dict[str, str]] = []
    put_in_place(
        folder(tmp_path / "new" / "y", "new"),
        tmp_path / "x",
        lambda: seen.append({"x": (tmp_path / "x" / "file").read_text()}),
    )
    assert seen == [{"x": "old"}]


def test_a_block_that_fails_undoes_what_another_process_left_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), replaced_folder(tmp_path / "x", "mend it"):
        folder(tmp_path / ".x.old", "old")
        raise ZeroDivisionError
    assert held(tmp_path) == {"x": "old"}


def test_a_renaming_that_fails_brings_the_old_folder_back(tmp_path: Path) -> None:
    folder(tmp_path / "x", "old")
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / "missing", tmp_path / "x")
    assert held(tmp_path) == {"x": "old"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [(OSError(28, "No space left on device"), "No space left on device"), (OSError("odd"), "odd")],
)
def test_errors_of_the_system_become_a_sentence(error: OSError, reason: str) -> None:
    with pytest.raises(InputError) as refusal, writing(Path("a/x"), "free some space"):
        raise error
    assert str(refusal.value) == f"Can't write a/x: {reason}; free some space."


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match=r"^Can't write .*file/x: Not a directory; mend it\.$"),
        replaced_folder(tmp_path / "file" / "x", "mend it"),
    ):
        pass
