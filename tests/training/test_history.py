"""The history of a run, as it is read again."""

from pathlib import Path

import pytest
from tests.toys import bars

from glyphlab.errors import InputError
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe
from glyphlab.training.run import HISTORY, Run


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of three epochs."""
    recipe = Recipe(epochs=3, batch_size=16, validation=0.2)
    return fit("logistic", bars(60), recipe, out=tmp_path_factory.mktemp("run") / "run").path


def test_there_is_an_entry_for_each_epoch(path: Path) -> None:
    assert [entry["epoch"] for entry in Run(path).history] == [1, 2, 3]


@pytest.mark.parametrize(
    "line", [b'{"epoch": 2', b"\xff{}", b"[1, 2]", b'{"epoch": "two"}', b"[" * 100_000]
)
def test_a_damaged_line_is_named(path: Path, line: bytes) -> None:
    good = (path / HISTORY).read_bytes()
    lines = good.splitlines(keepends=True)
    try:
        (path / HISTORY).write_bytes(lines[0] + line + b"\n" + lines[2])
        with pytest.raises(InputError, match=r"history\.jsonl is damaged in line 2"):
            _ = Run(path).history
    finally:
        (path / HISTORY).write_bytes(good)
