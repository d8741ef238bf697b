"""The server, asked without a socket: its protocol reads bytes, and what it answers is kept."""

import asyncio
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from uvicorn.server import ServerState

from glyphlab.errors import GlyphlabError
from glyphlab.serving.limits import Limits
from glyphlab.serving.server import LOOPBACK_NAMES, application, configuration

_SECONDS = 2.0


class Unanswered(GlyphlabError):
    """No answer, or none but refusals."""


class ServerInProcess:
    """A server of one run.

    Parameters
    ----------
    run : Path
    """

    def __init__(self, run: Path) -> None:
        self._open = ExitStack()
        limits = Limits(seconds=_SECONDS)
        app = self._open.enter_context(application([run], limits, LOOPBACK_NAMES))
        self._config = configuration(app)
        self._config.load()
        self._failures = _Failures()
        for name in ("glyphlab.serving", "uvicorn.error"):
            logger = logging.getLogger(name)
            logger.addHandler(self._failures)
            logger.propagate = False

    def ask(self, sent: bytes) -> bytes:
        """Give the server these bytes on a new connection; what it answers.

        Raises
        ------
        Unanswered
            If no request among them was served.
        Exception
            What failed in the server.
        """
        self._failures.seen.clear()
        answered = asyncio.run(self._ask(sent))
        for error in self._failures.seen:
            raise error
        if b"HTTP/1.1 2" not in answered:
            raise Unanswered(answered[:100].decode("latin-1"))
        return answered

    async def _ask(self, sent: bytes) -> bytes:
        wire, state = _Wire(), ServerState()
        protocol: Any = cast("Any", self._config.http_protocol_class)(self._config, state, {})
        protocol.connection_made(wire)
        protocol.data_received(sent)
        for _ in range(3):
            await asyncio.sleep(0)
        cycle = protocol.cycle
        if state.tasks and cycle is not None and cycle.more_body:
            protocol.connection_lost(None)  # It would wait for the rest.
        while state.tasks:
            await asyncio.wait(state.tasks, timeout=2 * _SECONDS)
        if protocol.parser is not None:
            protocol.connection_lost(None)
        return bytes(wire.written)


class _Wire(asyncio.Transport):
    """Where answers are written to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self._closing = False

    def write(self, data: Any) -> None:
        if not self._closing:
            self.written += data

    def close(self) -> None:
        self._closing = True

    def abort(self) -> None:
        self._closing = True

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        """Nothing more comes anyway."""

    def resume_reading(self) -> None:
        """Nothing more comes anyway."""


class _Failures(logging.Handler):
    """Exceptions that were logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self.seen.append(record.exc_info[1])
