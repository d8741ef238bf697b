"""The short form of `make torture`: a few kills, a few changed files, at seeded places."""

import random
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.torturing import torture_module


@pytest.fixture
def kill() -> ModuleType:
    return torture_module("kill")


@pytest.fixture
def mutate() -> ModuleType:
    return torture_module("mutate")


@pytest.mark.parametrize("name", ["ingest", "training"])
def test_a_command_that_is_killed_does_its_work_when_it_is_started_again(
    kill: Any, name: str
) -> None:
    tally = kill.torment(kill.JOBS[name], 2, seed=1, show=lambda what: None)
    assert tally.killed + tally.ended_before == 2
    assert tally.faults == {}


def test_what_is_half_or_left_over_is_found(kill: Any, tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"a": ')
    (tmp_path / "half.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}")
    (tmp_path / "half.html").write_text("<html>")
    (tmp_path / "whole.json").write_text("{}")
    (tmp_path / ".half.json.1234.part").write_text("{")
    assert kill.half_files(tmp_path) == ["half.html", "half.json", "half.safetensors"]
    assert ".half.json.N.part" in kill.names(tmp_path)


def test_weights_are_compared_by_what_they_hold(kill: Any, tmp_path: Path) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    arrays = {"a": np.arange(3.0), "b": np.zeros(2)}
    save_file(arrays, tmp_path / "one.safetensors", {"x": "1", "y": "2"})
    save_file(dict(reversed(arrays.items())), tmp_path / "two.safetensors", {"y": "2", "x": "1"})
    save_file(arrays | {"b": np.ones(2)}, tmp_path / "other.safetensors", {"x": "1", "y": "2"})
    one, two, other = (kill.digest(tmp_path / f"{n}.safetensors") for n in ("one", "two", "other"))
    assert one == two != other


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
