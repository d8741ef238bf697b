"""`--verbose` says what is read, where it is computed, what is written, and how long it takes."""

import logging
from pathlib import Path

import pytest
from tests.command import status
from tests.toys import bars

from glyphlab.cli.manner import Manner
from glyphlab.data.formats import save_dataset

Capture = pytest.CaptureFixture[str]
TRAIN = ("train", "logistic", "--data", "bars.safetensors", "--set", "steps=4", "--out", "run")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with images."""
    monkeypatch.chdir(tmp_path)
    save_dataset(bars(120), tmp_path / "bars.safetensors")


@pytest.mark.parametrize("words", [("-v", *TRAIN), (*TRAIN, "--verbose")])
def test_a_training_in_detail(words: tuple[str, ...], capsys: Capture) -> None:
    assert status(*words) == 0
    said = capsys.readouterr()
    assert "Read bars.safetensors in " in said.err
    assert "Training logistic, 2,355 parameters, on cpu in " in said.err
    assert "threads" in said.err
    assert said.err.count("Wrote run/weights.safetensors.") == 1
    assert said.err.splitlines()[-1].startswith("Took ")
    assert "Wrote" not in said.out


def test_without_it_there_are_no_details(capsys: Capture) -> None:
    assert status(*TRAIN) == 0
    said = capsys.readouterr().err
    assert "Wrote" not in said
    assert "Took" not in said
    assert logging.getLogger("glyphlab").handlers == []


def test_the_last_word_on_volume_counts_and_any_word_before_a_file() -> None:
    manner = Manner()
    manner.speak("quiet", from_words=True)
    manner.speak("verbose", from_words=True)
    manner.speak("quiet", from_words=False)
    assert manner.volume == "verbose"
    manner.reset()
    manner.speak("quiet", from_words=False)
    assert manner.volume == "quiet"
