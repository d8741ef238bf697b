"""The pinned packages with their hashes."""

from pathlib import Path

import pytest
from tools.trust import locks
from tools.trust.locks import ALL, CONSTRAINTS, CORE, Pin, read

A, B = "a" * 64, "b" * 64


def test_every_dependency_is_pinned_with_its_hashes_as_constraints_say() -> None:
    assert list(locks.problems()) == []


def test_hashes_are_of_all_systems_and_not_of_this_machines_wheels() -> None:
    pins = read(CORE)
    assert len(pins["numpy"].hashes) > 20
    assert len(pins["torch"].hashes) > 5
    assert "+" not in pins["torch"].version


def test_files_tell_of_no_place() -> None:
    for path in (*ALL.parent.iterdir(), CONSTRAINTS):
        text = path.read_text()
        assert not any(sign in text for sign in ("://", " /", "--index", "--find", "file:"))


def test_a_pin_holds_version_marker_and_hashes(tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text(
        "# A remark\n"
        f"Some_Thing==1.2 ; sys_platform == 'win32' \\\n    --hash=sha256:{A} \\\n"
        f"    --hash=sha256:{B}\n    # via other\nother==3\n"
    )
    assert read(tmp_path / "lock.txt") == {
        "some-thing": Pin("1.2", 'sys_platform == "win32"', frozenset({A, B})),
        "other": Pin("3", "", frozenset()),
    }


@pytest.mark.parametrize("text", ["a>=1", "a==1.*", "a==1\nA==2"])
def test_what_is_not_pinned_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text(text)
    with pytest.raises(ValueError, match=r"does not pin a once|too many values"):
        read(tmp_path / "lock.txt")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = CORE.read_text()
    cut = whole[: whole.index("\ntyper==")] + f"\nnumpie==1 --hash=sha256:{A[1:]}\n"
    (tmp_path / "core.txt").write_text(cut)
    monkeypatch.setattr(locks, "CORE", tmp_path / "core.txt")
    found = " ".join(locks.problems())
    assert "There are no hashes of numpie." in found
    assert "core.txt and all.txt differ in numpie." in found
    assert "typer" in found
    assert "of glyphlab is not locked." in found
