"""The errors that glyphlab raises on purpose, each with the exit status of the command."""

from pathlib import Path


class GlyphlabError(Exception):
    """Something failed; the message is one sentence for a person to act on."""

    exit_status = 1


class InputError(GlyphlabError, ValueError):
    """What the user gave can't be used: the message says what, where, and what to do."""

    exit_status = 2


class Diverged(GlyphlabError):
    """The loss of a training stopped being finite."""


class Interrupted(GlyphlabError):
    """The user stopped long work; the message says what is saved.

    Attributes
    ----------
    path : Path
        What can be gone on with: the folder of a run, or a half-finished download.
    """

    exit_status = 130

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


class ProcessLost(GlyphlabError):
    """Another process of a training ended or can't be reached."""
