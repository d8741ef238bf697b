"""A request that is not served."""

from collections.abc import Mapping
from http import HTTPStatus


class Refusal(Exception):
    """Why a request is not served, in one sentence.

    Parameters
    ----------
    status : HTTPStatus
    sentence : str
        What is wrong and what to do.
    headers : mapping of str to str, optional
        Of the answer, as `Retry-After`.
    """

    def __init__(
        self, status: HTTPStatus, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = dict(headers or {})


def too_busy(sentence: str) -> Refusal:
    """Refuse what could be served a second later."""
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, sentence, {"Retry-After": "1"})
