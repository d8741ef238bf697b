"""Commands speak plainly to people, pipes and logs."""

import subprocess
import sys

import pytest

from glyphlab.cli.console import (
    Console,
    PlainProgress,
    amount,
    console,
    duration,
    printable,
    progress_bar,
    progress_line,
    results,
)
from glyphlab.cli.manner import manner


def test_messages_and_results_go_to_different_streams(capsys: pytest.CaptureFixture[str]) -> None:
    console.print("a message")
    results.print("a result")
    captured = capsys.readouterr()
    assert captured.err == "a message\n"
    assert captured.out == "a result\n"


def test_text_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    results.print("[bold]no markup[/bold] :smile: " + "long " * 100)
    assert capsys.readouterr().out == "[bold]no markup[/bold] :smile: " + "long " * 100 + "\n"


def test_names_of_strangers_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    results.print("a\x1b[31mb\x07\udcff")
    results.table(["name"], [["\x1b]0;title\x07"]])
    shown = capsys.readouterr().out
    assert "a\\x1b[31mb\\x07\\udcff" in shown
    assert "\x1b" not in shown


def test_printable_keeps_line_breaks_and_letters_of_all_scripts() -> None:
    assert printable("буква\nβ ×") == "буква\nβ ×"
    assert printable("a\tb\r") == "a\\tb\\r"


def test_a_table_aligns_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    results.table(["class", "images", "share"], [["A", 1200, "9.1%"], ["[B]", None, "10.0%"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["class", "images", "share"]
    assert lines[2].rstrip() == "A        1,200    9.1%"
    assert lines[3].rstrip() == "[B]          –   10.0%"


def test_a_table_in_a_pipe_is_not_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    Console(stderr=False).table(["a", "b"], [["x" * 70, "y" * 70]])
    assert f"{'x' * 70}   {'y' * 70}" in capsys.readouterr().out


def test_progress_without_terminal_is_plain_lines() -> None:
    lines: list[str] = []
    seconds = iter([0.0, 0.0, 2.0, 6.0, 7.0, 12.0, 13.0])
    progress = PlainProgress("Reading x", "files", lines.append, lambda: next(seconds))
    for done in (0, 200, 600, 700, 1200):
        progress(done, 2400)
    progress.finish()
    assert lines == [
        "Reading x: 600 of 2,400 files, 100 files/s, 18 s left",
        "Reading x: 1,200 of 2,400 files, 100 files/s, 12 s left",
        "Reading x: 1,200 files in 13 s",
    ]


def test_short_work_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Reading [x]", "files") as progress:
        progress(5, None)
    captured = capsys.readouterr()
    assert captured.err.startswith("Reading [x]: 5 files in 0.")
    assert captured.out == ""


def test_work_that_never_began_or_failed_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Reading x", "files"):
        pass
    with pytest.raises(ValueError, match="broken"), progress_bar("Reading x", "files") as progress:
        progress(1, 2)
        raise ValueError("broken")
    assert capsys.readouterr().err == ""


def test_a_resumed_download_counts_only_its_own_bytes() -> None:
    line = progress_line("Get", "bytes", 6_000_000, 8_000_000, seconds=2.0, first=4_000_000)
    assert line == "Get: 6.0 MB of 8.0 MB, 1.0 MB/s, 2.0 s left"


def test_progress_of_unknown_length_gives_the_rate() -> None:
    assert progress_line("Get", "files", 30, None, seconds=3.0) == "Get: 30 files, 10 files/s"
    assert progress_line("Get", "files", 0, 5, seconds=0.0) == "Get: 0 of 5 files"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (8_458_043, "8.5 MB"), (2_500_000_000, "2.5 GB")],
)
def test_bytes_are_shown_in_round_units(count: int, shown: str) -> None:
    assert amount(count, "bytes") == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.44, "0.4 s"),
        (9.99, "10 s"),
        (59.7, "1 min 00 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 05 min"),
    ],
)
def test_durations_are_for_people(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_a_terminal_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delitem(console.__dict__, "rich", raising=False)
    with progress_bar("Reading [x]", "files") as progress:
        for done in range(0, 101, 10):
            progress(done, 100)
    monkeypatch.delitem(console.__dict__, "rich", raising=False)
    shown = capsys.readouterr().err
    assert "━" in shown
    assert "Reading [x]: 100 of 100 files" in shown


def test_colour_that_is_forced_into_a_file_brings_no_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delitem(console.__dict__, "rich", raising=False)
    with progress_bar("Reading x", "files") as progress:
        progress(5, 5)
    Console(stderr=False).table(["a"], [["x"]])
    monkeypatch.delitem(console.__dict__, "rich", raising=False)
    said = capsys.readouterr()
    assert said.err.startswith("Reading x: 5 files in 0.")
    assert "\x1b" not in said.err
    assert "\x1b[1m" in said.out


def test_a_dumb_terminal_gets_plain_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.delitem(console.__dict__, "rich", raising=False)
    with progress_bar("Reading x", "files") as progress:
        progress(5, 5)
    monkeypatch.delitem(console.__dict__, "rich", raising=False)
    said = capsys.readouterr().err
    assert said.startswith("Reading x: 5 files in 0.")
    assert "\x1b" not in said


def test_quiet_work_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(manner, "volume", "quiet")
    with progress_bar("Reading x", "files") as progress:
        progress(5, 5)
    console.print("a remark")
    console.error("an error")
    results.print("a result")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("a result\n", "an error\n")


def test_no_colour_where_none_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    Console(stderr=False).table(["a"], [["x"]])
    assert "\x1b[3" not in capsys.readouterr().out


def test_importing_the_console_imports_nothing_heavy() -> None:
    code = (
        "import sys, glyphlab.cli.console;"
        "sys.exit(' '.join({'rich', 'numpy', 'torch'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
