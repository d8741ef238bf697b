"""Where caches of other libraries lie, when the user's own can't be written to."""

import os
from pathlib import Path

import pytest

from glyphlab.cli.caches import PLACES, writable_caches


@pytest.fixture(autouse=True)
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be written below it, even by root."""
    monkeypatch.setenv("HOME", os.devnull)
    for name in (*PLACES, "GLYPHLAB_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_they_lie_in_a_temporary_folder_while_a_command_runs() -> None:
    with writable_caches():
        folder = Path(os.environ["XDG_CACHE_HOME"])
        assert folder.is_dir()
        assert Path(os.environ["MPLCONFIGDIR"]).parent == folder
    assert not folder.exists()
    assert not set(PLACES) & set(os.environ)


def test_they_lie_below_a_home_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GLYPHLAB_HOME", str(tmp_path))
    with writable_caches():
        assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "cache" / "matplotlib")


def test_what_a_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", "/mine")
    with writable_caches():
        assert os.environ["MPLCONFIGDIR"] == "/mine"
    assert os.environ["MPLCONFIGDIR"] == "/mine"


def test_in_a_usual_home_nothing_is_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    before = dict(os.environ)
    with writable_caches():
        assert dict(os.environ) == before
    assert list(tmp_path.iterdir()) == []
