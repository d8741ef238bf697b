"""Requests as they come, and answers as they go: as much of ASGI and HTTP as the server needs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import orjson

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Disconnected(Exception):
    """Who asked is gone."""


class Request:
    """What is asked.

    Parameters
    ----------
    scope, receive
        As ASGI gives them for HTTP.

    Attributes
    ----------
    method, path : str
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._query: bytes = scope["query_string"]
        self._headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        self._receive = receive

    def header(self, name: bytes) -> str | None:
        """A header by its name in lower case; the first of several."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    def parameters(self) -> dict[str, list[str]]:
        """What the address asks for after its question mark."""
        return parse_qs(self._query.decode("latin-1"), keep_blank_values=True)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, as it comes.

        Raises
        ------
        Disconnected
            If it ends before it is whole.
        """
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            yield message.get("body", b"")
            more = message.get("more_body", False)


class Answer(NamedTuple):
    """What is answered.

    Attributes
    ----------
    content : bytes
    media_type : str
    status : HTTPStatus
    headers : mapping of str to str, optional
        Beside those of every answer.
    """

    content: bytes
    media_type: str
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] | None = None


def json_answer(
    content: Any,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An answer for programs."""
    return Answer(orjson.dumps(content), "application/json", status, headers)


def raw_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI wants them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


async def give(answer: Answer, send: Send, always: list[tuple[bytes, bytes]]) -> None:
    """Send an answer, with the headers of every one."""
    head = [
        (b"content-type", answer.media_type.encode()),
        (b"content-length", str(len(answer.content)).encode()),
        *always,
        *raw_headers(answer.headers or {}),
    ]
    await send({"type": "http.response.start", "status": int(answer.status), "headers": head})
    await send({"type": "http.response.body", "body": answer.content})
