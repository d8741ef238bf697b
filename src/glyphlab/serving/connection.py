"""A connection with a client: how long the server has patience with it, and how it ends."""

import asyncio
from collections import deque
from collections.abc import Sized
from typing import Any, NamedTuple

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from glyphlab.serving.protocol import BoundedProtocol


class _State(NamedTuple):
    """What changes when a client does something.

    Attributes
    ----------
    heads : int
        Of requests that came whole.
    unanswered : int
        Of these requests.
    unsent_bytes : int
        Of answers that the client has not taken yet.
    """

    heads: int
    unanswered: int
    unsent_bytes: int


class _Flow(FlowControl):
    """Reads nothing more while requests wait for the answer of one before.

    Uvicorn reads on after each answer: a client that sends faster than it is answered would fill
    the memory with requests that wait.
    """

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Read on, if nothing waits."""
        if not self._waiting:
            super().resume_reading()


class Connection(BoundedProtocol):
    """A connection of uvicorn's that is given up when its client is idle, and ends politely.

    Uvicorn waits for ever for the head of a request, for the rest of a body that it has refused,
    and for a client that does not read its answer: some hundred such clients would fill the server.
    And when it ends it closes at once what is idle, though the next request may be on its way.

    Attributes
    ----------
    patience_seconds : float
        A client that the server waits for, and that does nothing for so long, and at most for
        twice as long, is given up. How long a body may take is a matter of `Limits`.
    farewell_seconds : float
        After the end was asked for, an idle connection is closed so much later. A request that
        comes before is answered, and the answer says that it is the last.
    """

    patience_seconds = 10.0
    farewell_seconds = 0.5

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._heads = 0
        self._unanswered: deque[RequestResponseCycle] = deque()
        self._ends = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no longer, and answer none of the requests that came."""
        self._timer.cancel()
        for cycle in self._unanswered:
            cycle.disconnected = True  # uvicorn says so to the last alone; the others would fail
        self.pipeline.clear()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        """Begin to answer a request; after the end was asked for, as the last one."""
        super().on_headers_complete()
        self._heads += 1
        self._unanswered.append(self.cycle)
        if self._ends:
            self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        """Wait for the client again."""
        self._unanswered.popleft()
        super().on_response_complete()

    def shutdown(self) -> None:
        """End after the request that is under way, or comes within moments."""
        self._ends = True
        if self._unanswered:
            self._unanswered[-1].keep_alive = False
        else:
            self.loop.call_later(self.farewell_seconds, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if not self._unanswered:
            self.transport.close()

    def _state(self) -> _State:
        unsent = self.transport.get_write_buffer_size()
        return _State(self._heads, len(self._unanswered), unsent)

    def _look_later(self) -> None:
        self._seen = self._state()
        self._timer = self.loop.call_later(self.patience_seconds, self._look)

    def _look(self) -> None:
        state = self._state()
        waits_for_client = not state.unanswered or state.unsent_bytes > 0
        if waits_for_client and state == self._seen:
            self.transport.abort()
        else:
            self._look_later()
