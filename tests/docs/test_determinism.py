"""The table of what is equal names a test for each thing, and each test is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    line
    for line in (ROOT / "docs" / "determinism.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| thing", "| ---"))
]


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_each_row_names_tests_that_there_are(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)` `(test_\w+)`", row)
    assert named
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file} has no {name}"


def test_there_are_rows() -> None:
    assert len(ROWS) > 15
