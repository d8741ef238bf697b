"""The errors that glyphlab raises on purpose, each with the exit status of the command."""


class GlyphlabError(Exception):
    """Something failed; the message is one sentence for a person to act on."""

    exit_status = 1


class InputError(GlyphlabError, ValueError):
    """What the user gave can't be used: the message says what, where, and what to do."""

    exit_status = 2


class Interrupted(GlyphlabError):
    """The user stopped the work; the message says what is saved and how to go on."""

    exit_status = 130
