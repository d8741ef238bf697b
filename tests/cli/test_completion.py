"""The shell is offered names that there are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.toys import bars

from glyphlab.cli import completion
from glyphlab.data import catalog

SETUP = """
eval "$(_GLYPHLAB_COMPLETE=source_bash glyphlab)"
offered() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _glyphlab_completion glyphlab
    echo "${COMPREPLY[*]}"
}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run, and a run of a lab."""
    monkeypatch.chdir(tmp_path)
    for run in ("mine", "lab-x/runs/corrected/mlp/seed0"):
        (tmp_path / "runs" / run).mkdir(parents=True)
        (tmp_path / "runs" / run / "run.json").write_text("{}")
    (tmp_path / "runs" / "audit-x").mkdir()
    return tmp_path


def test_bash_itself_completes_commands_options_and_values(here: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    command = here / "glyphlab"
    command.write_text(f'#!{bash}\nexec "{sys.executable}" -m glyphlab "$@"\n')
    command.chmod(0o755)
    asked = {
        "glyphlab tra": "train",
        "glyphlab data s": "show",
        "glyphlab train lenet": "lenet5 lenet5-classic",
        "glyphlab lab --mode r": "rgb",
        "glyphlab evaluate runs/m": "runs/mine",
        "glyphlab lab --verb": "--verbose",
    }
    lines = "\n".join(f"offered {words}" for words in asked)
    done = subprocess.run(
        [bash, "--norc", "-c", SETUP + lines],
        env={**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == list(asked.values())
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_script(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "glyphlab"],
        env={**os.environ, "_GLYPHLAB_COMPLETE": f"source_{shell}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"complete_{shell}" in done.stdout


def test_completing_imports_neither_torch_nor_numpy() -> None:
    code = (
        "import sys\nfrom glyphlab.cli import completion\n"
        "for offer in (completion.models, completion.sources, completion.downloads,"
        " completion.runs, completion.recipe_keys, completion.experiments,"
        " completion.several_models, completion.several_reasons, completion.several_formats):\n"
        "    assert offer(''), offer\n"
        "print('heavy:', sorted({'torch', 'numpy', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "heavy: []\n"


def test_runs_are_offered_wherever_they_lie(here: Path) -> None:
    assert completion.runs("") == ["runs/mine", "runs/lab-x/runs/corrected/mlp/seed0"]
    assert completion.runs("runs/lab") == ["runs/lab-x/runs/corrected/mlp/seed0"]
    (here / "else" / "one").mkdir(parents=True)
    (here / "else" / "one" / "run.json").write_text("{}")
    assert completion.runs("else/") == ["else/one"]
    assert completion.runs("nowhere/") == []


def test_added_and_built_in_datasets_are_offered() -> None:
    catalog.keep(bars(9), "my-letters")
    assert completion.sources("") == ["glyphs", "my-letters"]
    assert completion.sources("my") == ["my-letters"]


def test_behind_a_comma_what_is_left_is_offered() -> None:
    assert completion.several_models("lenet5,mlp,l") == [
        "lenet5,mlp,logistic",
        "lenet5,mlp,lenet5-classic",
    ]
    assert completion.several_reasons("leaks,") == [
        f"leaks,{word}" for word in completion.REASONS if word != "leaks"
    ]


def test_what_cannot_be_found_out_is_not_offered(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[str]:
        raise OSError("no rights")

    monkeypatch.setattr(catalog, "names", broken)
    assert completion.sources("") == []


def test_the_lists_kept_here_are_those_of_the_parts_they_name() -> None:
    from glyphlab.auditing.cleaning import REASONS
    from glyphlab.lab.evidence.experiments import EXPERIMENTS
    from glyphlab.report.write import FORMATS

    assert tuple(EXPERIMENTS) == completion.EXPERIMENTS
    assert completion.REASONS == REASONS
    assert completion.FORMATS == FORMATS
