"""Two commands at the same place at once: the second waits, or says so; nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.toys import bars

from glyphlab.data import catalog
from glyphlab.data.formats import open_file, save_dataset

Start = Callable[..., "subprocess.Popen[str]"]
LONG = ("--set", "epochs=2000", "--set", "device=cpu")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts commands; those that still run when the test ends are killed."""
    processes: list[subprocess.Popen[str]] = []

    def started(*words: str) -> "subprocess.Popen[str]":
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "glyphlab", *words],
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 200
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("words", "begun", "work"),
    [
        (("train", "conv-pool", *LONG), "checkpoint.safetensors", "training"),
        (("train", "conv-pool", "--resume", *LONG), "checkpoint.safetensors", "training"),
        (
            ("lab", "--models", "conv2", "--no-audit", *LONG),
            "runs/**/checkpoint.safetensors",
            "lab",
        ),
        (("tune", "conv-pool", "--trials", "2", *LONG), "search.json", "search"),
    ],
    ids=["train", "train --resume", "lab", "tune"],
)
def test_a_second_command_in_the_same_folder_says_that_another_is_at_work(
    start: Start, tmp_path: Path, words: tuple[str, ...], begun: str, work: str
) -> None:
    save_dataset(bars(400), tmp_path / "bars.safetensors")
    words = (*words, "--data", "bars.safetensors", "--out", "out")
    first = start(*words)
    wait_until(lambda: list((tmp_path / "out").glob(begun)))
    second = start(*words)
    _, said = second.communicate()
    assert second.returncode == 2
    assert f"Another {work} is at work in out at this moment; wait for it" in said
    assert first.poll() is None
    first.send_signal(signal.SIGINT)
    _, said = first.communicate()
    assert first.returncode == 130, said


def test_of_two_that_add_the_same_name_one_does_and_the_other_says_so(
    start: Start, tmp_path: Path, own_home: Path
) -> None:
    save_dataset(bars(3_000), tmp_path / "bars.safetensors")
    for _ in range(3):
        both = [start("data", "add", "bars.safetensors") for _ in range(2)]
        said = [process.communicate()[1] for process in both]
        assert sorted(process.returncode for process in both) == [0, 2], said
        assert any("There is already a Dataset 'bars'" in each for each in said)
        (stored,) = catalog.stored("bars").values()
        assert open_file(stored).fingerprint == bars(3_000).fingerprint
        assert [path.name for path in (own_home / "datasets").iterdir()] == ["bars"]
        stored.unlink()
        stored.parent.rmdir()


def test_of_many_that_replace_the_same_name_the_last_stays_whole(
    start: Start, tmp_path: Path, own_home: Path
) -> None:
    save_dataset(bars(300), tmp_path / "bars.safetensors")
    words = ("data", "add", "bars.safetensors", "--force")
    several = [start(*words) for _ in range(4)]
    said = [process.communicate()[1] for process in several]
    assert [process.returncode for process in several] == [0] * 4, said
    (stored,) = catalog.stored("bars").values()
    assert open_file(stored).fingerprint == bars(300).fingerprint
    assert os.listdir(own_home / "datasets") == ["bars"]  # noqa: PTH208  # hidden ones, too
