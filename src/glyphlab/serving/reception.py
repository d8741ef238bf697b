"""Bodies of requests, received within bounds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request

from glyphlab.serving.limits import Limits
from glyphlab.serving.refusal import Refusal, too_busy


class Reception:
    """Receives bodies, and knows how many bytes are held in all.

    Parameters
    ----------
    limits : Limits
    """

    def __init__(self, limits: Limits) -> None:
        self._limits, self._held = limits, 0

    @asynccontextmanager
    async def body(self, request: Request, until: float) -> AsyncIterator[bytes]:
        """The body of a request, which counts as held for the statements of the `with` block.

        Parameters
        ----------
        request : Request
        until : float
            Time of the event loop, in seconds, by which it must have come.

        Raises
        ------
        Refusal
            408 if it comes too slowly or not whole, 413 if it is too large, 429 if too many bytes
            are held already.
        """
        body = bytearray()
        try:
            await self._receive(request, body, until)
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _receive(self, request: Request, body: bytearray, until: float) -> None:
        self._check(int(request.headers.get("content-length", "0")), 0)
        try:
            async with asyncio.timeout_at(until):
                async for piece in request.stream():
                    self._check(len(piece), len(body))
                    body += piece
                    self._held += len(piece)
        except (ClientDisconnect, TimeoutError) as error:
            raise Refusal(
                HTTPStatus.REQUEST_TIMEOUT, "The body did not come whole in time; send it again."
            ) from error

    def _check(self, coming: int, received: int) -> None:
        if received + coming > self._limits.body_bytes:
            raise Refusal(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"A request may have {self._limits.body_bytes:,} bytes at most; send fewer or "
                "smaller images.",
            )
        if self._held + coming > self._limits.held_bytes:
            raise too_busy("The server holds as many bytes as it may; try again in a second.")
