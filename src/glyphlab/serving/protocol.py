"""HTTP on a connection, with a bound on what comes beside bodies.

uvicorn has none: a line of a header that never ends would be kept in memory as long as it comes.
Bodies are bounded where they are received, in `reception.py`.
"""

from typing import Any

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
    """Ends a connection by which more than bodies comes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._begun = self._body = self._beside = 0

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

    def on_body(self, body: bytes) -> None:
        """Count it; the application does the rest."""
        self._body += len(body)
        super().on_body(body)

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
