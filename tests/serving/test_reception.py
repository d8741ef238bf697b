"""Bodies are received whole, and count as held until they are answered."""

import asyncio
from typing import Any

import pytest

from glyphlab.serving.http import Request
from glyphlab.serving.limits import Limits
from glyphlab.serving.reception import Reception
from glyphlab.serving.refusal import Refusal


def request(*messages: dict[str, Any]) -> Request:
    coming = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(coming)

    headers = [(b"host", b"first"), (b"host", b"second")]
    scope = {"method": "POST", "path": "/", "query_string": b"a=1&a=&b=%20", "headers": headers}
    return Request(scope, receive)


def piece(content: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def test_pieces_are_put_together_and_counted_while_they_are_held() -> None:
    reception = Reception(Limits(held_bytes=5))

    async def work() -> None:
        with reception.body(request(piece(b"ab", more=True), piece(b"cd"))) as body:
            assert (await body.receive(), body.is_whole, reception.held) == (b"abcd", True, 4)
            with (
                reception.body(request(piece(b"ef"))) as other,
                pytest.raises(Refusal, match="as many bytes as it may") as refused,
            ):
                await other.receive()
            assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})
            assert reception.held == 4

    asyncio.run(work())
    assert reception.held == 0


def test_who_goes_away_leaves_nothing_held() -> None:
    reception = Reception(Limits())

    async def work() -> None:
        with reception.body(request(piece(b"ab", more=True), {"type": "http.disconnect"})) as body:
            with pytest.raises(Refusal, match="did not come whole") as refused:
                await body.receive()
            assert (refused.value.status, body.is_whole) == (408, False)

    asyncio.run(work())
    assert reception.held == 0


def test_of_several_headers_the_first_counts_and_parameters_are_all_there() -> None:
    asked = request()
    assert (asked.header(b"host"), asked.header(b"origin")) == ("first", None)
    assert asked.parameters() == {"a": ["1", ""], "b": [" "]}
