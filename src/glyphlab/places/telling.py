"""Calls that go from machine to machine, made seldom enough to cost nothing."""

import time
from collections.abc import Callable
from typing import Generic

from glyphlab.places.place import P

SECONDS_BETWEEN_CALLS = 0.5


class Seldom(Generic[P]):
    """Calls a function if the last call is long enough ago, and leaves other calls out.

    A call that goes to another machine is not waited for; `always` calls and waits.

    Parameters
    ----------
    function : callable
        One that `Place.calling` gave, or any other.
    seconds : float
        Between two calls.
    """

    def __init__(
        self, function: Callable[P, object], seconds: float = SECONDS_BETWEEN_CALLS
    ) -> None:
        self.always, self._seconds = function, seconds
        self._tell = without_waiting(function)
        self._called = time.monotonic()

    def __call__(self, *arguments: P.args, **keywords: P.kwargs) -> None:
        """Call it, perhaps."""
        if time.monotonic() - self._called >= self._seconds:
            self._tell(*arguments, **keywords)
            self._called = time.monotonic()


def without_waiting(function: Callable[P, object]) -> Callable[P, object]:
    """The same function; where its calls go to another machine, nobody waits for them."""
    tell: Callable[P, object] = getattr(function, "tell", function)
    return tell
