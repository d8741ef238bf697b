"""Files written beside their place, and what killed processes leave there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from glyphlab import files
from glyphlab.errors import InputError
from glyphlab.files import atomic_folder, atomic_path, parse_json, parse_toml, write_text

KILLED = """
import os, signal, sys
from pathlib import Path
from glyphlab.files import atomic_path, atomic_folder
with {opened}(Path(sys.argv[1])) as part:
    (part / "half").touch() if part.is_dir() else part.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this process had not written anywhere yet."""
    monkeypatch.setattr(files, "_cleaned", set())


@pytest.mark.parametrize("opened", ["atomic_path", "atomic_folder"])
def test_what_a_killed_process_left_goes_at_the_next_start(tmp_path: Path, opened: str) -> None:
    code = KILLED.format(opened=opened)
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "result")], check=False)
    assert done.returncode == -9
    [left] = tmp_path.iterdir()
    assert left.name.startswith(".result.")
    write_text(tmp_path / "other", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_what_a_living_process_is_writing_stays(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "slow") as part:
        part.write_text("so far")
        files._cleaned.clear()
        write_text(tmp_path / "quick", "whole")
        assert part.read_text() == "so far"
    assert (tmp_path / "slow").read_text() == "so far"


def test_what_another_machine_or_nobody_known_is_writing_stays(tmp_path: Path) -> None:
    strangers = [".a.00000000-99999999.part", f".a.{files._MACHINE}-x.part", "a.part"]
    for name in strangers:
        (tmp_path / name).touch()
    write_text(tmp_path / "b", "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*strangers, "b"])


def test_nothing_is_left_and_nothing_is_lost_where_writing_fails(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "before")
    with pytest.raises(ZeroDivisionError), atomic_path(tmp_path / "a") as part:
        part.write_text("half")
        _ = 1 / 0
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "before"


def test_a_folder_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine").touch()
    with (
        pytest.raises(InputError, match="There is something at"),
        atomic_folder(tmp_path / "taken"),
    ):
        pass


@pytest.mark.skipif(os.name != "posix", reason="no modes elsewhere")
def test_who_may_read_a_file_is_what_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"{",
        b"[" * 100_000,
        b"[" * 101 + b"]" * 101,
        b'{"a": ' * 101 + b"1" + b"}" * 101,
        b"9223372036854775808",
        b"-9223372036854775809",
        b"9" * 5_000,
    ],
)
def test_json_that_would_trouble_others_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"nested|number|Expecting|decode"):
        parse_json(text)


def test_other_json_is_read() -> None:
    text = b'{"a": [1.5, -9223372036854775808, 9223372036854775807, "9999999999999999999999"]}'
    assert parse_json(text) == {"a": [1.5, -(2**63), 2**63 - 1, "9" * 22]}
    assert parse_json("[" * 100 + "]" * 100) is not None


@pytest.mark.parametrize(
    "text",
    [b"\xff", b"a = ", b"a = " + b"9" * 5_000, b"a = " + b"[" * 5_000, b"a.a" * 200 + b" = 1"],
)
def test_toml_that_would_trouble_others_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"nested|digits|Invalid|decode"):
        parse_toml(text)


def test_other_toml_is_read() -> None:
    assert parse_toml(b"a.b.c = [1, {d = 2}]") == {"a": {"b": {"c": [1, {"d": 2}]}}}
