"""The command line: its words, and how errors become one sentence and an exit status."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from glyphlab.cli.compare import compare
from glyphlab.cli.console import console
from glyphlab.cli.data import data_app
from glyphlab.cli.evaluate import evaluate
from glyphlab.cli.evidence import evidence
from glyphlab.cli.lab import lab
from glyphlab.cli.models import models, summary
from glyphlab.cli.predict import predict
from glyphlab.cli.serve import serve
from glyphlab.cli.train import train
from glyphlab.errors import GlyphlabError

app = typer.Typer(
    name="glyphlab",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(data_app, name="data")
app.command("models")(models)
app.command("summary")(summary)
app.command("train")(train)
app.command("evaluate")(evaluate)
app.command("predict")(predict)
app.command("serve")(serve)
app.command("compare")(compare)
app.command("evidence")(evidence)
app.command("lab")(lab)


def _print_version(asked: bool) -> None:
    if asked:
        from glyphlab import __version__

        typer.echo(f"glyphlab {__version__}")
        raise typer.Exit


@app.callback()
def glyphlab(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """Train, test and compare classifiers of small labelled images."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit status; an error is one sentence.

    The status is 0 for success, 2 for bad input, 1 for a failure, 130 for Ctrl-C.

    Parameters
    ----------
    words : sequence of str, optional
        Those behind the command's name; the process's own where none are given.
    """
    words = sys.argv[1:] if words is None else list(words)
    try:
        app(words, prog_name="glyphlab")
    except Exception as error:
        if words[:1] == ["--debug"]:
            raise
        sys.exit(_explain(error))


def _explain(error: Exception) -> int:
    """Say what is wrong, and give the exit status."""
    if isinstance(error, GlyphlabError):
        console.print(str(error))
        return error.exit_status
    console.print(
        f"glyphlab failed: {type(error).__name__}: {error}. This is a defect; "
        "glyphlab --debug … shows where it is."
    )
    return 1
