"""Errors that are sent."""

import pickle
from pathlib import Path

from glyphlab.errors import Diverged, InputError, Interrupted
from glyphlab.places.errors import SentError


def sent(error: Exception, **replaced: str) -> Exception:
    taken: SentError = pickle.loads(pickle.dumps(SentError.of(error, replaced)))
    return taken.made()


def test_an_error_keeps_class_sentence_and_what_it_knows() -> None:
    stopped = sent(Interrupted("Stopped.", Path("runs/one")))
    assert type(stopped) is Interrupted
    assert (str(stopped), stopped.path) == ("Stopped.", Path("runs/one"))
    assert type(sent(InputError("No."))) is InputError
    assert str(sent(Diverged("The loss is not finite."))) == "The loss is not finite."


def test_paths_are_called_as_the_receiver_does() -> None:
    error = InputError("The run in /tmp/x has another Recipe.")
    assert str(SentError.of(error, {"/tmp/x": "runs/one"}).made()) == (
        "The run in runs/one has another Recipe."
    )
