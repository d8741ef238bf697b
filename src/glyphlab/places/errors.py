"""Errors that go from machine to machine and stay what they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SentError:
    """An exception as its parts: pickle would call its class with its message alone."""

    kind: type[Exception]
    arguments: tuple[Any, ...]
    state: Mapping[str, Any]

    @classmethod
    def of(cls, error: Exception, replaced: Mapping[str, str] | None = None) -> "SentError":
        """Take an exception apart.

        Parameters
        ----------
        error : Exception
        replaced : mapping, optional
            Paths of the sender, each with what the receiver calls it.
        """

        def renamed(value: Any) -> Any:
            for own, name in (replaced or {}).items():
                value = value.replace(own, name) if isinstance(value, str) else value
            return value

        state = {key: value for key, value in vars(error).items() if key != "__notes__"}
        return cls(type(error), tuple(map(renamed, error.args)), state)

    def made(self) -> Exception:
        """The exception, to be raised."""
        error = self.kind.__new__(self.kind, *self.arguments)
        vars(error).update(self.state)
        return error
