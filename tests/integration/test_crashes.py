"""Files on which a reader once failed are read, or refused in a sentence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.torturing import torture_module

CRASHES = Path(__file__).parents[1] / "crashes"
FILES = sorted(path for path in CRASHES.glob("*/*") if path.is_file())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_file_that_once_crashed_a_reader_does_so_no_more(
    readers: Mapping[str, Any], file: Path, tmp_path: Path
) -> None:
    judge = torture_module("judge")
    (reader,) = (each for name, each in readers.items() if folder_of(name) == file.parent.name)
    path = tmp_path / reader.file
    path.write_bytes(file.read_bytes())
    outcome = judge.judge(reader.read, path)
    assert outcome.word in ("read", "refused"), outcome


def test_the_good_file_of_each_reader_is_read(readers: Mapping[str, Any], tmp_path: Path) -> None:
    for name, reader in readers.items():
        folder = tmp_path / folder_of(name)
        folder.mkdir()
        (folder / reader.file).write_bytes(reader.content)
        reader.read(folder / reader.file)


def folder_of(reader: str) -> str:
    """Where the files that crashed a reader are kept."""
    return reader.replace(",", "").replace(" ", "-")
