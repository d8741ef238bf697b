"""Every example in the documents does what its page says.

The blocks of a page are run from top to bottom in one empty folder: `python` in one namespace, `sh`
by bash. A `text` block behind one of `sh` holds lines that it prints, in their order. What can't be
run here (another library, a network, other machines) is marked as `{ .python .skip }`.
"""

import doctest
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.docs.fences import Fence, fences

import glyphlab

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
LANGUAGES = {"python", "sh", "text", "toml", "json"}


def blocks(page: Path) -> list[Fence]:
    return fences(page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_says_its_language(page: Path) -> None:
    wrong = [
        f"{page.name}:{block.line}" for block in blocks(page) if block.language not in LANGUAGES
    ]
    assert not wrong


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    languages = {"python"} if page.stem == "README" else {"python", "sh"}
    # tools/run-readme runs the commands of the README
    chosen = [block for block in blocks(page) if not block.skipped]
    if not any(block.language in languages for block in chosen):
        pytest.skip("no example")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    printed = ""
    try:
        for block in chosen:
            where = f"{page.name}:{block.line}"
            if block.language == "python":
                run_python(block, namespace, where)
            elif block.language == "sh" and "sh" in languages:
                printed = run_shell(block, where)
            elif block.language == "text" and printed:
                assert_printed(block, printed, where)
                printed = ""
    finally:
        glyphlab.speak("en")


def run_python(block: Fence, namespace: dict[str, Any], where: str) -> None:
    if ">>>" not in block.text:
        exec(compile("\n" * (block.line - 1) + block.text, where, "exec"), namespace)
        return
    examples = doctest.DocTestParser().get_doctest(block.text, namespace, where, where, block.line)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    said: list[str] = []
    runner.run(examples, out=said.append, clear_globs=False)
    namespace.update(examples.globs)
    assert not said, "".join(said)


def run_shell(block: Fence, where: str) -> str:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, f"{where}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def assert_printed(block: Fence, printed: str, where: str) -> None:
    """Each line of the block is one that was printed, and they come in that order."""
    lines = iter(" ".join(line.split()) for line in printed.splitlines())
    for line in block.text.splitlines():
        wanted = " ".join(line.split())
        assert any(wanted == one for one in lines), f"{where}: {line!r} is not in\n{printed}"
