"""A request that is not served."""

from collections.abc import Callable, Mapping
from http import HTTPStatus


class Refusal(Exception):
    """Why a request is not served, in one sentence.

    Parameters
    ----------
    status : HTTPStatus
    sentence : str or callable
        What is wrong and what to do; or what says it when it is asked for, in the language that is
        spoken then.
    headers : mapping of str to str, optional
        Of the answer, as `Retry-After`.
    """

    def __init__(
        self,
        status: HTTPStatus,
        sentence: str | Callable[[], str],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self._sentence = sentence
        self.status = status
        self.headers = dict(headers or {})

    def __str__(self) -> str:
        return self._sentence if isinstance(self._sentence, str) else self._sentence()


def too_busy(sentence: str) -> Refusal:
    """Refuse what could be served a second later."""
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, sentence, {"Retry-After": "1"})
