"""What comes of a file that is given to a reader."""

import resource
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from glyphlab.data.decode import Undecodable
from glyphlab.errors import GlyphlabError
from glyphlab.serving.refusal import Refusal

SECONDS, MEGABYTES = 5.0, 500
WORDS = ("read", "refused", "crashed", "hung", "leaked")
BAD = WORDS[2:]


class Outcome(NamedTuple):
    """What came of it: one of `WORDS`, and of a crash which it was."""

    word: str
    detail: str = ""


def judge(read: Callable[[Path], object], path: Path) -> Outcome:
    """Give a file to a reader, and look at time and memory.

    A result is good, and so is one sentence; other exceptions are crashes, more than `SECONDS` a
    hang, growth by more than `MEGABYTES` a leak.
    """
    before, begun = _peak_megabytes(), time.perf_counter()
    outcome = _tried(read, path)
    if outcome.word in BAD:
        return outcome
    if time.perf_counter() - begun > SECONDS:
        return Outcome("hung")
    return Outcome("leaked") if _peak_megabytes() - before > MEGABYTES else outcome


def _tried(read: Callable[[Path], object], path: Path) -> Outcome:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(path)
    except (GlyphlabError, Undecodable, Refusal):
        return Outcome("refused")
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return Outcome("crashed", f"{type(error).__name__} at {where}: {str(error)[:200]}")
    return Outcome("read")


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
