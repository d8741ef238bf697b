"""The page of an audit on this machine alone, so that decisions made on it can be saved."""

import json
import re
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Thread
from typing import Any, Self

from glyphlab.errors import InputError
from glyphlab.report.audit_page import PAGE_FILE, content_policy
from glyphlab.serving.headers import security_headers
from glyphlab.serving.refusal import Refusal
from glyphlab.serving.review_folder import ChangedElsewhereError, ReviewFolder, Saved

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "localhost")
"""What a browser on this machine may call the server."""
MAXIMUM_BYTES = 5_000_000
_PAGE, _DECISIONS = ("/", f"/{PAGE_FILE}"), "/decisions"
_TIMEOUT_SECONDS = 30
_POLL_SECONDS = 0.05

HEADERS = security_headers(content_policy())
"""Of every answer."""


class ReviewServer(ThreadingHTTPServer):
    """Serves a folder that `glyphlab data audit` wrote, from a thread, until the block ends.

    `/` is the page. GET `/decisions` gives the decisions as JSON, and their version as ETag; PUT
    replaces them, with that version as If-Match. Only requests that a browser on this machine
    makes for this very address are answered.

    Parameters
    ----------
    folder : Path
    port : int
        0 for any that is free.

    Raises
    ------
    InputError
        If the folder holds no audit of this version, or the port is taken.
    """

    daemon_threads = False

    def __init__(self, folder: Path, port: int = 8008) -> None:
        self.folder = ReviewFolder(folder)
        try:
            super().__init__((ADDRESS, port), _Request)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "it must lie between 0 and 65535"
            raise InputError(
                f"Can't serve on port {port} of this machine: {reason}; choose another --port."
            ) from error
        self._connections: set[socket.socket] = set()
        self._thread = Thread(target=self.serve_forever, args=[_POLL_SECONDS], daemon=True)

    @property
    def address(self) -> str:
        """Where a browser finds the page."""
        return f"http://{ADDRESS}:{self.server_port}/"

    @property
    def decisions_file(self) -> Path:
        """Where the decisions are saved."""
        return self.folder.decisions_file

    @property
    def hosts(self) -> list[str]:
        """What requests may call the server."""
        return [f"{name}:{self.server_port}" for name in NAMES]

    def wait(self) -> None:
        """Return when the user presses Ctrl-C."""
        with suppress(KeyboardInterrupt):
            while self._thread.is_alive():
                self._thread.join(1.0)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and know of it until it is closed.

        Browsers open connections before they have anything to ask; what comes by one of these when
        the server has ended is not served.
        """
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_bind(self) -> None:
        """Bind without asking the system what the address is called, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Request(BaseHTTPRequestHandler):
    """One request, after which the connection is closed."""

    server: ReviewServer
    timeout = _TIMEOUT_SECONDS

    def do_GET(self) -> None:
        """Give the page, or the decisions."""
        self._answer(self._get)

    def do_PUT(self) -> None:
        """Save decisions."""
        self._answer(self._put)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that is no HTTP, or has another method."""
        status = HTTPStatus(code)
        self._send_problem(status, f"{status.phrase}: this server knows GET and PUT only.")

    def version_string(self) -> str:
        """The name of the server; versions are nobody's business."""
        return "glyphlab"

    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""

    def _answer(self, act: Callable[[], None]) -> None:
        try:
            self._check_host()
            act()
        except Refusal as refused:
            self._send_problem(refused.status, str(refused))
        except InputError as error:
            self._send_problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def _get(self) -> None:
        if self.path in _PAGE:
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.folder.page)
        elif self.path == _DECISIONS:
            self._send_decisions(self.server.folder.read())
        else:
            raise Refusal(HTTPStatus.NOT_FOUND, "There is no such page; open /.")

    def _put(self) -> None:
        if self.path != _DECISIONS:
            raise Refusal(HTTPStatus.NOT_FOUND, "Only /decisions can be written.")
        if self.headers.get("Origin") != f"http://{self.headers['Host']}":
            raise Refusal(
                HTTPStatus.FORBIDDEN, "Decisions can be saved from the audit's own page only."
            )
        if self.headers.get_content_type() != "application/json":
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
        seen = self.headers.get("If-Match")
        if seen is None:
            raise Refusal(
                HTTPStatus.PRECONDITION_REQUIRED, "Send the ETag that you saw last as If-Match."
            )
        self._save(self._body(), seen.strip('"'))

    def _save(self, content: bytes, seen: str) -> None:
        try:
            decisions = self.server.folder.accept(content)
        except InputError as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, str(error)) from error
        try:
            self._send_decisions(self.server.folder.save(decisions, seen))
        except ChangedElsewhereError as error:
            raise Refusal(
                HTTPStatus.PRECONDITION_FAILED,
                "The decisions were changed elsewhere, in another tab or by hand; load them again.",
            ) from error

    def _check_host(self) -> None:
        if self.headers.get_all("Host") not in [[host] for host in self.server.hosts]:
            raise Refusal(
                HTTPStatus.FORBIDDEN, f"This server answers at {self.server.address} only."
            )

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,15}", length):
            raise Refusal(HTTPStatus.LENGTH_REQUIRED, "Send the length of the body.")
        if int(length) > MAXIMUM_BYTES:
            raise Refusal(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"Decisions may have {MAXIMUM_BYTES:,} bytes at most.",
            )
        return self.rfile.read(int(length))

    def _send_problem(self, status: HTTPStatus, sentence: str) -> None:
        self._send(status, "application/json", json.dumps({"error": sentence}).encode())

    def _send_decisions(self, saved: Saved) -> None:
        content = saved.decisions.model_dump_json().encode()
        self._send(HTTPStatus.OK, "application/json", content, {"ETag": f'"{saved.version}"'})

    def _send(
        self, status: HTTPStatus, kind: str, content: bytes, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        lines = {"Content-Type": kind, "Content-Length": str(len(content))}
        for name, value in (lines | HEADERS | (more or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
