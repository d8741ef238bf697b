"""A web server on 127.0.0.1 that can be told to misbehave."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request; what to answer is up to the server's list of answers."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers.get("Range"))
        self.server.asked.append(self.path.lstrip("/"))
        answers = self.server.answers
        answer = answers.pop(0) if answers else honest
        answer(self)

    @property
    def content(self) -> bytes:
        return self.server.files.get(self.name, b"")

    @property
    def name(self) -> str:
        return self.path.lstrip("/").partition("?")[0]

    @property
    def first_byte(self) -> int:
        asked = self.headers.get("Range")
        return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0

    def send(
        self, status: int, body: bytes, *, length: int | None = None, span: str | None = None
    ) -> None:
        """Send a body, announced as `length` bytes, and close the connection."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if span is not None:
            self.send_header("Content-Range", span)
        if self.name in self.server.versions:
            self.send_header("ETag", self.server.versions[self.name])
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Files by name and their ETags, answers still to give (then it is honest), and what was asked.

    That is the paths, with their queries, and the ranges.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.files: dict[str, bytes] = {}
        self.versions: dict[str, str] = {}
        self.answers: list[Answer] = []
        self.asked: list[str] = []
        self.ranges: list[str | None] = []

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


@contextmanager
def running_server() -> Iterator[Server]:
    """A server that runs until the block ends."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def honest(request: Request) -> None:
    """Answer as a good server does, ranges included."""
    whole, first = request.content, request.first_byte
    if not whole:
        request.send(404, b"not here")
    elif first >= len(whole):
        request.send(416, b"", span=f"bytes */{len(whole)}")
    elif first:
        span = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
        request.send(206, whole[first:], span=span)
    else:
        request.send(200, whole)


def without_ranges(request: Request) -> None:
    """Send the whole file, whatever was asked for."""
    request.send(200, request.content)


def dropping_after(count: int) -> Answer:
    """Announce what is right, and break the connection after so many bytes."""

    def answer(request: Request) -> None:
        whole, first = request.content, request.first_byte
        rest = whole[first:]
        if first:
            span = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
            request.send(206, rest[:count], length=len(rest), span=span)
        else:
            request.send(200, rest[:count], length=len(rest))

    return answer


def refusing(status: int) -> Answer:
    """Answer with an error."""
    return lambda request: request.send(status, b"<html>no</html>")


def announcing(length: int) -> Answer:
    """Announce another length than is published, and send so many bytes."""
    return lambda request: request.send(200, (request.content + bytes(length))[:length])


def endless(request: Request) -> None:
    """Announce no length and send far more than the file holds."""
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    try:
        for _ in range(1000):
            request.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
    except OSError:
        request.close_connection = True


def without_length(request: Request) -> None:
    """Announce no length; the end of the connection is the end of the file."""
    request.send_response(200)
    request.send_header("Connection", "close")
    request.end_headers()
    request.wfile.write(request.content)
    request.close_connection = True


def wrong_span(request: Request) -> None:
    """Answer a range with the beginning of the file."""
    whole = request.content
    request.send(206, whole[:10], span=f"bytes 0-9/{len(whole)}")


def silent(request: Request) -> None:
    """Break the connection without a word."""
    request.close_connection = True
