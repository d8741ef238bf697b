"""Trials as lines of JSON."""

from pathlib import Path

import pytest
from tests.tuning.trials import trial

from glyphlab.errors import InputError
from glyphlab.tuning.record import best_of, read_trials, write_trials

TRIALS = [
    trial(0, 0.875),
    trial(1, None, "pruned"),
    trial(2, None, "failed", learning_rate=0.1 + 0.2, nesterov=True),
]


def test_trials_are_read_as_they_were_written_by_number(tmp_path: Path) -> None:
    write_trials(tmp_path / "trials.jsonl", [TRIALS[2], TRIALS[0], TRIALS[1]])
    assert read_trials(tmp_path / "trials.jsonl") == TRIALS
    assert len((tmp_path / "trials.jsonl").read_text().splitlines()) == 3


def test_no_file_is_no_trial(tmp_path: Path) -> None:
    assert read_trials(tmp_path / "trials.jsonl") == []


def test_the_best_is_the_first_of_equals_and_complete() -> None:
    assert best_of([trial(3, 0.5), trial(1, 0.75), trial(2, 0.75)]) == trial(1, 0.75)
    assert best_of(TRIALS[1:]) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"number": 0', '"number": -1'),
        ('"number": 0', '"number": 1'),
        ('"number": 0', '"number": true'),
        ('"state": "pruned"', '"state": "complete"'),
        ('"state": "pruned"', '"state": "lost"'),
        ('"value": 0.875', '"value": "high"'),
        ('"value": 0.875', '"value": NaN'),
        ('"value": 0.875', f'"value": 1{"0" * 400}'),
        ('"2": 0.875', '"two": 0.875'),
        ('"settings": {', '"settings": [], "more": {'),
        ("{", "["),
        ("}\n", "\n"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "trials.jsonl"
    write_trials(file, TRIALS)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=r"trials\.jsonl is damaged"):
        read_trials(file)
