"""Who may ask, and what every answer carries."""

import hmac
from collections.abc import Sequence
from http import HTTPStatus

from glyphlab.serving.headers import security_headers
from glyphlab.serving.http import Request
from glyphlab.serving.refusal import Refusal

HEADERS = security_headers(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""Of every answer."""
_GUARDED = ("/api/", "/metrics")
"""Where a token is wanted, if the server wants one."""


class Guard:
    """Lets a request pass that a browser on an allowed page, or a program, makes.

    Parameters
    ----------
    hosts : sequence of str
        What requests may call the server, without port; any name where there is none. It keeps
        pages of others from asking a server on this machine by a name that they let point to it.
    token : str, optional
        That `/api/` and `/metrics` want.
    """

    def __init__(self, hosts: Sequence[str] = (), token: str | None = None) -> None:
        self._hosts = frozenset(hosts)
        self._token = None if token is None else token.encode()

    def check(self, request: Request) -> None:
        """Let a request pass.

        Raises
        ------
        Refusal
            401 or 403 for one that may not.
        """
        host = request.header(b"host") or ""
        if self._hosts and _without_port(host) not in self._hosts:
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                f"This server does not answer to the name {host[:100]!r}; start it with "
                "--allow-host for names of its own.",
            )
        origin = request.header(b"origin")
        if origin is not None and origin.partition("://")[2] != host:
            raise Refusal(
                HTTPStatus.FORBIDDEN, "Only this server's own page may ask from a browser."
            )
        if self._token is not None and request.path.startswith(_GUARDED):
            self._check_token(self._token, request.header(b"authorization") or "")

    def _check_token(self, expected: bytes, authorization: str) -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), expected):
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                "This server wants its token; send it as Authorization: Bearer TOKEN.",
                {"WWW-Authenticate": "Bearer"},
            )


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).strip("[]").lower()
