"""The words of a command as they are written down: addresses lose what gives access."""

from pathlib import Path

from glyphlab.cli.sources import given, loading_code

ADDRESS = "https://me:hunter2@host/letters.zip?sig=hunter2"


def test_a_noted_command_repeats_lists_names_flags_and_leaves_defaults_out() -> None:
    options: dict[str, tuple[object, object]] = {
        "--data": (["a", "b"], None),
        "--seed": (0, 0),
        "--no-prune": (True, False),
        "--trials": (3, 20),
    }
    assert given(options) == ["--data", "a", "--data", "b", "--no-prune", "--trials", "3"]


def test_a_noted_command_names_an_address_without_its_secrets() -> None:
    assert given({"--data": ([ADDRESS], None)}) == ["--data", "https://host/letters.zip?…"]


def test_code_for_a_notebook_names_an_address_without_its_secrets(tmp_path: Path) -> None:
    code = loading_code([ADDRESS], ADDRESS, 28, "grey", held_out=False, folder=tmp_path)
    assert "hunter2" not in code
    assert code.count("https://host/letters.zip?…") == 2
