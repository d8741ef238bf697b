"""More ways for a server to answer, as stores do when they fail."""

import threading
from collections.abc import Callable

from tests.data.server import Answer, Request


def redirecting(place: str, status: int = 302) -> Answer:
    """Send the client elsewhere."""

    def answer(request: Request) -> None:
        request.send_response(status)
        request.send_header("Location", place)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


class Listener:
    """Progress that knows how far it is, and an answer that breaks when that much has arrived."""

    def __init__(self) -> None:
        self._done = 0
        self._moved = threading.Condition()

    def __call__(self, done: int, total: int | None) -> None:
        with self._moved:
            self._done = done
            self._moved.notify_all()

    def dropping_after(self, count: int) -> Answer:
        def answer(request: Request) -> None:
            whole, first = request.content, request.first_byte
            span = f"bytes {first}-{len(whole) - 1}/{len(whole)}" if first else None
            rest = whole[first:]
            body = rest[:count]
            request.send(206 if first else 200, body, length=len(rest), span=span)
            request.wfile.flush()
            with self._moved:
                assert self._moved.wait_for(lambda: self._done >= first + len(body), 60)

        return answer


def waiting(after: int, until: threading.Event) -> Answer:
    """Announce all, send so many bytes, and the rest once the event has come."""

    def answer(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(request.content)))
        if request.name in request.server.versions:
            request.send_header("ETag", request.server.versions[request.name])
        request.end_headers()
        request.wfile.write(request.content[:after])
        request.wfile.flush()
        until.wait(60)
        request.close_connection = True
        try:
            request.wfile.write(request.content[after:])
        except OSError:
            return

    return answer


def page(request: Request) -> None:
    """Send a page instead of a file, as log-ins do, and say that it is one."""
    body = b"<!DOCTYPE html><p>Please log in"
    request.send_response(200)
    request.send_header("Content-Type", "text/html; charset=utf-8")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def unnamed_page(request: Request) -> None:
    """Send a page, and say nothing of it."""
    request.send(200, b"\n<HTML><p>Please log in")


def encoded(request: Request) -> None:
    """Send a file encoded, though nobody asked."""
    request.send_response(200)
    request.send_header("Content-Encoding", "br")
    request.send_header("Content-Length", "3")
    request.end_headers()
    request.wfile.write(b"abc")


def gibberish(request: Request) -> None:
    """Answer in no HTTP."""
    request.wfile.write(b"220 mail.example SMTP\r\n\r\n")
    request.close_connection = True


def for_user(authorization: str, answer: Callable[[Request], None]) -> Answer:
    """Let one user in."""

    def checked(request: Request) -> None:
        if request.headers.get("Authorization") == authorization:
            answer(request)
        else:
            request.send(401, b"who are you?")

    return checked
