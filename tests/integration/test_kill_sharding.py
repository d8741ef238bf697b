"""A process that makes shards, killed at several moments, and given the same command again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.builders import class_files, encoded, pixels, write_folder, write_tar
from tests.data.letterforms import dejavu
from tests.data.sharding.reading import files

SHARDS = 90
Moment = Callable[[Path], bool]


def noted(work: Path) -> int:
    """Shards in the journal."""
    journal = work / "journal.jsonl"
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


MOMENTS: dict[str, Moment] = {
    "it lists": lambda work: work.is_dir(),
    "it begins": lambda work: (work / "plan.json").exists(),
    "one shard is there": lambda work: noted(work) >= 1,
    "half are there": lambda work: noted(work) >= SHARDS // 2,
}


def start(here: Path, home: Path, *words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "glyphlab", "data", *words],
        cwd=here,
        env={**os.environ, "GLYPHLAB_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def finish(here: Path, home: Path, *words: str) -> None:
    assert start(here, home, *words).wait(timeout=120) == 0


def kill_when(process: "subprocess.Popen[bytes]", moment: Moment, work: Path) -> None:
    deadline = time.monotonic() + 60
    while not moment(work):
        assert process.poll() is None, "it ended before that moment"
        assert time.monotonic() < deadline, "that moment did not come"
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -signal.SIGKILL


def times(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in folder.rglob("0*.safetensors")}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    content = class_files("", "ABC", each=300) | {"A/bad.png": b"", "B/big.png": encoded(pixels(1))}
    folder = tmp_path_factory.mktemp("source")
    write_folder(folder / "x", content)
    write_tar(folder / "x.tar.gz", content)
    return folder


def test_shards_that_were_there_are_kept_and_the_end_is_the_same(
    source: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    words = ("add", "x", "--shard-size", "10", "--jobs", "2")
    finish(source, whole, *words)
    for moment in MOMENTS.values():
        kill_when(start(source, killed, *words), moment, killed / "datasets" / ".x.shards")
    kept = times(killed)
    assert len(kept) >= SHARDS // 2
    finish(source, killed, *words)
    assert files(killed) == files(whole)
    unchanged = [name for name, at in times(killed).items() if kept.get(name) == at]
    assert len(unchanged) >= SHARDS // 2
    assert [path.name for path in (killed / "datasets").iterdir()] == ["x"]


def test_an_archive_goes_on_where_it_was_killed_or_is_unpacked_anew(
    source: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    words = ("add", "x.tar.gz", "--shard-size", "20", "--jobs", "2")
    finish(source, whole, *words)
    for moment in ("it lists", "one shard is there"):
        work = killed / "datasets" / ".x.shards"
        kill_when(start(source, killed, *words), MOMENTS[moment], work)
    finish(source, killed, *words)
    assert files(killed) == files(whole)
    assert [path.name for path in (killed / "datasets").iterdir()] == ["x"]


def test_rendering_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    dejavu(tmp_path / "fonts", "Sans", "Serif")
    options = ("--fonts", "fonts", "--letters", "AB", "--count", "900", "--shard-size", "10")
    finish(tmp_path, tmp_path, "render", *options, "--out", "whole", "--name", "n", "--jobs", "1")
    words = ("render", *options, "--out", "killed", "--name", "n", "--jobs", "2")
    for moment in ("it begins", "half are there"):
        kill_when(start(tmp_path, tmp_path, *words), MOMENTS[moment], tmp_path / ".killed.shards")
    finish(tmp_path, tmp_path, *words)
    assert files(tmp_path / "killed") == files(tmp_path / "whole")
    assert not (tmp_path / ".killed.shards").exists()


def test_ctrl_c_says_how_to_go_on(source: Path, tmp_path: Path) -> None:
    words = ["data", "add", "x", "--shard-size", "2", "--jobs", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "glyphlab", *words],
        cwd=source,
        env={**os.environ, "GLYPHLAB_HOME": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    work = tmp_path / "datasets" / ".x.shards"
    deadline = time.monotonic() + 60
    while noted(work) < 1 and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "whole shards are kept in" in said
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    assert noted(work) >= 1
