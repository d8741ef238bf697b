"""`--verbose`: what the parts of glyphlab log, and how long the command took."""

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager

from glyphlab.cli.console import console
from glyphlab.cli.manner import manner
from glyphlab.cli.words import duration
from glyphlab.version import __version__


@contextmanager
def details() -> Iterator[None]:
    """Print, while a command runs, what is logged under `glyphlab` at level INFO; if verbose.

    What is logged often, as that a checkpoint was written, is printed once.
    """
    if manner.volume != "verbose":
        yield
        return
    import logging

    said = set[str]()

    class ToConsole(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if message not in said:
                said.add(message)
                console.print(message)

    logger, handler, started = logging.getLogger("glyphlab"), ToConsole(), time.perf_counter()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.info(
        "glyphlab %s, Python %s, %s", __version__, platform.python_version(), platform.platform()
    )
    try:
        yield
    finally:
        logger.info("Took %s.", duration(time.perf_counter() - started))
        logger.removeHandler(handler)
        logger.setLevel(level)
