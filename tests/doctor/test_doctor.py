"""`glyphlab doctor`."""

import json
from pathlib import Path

import pytest
import torch
from tests.command import status
from tests.toys import bars

from glyphlab.doctor import checks
from glyphlab.doctor.facts import facts
from glyphlab.version import __version__


def test_facts_name_versions_threads_and_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLYPHLAB_HOME", str(tmp_path / "not" / "there"))
    found = facts()
    assert found["glyphlab"]["glyphlab"] == __version__
    assert {"torch", "numpy", "safetensors"} <= found["packages"].keys()
    assert "mypy" not in found["packages"]
    assert found["computing"]["precision"] in ("float32", "bfloat16")
    monkeypatch.setattr("os.getloadavg", lambda: (5.43, 1.0, 1.0), raising=False)
    assert facts()["computing"]["load"].startswith("5.4 programs")
    assert found["folders"]["Datasets"].startswith(str(tmp_path / "not" / "there"))
    assert "GiB free" in found["folders"]["Datasets"]


def test_facts_hide_what_gives_access(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHLAB_SERVE_TOKEN", "hunter2")
    monkeypatch.setenv("GLYPHLAB_LAB_DATA", "https://me:hunter2@host/x.zip?sig=hunter2")
    found = facts()["variables"]
    assert found["GLYPHLAB_SERVE_TOKEN"] == "(hidden)"
    assert found["GLYPHLAB_LAB_DATA"] == "https://host/x.zip?…"
    assert "hunter2" not in json.dumps(facts())


def test_all_checks_pass_here() -> None:
    found = list(checks.run_checks())
    assert [check.name for check in found] == list(checks.CHECKS)
    assert [check.said for check in found if not check.passed] == []


def test_a_check_that_fails_is_told_of_and_the_others_are_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(folder: Path) -> str:
        raise RuntimeError("out of paper")

    own = {"paper": broken, "Dataset file": checks.check_files}
    monkeypatch.setattr(checks, "CHECKS", own)
    assert status("doctor", "--json", str(tmp_path / "d.json")) == 1
    said = capsys.readouterr()
    assert "FAILED paper: RuntimeError: out of paper" in said.out
    assert "ok     Dataset file" in said.out
    assert "1 of 2 checks failed: paper" in said.err
    told = json.loads((tmp_path / "d.json").read_text())
    assert [check["passed"] for check in told["checks"]] == [False, True]


def test_a_file_that_does_not_hold_what_was_written_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks, "open_file", lambda path: bars(20))
    with pytest.raises(Exception, match="does not hold what was written"):
        checks.check_files(tmp_path)


def measured(monkeypatch: pytest.MonkeyPatch, **gigaflops: list[float]) -> None:
    """Let each measuring of a precision give the next of its figures."""
    following = {name: iter(figures) for name, figures in gigaflops.items()}
    names = {torch.float32: "float32", torch.bfloat16: "bfloat16"}
    monkeypatch.setattr(checks, "choose_precision", lambda wish, device: torch.bfloat16)
    monkeypatch.setattr(
        checks, "measure_peak", lambda device, dtype: 1e9 * next(following[names[dtype]])
    )


def test_a_precision_that_other_programs_made_slow_once_is_measured_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    measured(monkeypatch, float32=[168, 150], bfloat16=[93, 400])
    assert checks.check_precision(tmp_path) == "float32 168, bfloat16 400 GFLOP/s"


def test_a_precision_that_is_slower_each_time_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    measured(monkeypatch, float32=[100] * 5, bfloat16=[70, 79, 60, 60, 60])
    with pytest.raises(Exception, match="the slower one: float32 100, bfloat16 79 GFLOP/s"):
        checks.check_precision(tmp_path)


def test_a_training_that_learns_nothing_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks, "STEPS", 1)
    with pytest.raises(Exception, match=r"names .*% rightly; too few"):
        checks.check_training(tmp_path)


def test_without_the_test_nothing_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("doctor", "--no-test") == 0
    said = capsys.readouterr()
    assert __version__ in said.out and "ok " not in said.out
