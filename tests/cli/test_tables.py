"""Tables lose nothing, however narrow the terminal."""

import pytest

from glyphlab.cli.console import Console
from glyphlab.cli.tables import one_by_one

COLUMNS = ("model", "parameters", "what it is")
ROWS = [("conv2", 225_898, "two convolutions"), ("mine", None, "")]


def test_a_block_of_lines_for_each_row() -> None:
    assert one_by_one(COLUMNS, ROWS).splitlines() == [
        "model: conv2",
        "  parameters: 225,898",
        "  what it is: two convolutions",
        "model: mine",
        "  parameters: –",
    ]


def test_a_cell_without_heading_stands_alone() -> None:
    assert one_by_one(("image", ""), [("a.png", "unlike")]) == "image: a.png\n  unlike"


@pytest.mark.parametrize(("width", "in_blocks"), [("40", False), ("30", True)])
def test_columns_that_have_no_room_become_blocks(
    width: str,
    in_blocks: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    Console(stderr=False).table(COLUMNS, ROWS)
    said = capsys.readouterr().out
    assert ("  parameters: 225,898" in said) is in_blocks
    assert all(len(line) <= int(width) for line in said.splitlines())
    for word in ("conv2", "225,898", "two", "convolutions"):
        assert word in said


def test_long_words_in_a_pipe_stay_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    paths = [f"{letter * 150}.png" for letter in "ab"]
    Console(stderr=False).table(("image", "copy of"), [paths])
    assert f"{paths[0]}   {paths[1]}" in capsys.readouterr().out
