"""The lab as an executed Jupyter notebook that walks it task by task with the public API."""

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from glyphlab.errors import GlyphlabError, InputError
from glyphlab.language import language, say
from glyphlab.markdown import plain
from glyphlab.report.comparison_words import choice_sentences, comparison_sentences
from glyphlab.report.content import LabContent, ModelResult
from glyphlab.report.summary import headline, table

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

SECONDS_A_CELL = 1_800
LONGEST_PLACE = 80
"""Of such files a system takes paths of about a hundred signs."""
PARTS = ("nbclient", "nbformat", "ipykernel")


def lab_notebook(content: LabContent, folder: Path) -> str:
    """Write the notebook, run it, and give it as JSON.

    Parameters
    ----------
    content : LabContent
        With `loading`, the lines that read the images, and a place for each run.
    folder : Path
        Where it runs, and from which the places of the runs are counted.

    Returns
    -------
    str
        A notebook of format 4, with the outputs of all cells.

    Raises
    ------
    InputError
        If Jupyter's parts are not installed.
    GlyphlabError
        If a cell fails.
    """
    check_installed()
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.v4.new_notebook(cells=list(_cells(content)))
    resources = {"metadata": {"path": str(folder)}}
    with TemporaryDirectory(prefix="glyphlab-") as place:
        options = {"timeout": SECONDS_A_CELL, "resources": resources}
        client = NotebookClient(notebook, config=_config(Path(place)), **options)
        try:
            client.execute()
        except CellExecutionError as error:
            raise GlyphlabError(f"A cell of the notebook failed: {error}") from error
    return str(nbformat.writes(notebook))


def _config(place: Path) -> "Config":
    """Speak with the kernel by files that others can't open, where the system has such, not TCP."""
    from traitlets.config import Config

    if os.name != "posix" or len(str(place)) > LONGEST_PLACE:
        return Config()
    ipc = {"transport": "ipc", "connection_file": str(place / "kernel.json")}
    return Config({"ConnectionFileMixin": ipc})


def check_installed() -> None:
    """Refuse where Jupyter's parts are not installed.

    Raises
    ------
    InputError
        Naming what is missing, and the extra that brings it.
    """
    try:
        for part in PARTS:
            import_module(part)
    except ImportError as error:
        raise InputError(
            f"An executed notebook needs {', '.join(PARTS)} ({error}); install "
            "glyphlab[notebook], or leave ipynb out of --format."
        ) from error


def _cells(content: LabContent) -> "Iterator[NotebookNode]":
    from nbformat.v4 import new_code_cell, new_markdown_cell

    def text(*parts: str) -> "NotebookNode":
        return new_markdown_cell("\n\n".join(parts))

    yield text(f"# {plain(content.title)}", plain(headline(table(content))))
    yield text(f"## {say('lab-data')}")
    lines = ["import glyphlab", "", *_speaking(), content.loading, "train"]
    yield new_code_cell("\n".join(lines))
    yield new_code_cell("test")
    yield text(f"## {say('notebook-models')}", say("notebook-models-mean", fit="`glyphlab.fit`"))
    for result in content.results:
        yield text(f"### {plain(result.name)}", plain(result.description))
        yield new_code_cell(f"run = glyphlab.Run({result.runs[0].path!r})\nrun")
        yield new_code_cell("evaluation = glyphlab.evaluate(run, test)\nevaluation")
    for answer in content.answers:
        title = f"## {plain(answer.task)}. {plain(answer.title)}"
        yield text(title, f"*{plain(answer.question)}*", *map(plain, answer.sentences))
    if len(content.results) > 1:
        comparison = content.comparison
        said = [*comparison_sentences(comparison), *choice_sentences(comparison)]
        yield text(f"## {say('comparison-heading')}", *map(plain, said))
        yield new_code_cell(_comparing(content.results))
    for evidence in content.evidence:
        yield text(f"## {plain(evidence.claim)}", *map(plain, evidence.sentences))


def _speaking() -> list[str]:
    """The line that makes tables and pictures speak the language of the report."""
    return [] if language() == "en" else [f"glyphlab.speak({language()!r})"]


def _comparing(results: tuple[ModelResult, ...]) -> str:
    """Lines that compare all trainings of all models."""
    lines = [f"    {result.name!r}: {[run.path for run in result.runs]!r}," for result in results]
    return "\n".join(
        (
            "runs = {",
            *lines,
            "}",
            "glyphlab.compare(",
            "    {name: [glyphlab.evaluate(run, test) for run in of] for name, of in runs.items()}",
            ")",
        )
    )
