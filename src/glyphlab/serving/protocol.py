"""HTTP on a connection, with bounds on what comes beside bodies, and on how slowly it comes.

uvicorn bounds neither: a line of a header that never ends would be kept in memory as long as it
comes, and a connection by which nothing whole ever comes would stay open. Bodies are bounded where
they are received, in `reception.py`.
"""

from asyncio import BaseTransport, TimerHandle
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

MOST_BYTES_BESIDE = 1 << 16
"""Of the first line, headers, trailers and lengths of chunks of a request, more than its body has.

What comes at once with the beginning of a request is not counted: 256 KB at most.
"""
_TOO_LONG = b"The headers are too long; send shorter ones."


class BoundedProtocol(HttpToolsProtocol):
    """Ends a connection by which more than bodies comes, or a request doesn't come whole."""

    seconds = 20.0
    """From the first byte of a request, or the start of a connection, to the request's end."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._begun = self._body = self._beside = 0
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Wait for a request."""
        super().connection_made(cast("Any", transport))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a piece, and count what of it belongs to no body."""
        begun, body = self._begun, self._body
        super().data_received(data)
        if self._begun != begun:
            return
        self._beside += len(data) - (self._body - body)
        if self._beside > MOST_BYTES_BESIDE + self._body and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """Count anew."""
        super().on_message_begin()
        self._begun += 1
        self._body = self._beside = 0
        self._wait()

    def on_body(self, body: bytes) -> None:
        """Count it; the application does the rest."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._stop_waiting()
        super().on_message_complete()

    def _wait(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(self.seconds, self.timeout_keep_alive_handler)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:  # No answer is on its way.
            length = str(len(_TOO_LONG)).encode()
            self.transport.write(
                STATUS_LINE[431]
                + b"content-type: text/plain; charset=utf-8\r\ncontent-length: "
                + length
                + b"\r\nconnection: close\r\n\r\n"
                + _TOO_LONG
            )
        self.transport.close()


def bounded_protocol(seconds: float) -> type[BoundedProtocol]:
    """The protocol of a server that gives up a request after so many seconds.

    A connection is ended twice as late, so that who sends slowly is told so first.
    """
    return type("BoundedProtocol", (BoundedProtocol,), {"seconds": 2 * seconds})
