"""`glyphlab data render`."""

from pathlib import Path

import pytest
from tests.data.letterforms import dejavu, make_family, make_font

from glyphlab.cli.main import main
from glyphlab.data.opening import open_dataset


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["data", "render", *map(str, words)])
    return int(ended.value.code or 0)


def test_letters_of_any_alphabet_become_a_dataset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fonts = dejavu(tmp_path / "fonts", "Sans", "Serif-Italic")
    out = tmp_path / "жук.safetensors"
    assert run("--fonts", fonts, "--letters", "ЖУК", "--out", out, "--count", "30") == 0
    dataset = open_dataset(out)
    assert dataset.name == "жук"
    assert dataset.classes == ("Ж", "У", "К")
    assert dataset.class_counts.tolist() == [10, 10, 10]
    captured = capsys.readouterr()
    assert "30 images" in captured.out
    assert "2 usable faces of 1 families" in captured.err


def test_a_part_to_test_is_written_beside(tmp_path: Path) -> None:
    for number in range(12):
        make_family(tmp_path / "fonts", chr(97 + number) * 3, "AB", seed=number)
    out = tmp_path / "boxes.safetensors"
    words = ("--test-share", "0.4", "--stretch", "0", "--name", "boxes")
    assert run("--fonts", tmp_path / "fonts", "--letters", "AB", "--out", out, *words) == 0
    train, test = open_dataset(out), open_dataset(tmp_path / "boxes-test.safetensors")
    assert len(train) + len(test) == 24
    assert len(test) > 0


def test_fonts_left_out_are_counted_by_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fonts = dejavu(tmp_path / "fonts", "Sans", "Sans-Bold")
    make_font(fonts / "few.ttf", {"A": (0, 0, 100, 800)})
    make_font(fonts / "other.ttf", {"C": (0, 0, 100, 800)})
    exclude = tmp_path / "exclude.tsv"
    exclude.write_text("DejaVuSans-Bold.ttf\ttoo bold\n")
    out = tmp_path / "ab.safetensors"
    assert run("--fonts", fonts, "--letters", "AB", "--out", out, "--exclude", exclude) == 0
    told = capsys.readouterr().err
    assert "2 left out: lacks letters" in told
    assert "1 left out: too bold" in told
    assert len(open_dataset(out).skipped) == 3


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--fonts", "nowhere", "--out", "x.safetensors"], "nowhere is no folder"),
        (["--fonts", ".", "--out", "x.safetensors"], "There is no font file"),
        (["--fonts", ".", "--out", "x.png"], "doesn't end in .safetensors"),
        (["--fonts", ".", "--out", "x.safetensors", "--size", "3"], "give 8 to 256 pixels"),
        (["--fonts", ".", "--out", "x.safetensors", "--exclude", "no.tsv"], "list of fonts no.tsv"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    words: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("--letters", "AB", *words) == 2
    message = capsys.readouterr().err.strip()
    assert complaint in message
    assert message.count("\n") == 0
    assert not list(tmp_path.iterdir())
