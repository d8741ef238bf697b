"""Words on the command line: help, errors, exit statuses."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.command import status
from tests.toys import bars

from glyphlab.data.formats import save_dataset


def test_python_m_glyphlab_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "glyphlab", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("glyphlab ")


def test_help_does_not_import_torch_nor_numpy() -> None:
    code = (
        "import sys\nfrom glyphlab.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print('heavy:', sorted({'torch', 'numpy', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "heavy: []" in done.stdout
    assert "lab" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        *(
            "models",
            "summary",
            "train",
            "tune",
            "evaluate",
            "predict",
            "compare",
            "evidence",
            "lab",
        ),
        *("data add", "data get", "data show", "data audit", "data clean", "data review"),
        *("config", "doctor"),
    ],
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(*command.split(), "--help") == 0
    assert "Usage: glyphlab" in capsys.readouterr().out


def test_the_help_names_the_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("--help") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Exit status: 0 success, 1 failure, 2 bad input, 130 stopped" in said


def test_a_wrong_word_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("fly") == 2
    assert "fly" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "logistic", "--data", "nowhere"], "nowhere"),
        (["train", "resnet", "--data", "DATA"], "resnet"),
        (["train", "logistic", "--data", "DATA", "--set", "epochs"], "key=value"),
        (["train", "logistic", "--data", "DATA", "--set", "lr=1"], "lr is no key"),
        (["train", "logistic", "--data", "DATA", "--recipe", "none.toml"], "none.toml"),
        (["train", "logistic", "--data", "DATA", "--resume"], "--out"),
        (["train", "mlp", "--data", "DATA", "--arg", "hiden=[3]"], "hiden"),
        (["evaluate", "nowhere", "--data", "DATA"], "no run in nowhere"),
        (["lab", "--data", "DATA", "--models", "fly"], "fly"),
        (["lab", "--data", "DATA", "--protocol", "notebook", "--models", "mlp"], "notebook"),
        (["summary", "fly"], "fly"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    save_dataset(bars(60), tmp_path / "bars.safetensors")
    before = set(tmp_path.rglob("*"))
    assert status(*["bars.safetensors" if word == "DATA" else word for word in words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert set(tmp_path.rglob("*")) == before


def test_a_defect_is_status_1_and_tells_how_to_see_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr("glyphlab.models.summary.describe", broken)
    assert status("summary", "logistic") == 1
    error = capsys.readouterr().err
    assert "out of luck" in error
    assert "--debug" in error


@pytest.fixture
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell lets what it runs in the background ignore Ctrl-C, pytest among it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_is_heard")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_work_that_is_stopped_is_status_130(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(
        "glyphlab.models.summary.describe", lambda *_, **__: signal.raise_signal(number)
    )
    assert status("summary", "logistic") == 130
    assert "Traceback" not in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_reader_that_goes_away_ends_the_command_without_a_trace() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "glyphlab", "config", "lab", "--json", "-"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert "Traceback" not in done.stderr
    assert done.returncode != 0


@pytest.mark.parametrize("words", [["--debug", "summary", "fly"], ["summary", "fly", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands_and_keeps_the_status(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(*words) == 2
    error = capsys.readouterr().err
    assert "Traceback" in error
    assert error.splitlines()[-1].startswith("There is no model 'fly'")
