"""What docs/models.md says of the models."""

import re
from pathlib import Path

from glyphlab.models import MODELS, build, takes
from glyphlab.models.summary import summary

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")


def rows() -> dict[str, list[str]]:
    """Cells of the table of models, by name."""
    lines = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in lines if len(cells) == 5}


def test_the_table_lists_the_registry_in_its_order() -> None:
    assert list(rows()) == list(MODELS)


def test_the_table_states_the_true_numbers_of_parameters_and_all_arguments() -> None:
    for name, (task, parameters, _, arguments) in rows().items():
        count = sum(p.numel() for p in build(name, (28, 28, 1), 10).parameters())
        assert (name, parameters) == (name, f"{count:,}")
        assert task == MODELS[name].task
        assert re.findall("`([a-z_]+)`", arguments) == list(takes(name))


def test_the_table_of_layers_is_the_one_that_is_printed() -> None:
    assert summary("lenet5") in PAGE
