"""A connection is ended by which more than bodies comes, or nothing whole."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from select import select
from unittest.mock import patch

import pytest
from tests.serving.running import Server, form, png, served
from tests.toys import bars

from glyphlab.serving.connection import Connection
from glyphlab.serving.limits import Limits
from glyphlab.serving.protocol import MOST_BYTES_BESIDE

CONTENT = png(bars(3, seed=9).images[2])
HEAD = b"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = HEAD + b"Content-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def hasty(runs: list[Path]) -> Iterator[Server]:
    with (
        patch.object(Connection, "patience_seconds", 0.5),
        served(runs[:1], Limits(seconds=0.5)) as server,
    ):
        yield server


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        yield connection


def sent_till_refused(connection: socket.socket, piece: bytes) -> int:
    """Send a piece again and again until the server ends the connection; how many bytes went."""
    sent = 0
    try:
        while sent < 100 * MOST_BYTES_BESIDE:
            connection.sendall(piece)
            sent += len(piece)
            time.sleep(0.001)
    except OSError:
        pass
    return sent


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (HEAD + b"X: ", b"y" * 8_192),
        (HEAD, b"X: y\r\n" * 1_000),
        (b"GET /", b"a" * 8_192),
        (b"", b"\r\n" * 4_096),
        (CHUNKED + b"0\r\nX: ", b"y" * 8_192),
        (CHUNKED, b"1\r\nx\r\n" * 1_000),
    ],
    ids=["a long header", "many headers", "a long path", "empty lines", "a trailer", "tiny chunks"],
)
def test_what_belongs_to_no_body_is_bounded(running: Server, start: bytes, piece: bytes) -> None:
    with connected(running) as connection:
        connection.sendall(start)
        # Buffers of the system take a few hundred kilobytes on their own.
        assert sent_till_refused(connection, piece) < 50 * MOST_BYTES_BESIDE
    assert running.ask("/api/predict", CONTENT, Content_Type="image/png").status == 200


def test_who_sends_too_long_a_head_is_told_so(running: Server) -> None:
    with connected(running) as connection:
        connection.sendall(HEAD + b"X: ")
        for _ in range(MOST_BYTES_BESIDE // 1_024 + 10):
            connection.sendall(b"y" * 1_024)
            answered, _, _ = select([connection], [], [], 0.01)
            if answered:
                break
        assert answered
        assert connection.recv(1_000).startswith(b"HTTP/1.1 431 Request Header Fields Too Large")


@pytest.mark.parametrize("start", [b"", HEAD, CHUNKED + b"4\r\nxx"], ids=["none", "head", "body"])
def test_a_request_that_does_not_come_whole_is_given_up(hasty: Server, start: bytes) -> None:
    with connected(hasty) as connection:
        connection.sendall(start)
        begun = time.monotonic()
        while connection.recv(1_000):
            continue
        assert time.monotonic() - begun < 8


def test_large_bodies_in_pieces_and_several_requests_on_a_connection_are_served(
    running: Server,
) -> None:
    body, kind = form({f"{k}.png": CONTENT for k in range(60)})
    headers = {"Content-Type": kind, "Content-Length": str(len(body))}
    connection = HTTPConnection("127.0.0.1", running.port, timeout=10)
    for _ in range(8):
        pieces = (body[start : start + 3_000] for start in range(0, len(body), 3_000))
        connection.request("POST", "/api/predict", pieces, headers)
        answer = connection.getresponse()
        assert (answer.status, len(json.loads(answer.read())["images"])) == (200, 60)
    connection.close()
