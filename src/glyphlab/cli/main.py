"""The command line: its words, and how errors become one sentence and an exit status."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from glyphlab.cli.commands import App, Root
from glyphlab.cli.compare import compare
from glyphlab.cli.config import config
from glyphlab.cli.console import console
from glyphlab.cli.data import data_app
from glyphlab.cli.doctor import doctor
from glyphlab.cli.evaluate import evaluate
from glyphlab.cli.evidence import evidence
from glyphlab.cli.export import export
from glyphlab.cli.import_ import import_
from glyphlab.cli.lab import lab
from glyphlab.cli.manner import manner
from glyphlab.cli.models import models, summary
from glyphlab.cli.options import Debug, Quiet, Verbose, Version
from glyphlab.cli.predict import predict
from glyphlab.cli.serve import serve
from glyphlab.cli.streams import lasting_streams
from glyphlab.cli.train import train
from glyphlab.cli.tune import tune
from glyphlab.errors import GlyphlabError
from glyphlab.interruption import stopping_signals
from glyphlab.processes import end_with_parent, is_first_process, is_one_of_several, leave

app = App(
    name="glyphlab",
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 success, 1 failure, 2 bad input, 130 stopped by Ctrl-C, SIGTERM or a "
    "terminal that closed. "
    "Results go to standard output, all else to standard error. Options can be set in "
    "glyphlab.toml and by variables such as GLYPHLAB_LAB_SEEDS; glyphlab config shows them.",
)
app.add_typer(data_app, name="data")
app.command("models")(models)
app.command("summary")(summary)
app.command("train")(train)
app.command("tune")(tune)
app.command("evaluate")(evaluate)
app.command("predict")(predict)
app.command("serve")(serve)
app.command("export")(export)
app.command("import")(import_)
app.command("compare")(compare)
app.command("evidence")(evidence)
app.command("lab")(lab)
app.command("config")(config)
app.command("doctor")(doctor)


@app.callback()
def glyphlab(
    version: Version = False, quiet: Quiet = False, verbose: Verbose = False, debug: Debug = False
) -> None:
    """Train, test and compare classifiers of small labelled images."""


def main(words: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit status; an error is one sentence.

    The status is 0 for success, 2 for bad input, 1 for a failure, 130 where Ctrl-C, SIGTERM
    or the closing of its terminal stopped it.

    Parameters
    ----------
    words : sequence of str, optional
        Those behind the command's name; the process's own where none are given.
    """
    words = sys.argv[1:] if words is None else list(words)
    manner.reset()
    # Known before the words are read, for the errors in them.
    manner.debug = "--debug" in words
    manner.words, manner.mute = tuple(words), not is_first_process()
    end_with_parent()
    with lasting_streams():
        _run(words)


def _run(words: Sequence[str]) -> None:
    try:
        with _stopped_as_by_ctrl_c():
            app(words, prog_name="glyphlab")
    except SystemExit as left:
        _leave(left.code)
    except Exception as error:
        if manner.debug:
            import traceback

            traceback.print_exception(error)
        _leave(_explain(error))
    finally:
        manner.reset()


def _leave(status: str | int | None) -> NoReturn:
    if is_one_of_several():
        leave(status if isinstance(status, int) else int(status is not None))
    sys.exit(status)


def _explain(error: Exception) -> int:
    """Say what is wrong, and give the exit status."""
    if isinstance(error, GlyphlabError):
        console.error(str(error))
        return error.exit_status
    where = "the lines above show" if manner.debug else "glyphlab --debug … shows"
    console.error(
        f"glyphlab failed: {type(error).__name__}: {error}. This is a defect; {where} where it is."
    )
    return 1


@contextmanager
def _stopped_as_by_ctrl_c() -> Iterator[None]:
    """Let every signal that stops the work do so as Ctrl-C does, so that nothing is lost."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    others = [number for number in stopping_signals() if number != signal.SIGINT]
    before = {number: signal.signal(number, signal.default_int_handler) for number in others}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
