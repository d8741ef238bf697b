"""The short form of `make torture`: a few kills, a few changed files, at seeded places."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.torturing import TORTURE, torture_module


@pytest.fixture
def kill() -> ModuleType:
    return torture_module("kill")


@pytest.fixture
def jobs() -> ModuleType:
    return torture_module("jobs")


@pytest.fixture
def mutate() -> ModuleType:
    return torture_module("mutate")


@pytest.mark.parametrize("name", ["ingest", "training"])
def test_a_command_that_is_killed_does_its_work_when_it_is_started_again(
    kill: Any, jobs: Any, name: str
) -> None:
    tally = kill.torment(jobs.JOBS[name], 2, seed=1, show=lambda what: None)
    assert tally.counts["killed"] == 2
    assert tally.faults == {}


def test_what_is_half_or_left_over_is_found(jobs: Any, tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"a": ')
    (tmp_path / "half.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}")
    (tmp_path / "half.html").write_text("<html>")
    (tmp_path / "whole.json").write_text("{}")
    (tmp_path / ".half.json.1234.part").write_text("{")
    assert jobs.half_files(tmp_path) == ["half.html", "half.json", "half.safetensors"]
    assert ".half.json.N.part" in jobs.names(tmp_path)


def attacked(script: str, job: str, times: int, out: Path) -> Any:
    """What a script that puts faults.c below a command found."""
    words = ["--jobs", job, "--times", str(times), "--out", str(out)]
    done = subprocess.run(
        [sys.executable, str(TORTURE / script), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(out.read_text())[job]


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("job", ["ingest", "training"])
def test_a_disk_that_is_full_from_one_write_on_loses_nothing(job: str, tmp_path: Path) -> None:
    tally = attacked("failing_writes.py", job, 2, tmp_path / "found.json")
    assert tally["counts"]["tried"] == 4
    assert tally["counts"]["gave up"] >= 2
    assert tally["faults"] == {}


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("job", ["download", "sharded ingest, packed"])
def test_a_loss_of_power_costs_what_was_not_on_the_disk_and_no_more(
    job: str, tmp_path: Path
) -> None:
    tally = attacked("power.py", job, 4, tmp_path / "found.json")
    assert tally["counts"]["tried"] == 4
    assert tally["counts"]["files that lost bytes"] > 0
    assert tally["faults"] == {}


def test_a_server_of_a_review_that_is_killed_has_lost_no_decision() -> None:
    tally = torture_module("kill_review").torment(3, seed=1)
    assert tally.counts["killed"] == 3
    assert tally.counts["decisions saved"] > 0
    assert tally.faults == {}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_that_grows_is_found() -> None:
    memory = torture_module("memory")
    flat = [(second / 10, 100.0 + second % 3) for second in range(100)]
    leaking = [(second / 10, 100.0 + second) for second in range(100)]
    assert not memory.grows(memory.by_tenths(flat))
    assert memory.grows(memory.by_tenths(leaking))
    assert memory.by_tenths(leaking)[0] == 109


def test_no_reader_crashes_on_a_file_with_changed_bytes(
    mutate: Any, readers: Mapping[str, Any], tmp_path: Path
) -> None:
    for name, good in readers.items():
        tally = mutate.attack(name, good, 60, seed=1, kept=tmp_path / "kept")
        assert tally["read"] + tally["refused"] == 60, (name, tally)


def test_a_reader_that_crashes_is_found(mutate: Any, tmp_path: Path) -> None:
    def crash(path: Path) -> None:
        if path.read_bytes() != b"good":
            raise KeyError("a defect")

    bad = mutate.Reader("x", b"good", crash)
    tally = mutate.attack("bad", bad, 5, seed=0, kept=tmp_path / "kept")
    assert tally["crashed"] >= 2
    assert len(list((tmp_path / "kept").iterdir())) == tally["crashed"]


def test_no_reader_crashes_on_a_file_whose_values_are_changed_and_whose_form_is_kept(
    readers: Mapping[str, Any], tmp_path: Path
) -> None:
    fuzz, judge = torture_module("fuzz"), torture_module("judge")
    for name, reader in readers.items():
        chance = random.Random(name)
        changed = [fuzz.reshaped(reader, reader.content, chance) for _ in range(30)]
        assert any(changed) == (reader.reshape is not None), name
        folder = tmp_path / name
        folder.mkdir()
        for content in filter(None, changed):
            (folder / reader.file).write_bytes(content)
            outcome = judge.judge(reader.read, folder / reader.file)
            assert outcome.word in ("read", "refused"), (name, outcome, content)


@pytest.mark.skipif(find_spec("atheris") is None, reason="needs glyphlab[torture]")
def test_the_fuzzer_counts_what_it_tries_and_what_code_it_reaches(tmp_path: Path) -> None:
    fuzz = torture_module("fuzz")
    fuzzed = fuzz.fuzz("fonts left out", 200, 0, tmp_path)
    assert fuzzed.outcomes.total() == fuzzed.outcomes["read"] + fuzzed.outcomes["refused"] == 200
    assert fuzzed.edges > 0
