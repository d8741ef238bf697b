"""What every request passes: who may ask, what every answer carries, what is counted."""

import hmac
import logging
import time
from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glyphlab.serving.headers import security_headers
from glyphlab.serving.metrics import Metrics
from glyphlab.serving.refusal import Refusal

HEADERS = security_headers(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""Of every answer."""
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_GUARDED = ("/api/", "/metrics")
"""Where a token is wanted, if the server wants one."""
_KNOWN = (
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/models",
    "/api/predict",
    "/api/openapi.json",
)
_log = logging.getLogger(__name__)


class Guard:
    """Lets a request pass that a browser on an allowed page, or a program, makes.

    Parameters
    ----------
    app : ASGI application
    metrics : Metrics
    hosts : sequence of str
        What requests may call the server, without port; any name where there is none. It keeps
        pages of others from asking a server on this machine by a name that they let point to it.
    token : str, optional
        That `/api/` and `/metrics` want.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, hosts: Sequence[str], token: str | None
    ) -> None:
        self._app, self._metrics, self._hosts = app, metrics, frozenset(hosts)
        self._token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say why not; what is no HTTP passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        start, began = time.perf_counter(), False

        async def guarded(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                message["headers"] = [*message.get("headers", ()), *_RAW_HEADERS]
                shown = path if path in _KNOWN else "other"
                self._metrics.requests.labels(shown, str(message["status"])).inc()
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, receive, guarded)
        except Refusal as refused:
            await problem(refused)(scope, receive, guarded)
        except Exception:
            _log.exception("A request to %s failed", path)
            if not began:
                await problem(failure())(scope, receive, guarded)
        if path == "/api/predict":
            self._metrics.seconds.observe(time.perf_counter() - start)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts and _without_port(host) not in self._hosts:
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                f"This server does not answer to the name {host[:100]!r}; start it with "
                "--allow-host for names of its own.",
            )
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            raise Refusal(
                HTTPStatus.FORBIDDEN, "Only this server's own page may ask from a browser."
            )
        if self._token is not None and scope["path"].startswith(_GUARDED):
            self._check_token(headers.get("authorization", ""))

    def _check_token(self, authorization: str) -> None:
        scheme, _, given = authorization.partition(" ")
        expected = self._token or b""
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), expected):
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                "This server wants its token; send it as Authorization: Bearer TOKEN.",
                {"WWW-Authenticate": "Bearer"},
            )


def problem(refused: Refusal) -> Response:
    """The answer to a request that is not served."""
    return JSONResponse({"error": str(refused)}, int(refused.status), refused.headers)


def failure() -> Refusal:
    """Say no more of a defect than that there is one."""
    return Refusal(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The server failed; what happened is in its log.",
    )


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).strip("[]").lower()
