"""Wrong words are one sentence that says what is meant or allowed, with status 2."""

import pytest
from tests.command import status

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("trian", "glyphlab has no command 'trian'; did you mean glyphlab train?"),
        ("show x", "glyphlab has no command 'show'; did you mean glyphlab data show?"),
        ("data shwo", "glyphlab data has no command 'shwo'; did you mean glyphlab data show?"),
        ("data xyz", "glyphlab data has no command 'xyz'; there are add, get, list,"),
        ("lab --sedes 3", "glyphlab lab has no option --sedes; did you mean --seeds?"),
        ("lab --no-adit", "did you mean --no-audit?"),
        ("lab --qqqqqq", "glyphlab lab has no option --qqqqqq; see glyphlab lab --help."),
        ("lab --seeds x", "--seeds should be a valid integer"),
        ("lab --seeds 0", "--seeds should be greater than or equal to 1"),
        ("lab --seeds", "option '--seeds' requires an argument"),
        ("lab --mode blue", "--mode: 'blue' is not one of 'grey', 'rgb'; see"),
        ("lab extra", "glyphlab lab: got unexpected extra argument(s) (extra)"),
        ("lab --evidence=3", "option '--evidence' does not take a value"),
        ("train", "glyphlab train needs MODEL; see glyphlab train --help."),
        ("train mlp", "glyphlab train needs --data; see glyphlab train --help."),
        ("data clean x", "glyphlab data clean needs --out;"),
        ("-v", "glyphlab: missing command; see glyphlab --help."),
        ("data -v", "glyphlab data: missing command;"),
        ("config lba", "There is no command 'lba'; did you mean lab?"),
    ],
)
def test_a_wrong_word(words: str, said: str, capsys: Capture) -> None:
    assert status(*words.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_control_characters_of_a_wrong_word_are_escaped(capsys: Capture) -> None:
    assert status("\x1b[31mred") == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["data"]])
def test_without_a_word_the_help_is_shown(words: list[str], capsys: Capture) -> None:
    status(*words)
    said = capsys.readouterr()
    assert "Usage: glyphlab" in said.out + said.err
    assert "Commands:" in said.out + said.err
