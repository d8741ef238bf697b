"""Connections of clients that do nothing, and of those that ask while the server ends."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.serving.running import Server, served

from glyphlab.serving.connection import Connection
from glyphlab.serving.limits import Limits
from glyphlab.serving.server import Server as ServingServer

ASK = b"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
SEND = b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"


@pytest.fixture
def hasty(runs: list[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that has patience for a third of a second."""
    monkeypatch.setattr(Connection, "patience_seconds", 0.3)
    with served(runs[:1], Limits(seconds=1.5)) as server:
        yield server


@contextmanager
def connected(server: Server, receive_bytes: int | None = None) -> Iterator[socket.socket]:
    """A connection of which each step may take ten seconds."""
    with socket.socket() as connection:
        if receive_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", server.port))
        yield connection


def until_closed(connection: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionError:
        pass
    return received


def one_answer(connection: socket.socket) -> bytes:
    """An answer, whole."""
    received = b""
    while True:
        head, blank, body = received.partition(b"\r\n\r\n")
        if blank and len(body) == int(head.split(b"content-length: ")[1].split(b"\r\n")[0]):
            return received
        piece = connection.recv(65_536)
        assert piece, received
        received += piece


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: loc"])
def test_a_client_that_sends_no_whole_head_is_given_up(hasty: Server, begun: bytes) -> None:
    with connected(hasty) as connection:
        connection.sendall(begun)
        assert until_closed(connection) == b""


def test_a_head_that_comes_byte_by_byte_is_given_up(hasty: Server) -> None:
    with connected(hasty) as connection, pytest.raises(ConnectionError):
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        for _ in range(100):
            connection.sendall(b"a")
            time.sleep(0.05)


def test_the_rest_of_a_refused_body_is_not_waited_for(hasty: Server) -> None:
    with connected(hasty) as connection:
        connection.sendall(SEND + b"abc")
        assert one_answer(connection).startswith(b"HTTP/1.1 408 ")
        connection.sendall(b"d")
        assert until_closed(connection) == b""


def test_a_client_that_takes_no_answer_is_given_up(hasty: Server) -> None:
    asked = 300
    with connected(hasty, receive_bytes=4096) as connection:
        connection.sendall(ASK * asked)
        time.sleep(1.5)
        answers = until_closed(connection)
    assert answers.startswith(b"HTTP/1.1 200 ")
    assert answers.count(b"HTTP/1.1 200 ") < asked


def test_a_client_that_takes_its_answer_slowly_gets_all_of_it(hasty: Server) -> None:
    with connected(hasty) as connection:
        connection.sendall(ASK)
        whole = one_answer(connection)
    asked = 40
    with connected(hasty, receive_bytes=4096) as connection:
        connection.sendall(ASK * asked)
        received = 0
        while received < len(whole) * asked:
            piece = connection.recv(16_384)
            assert piece
            received += len(piece)
            time.sleep(0.02)


def test_a_client_that_asks_again_and_again_is_kept(hasty: Server) -> None:
    with connected(hasty) as connection:
        for _ in range(8):
            connection.sendall(ASK)
            assert one_answer(connection).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.2)


def test_a_body_may_take_longer_than_the_patience_with_an_idle_client(hasty: Server) -> None:
    with connected(hasty) as connection:
        connection.sendall(SEND)
        for byte in b"none":
            time.sleep(0.25)
            connection.sendall(bytes([byte]))
        assert one_answer(connection).startswith(b"HTTP/1.1 422 ")


def test_what_comes_just_after_the_end_was_asked_for_is_answered_as_the_last(
    runs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "farewell_seconds", 5.0)
    with served(runs[:1]) as server, connected(server) as used, connected(server) as unused:
        used.sendall(ASK)
        assert b"connection: close" not in one_answer(used)
        server.end()
        wait_until(lambda: not listens(server))
        for connection in (used, unused):
            connection.sendall(ASK)
            answer = until_closed(connection)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" in answer
            assert answer.endswith(b"}")


def test_an_idle_connection_does_not_keep_the_server_from_its_end(runs: list[Path]) -> None:
    with served(runs[:1]) as server, connected(server) as connection:
        connection.sendall(b"GET / HT")
        server.end()
        assert until_closed(connection) == b""


def test_nothing_more_is_read_while_requests_wait_for_the_answer_of_one_before() -> None:
    async def scenario(listener: socket.socket) -> list[tuple[int, bool]]:
        may_answer = asyncio.Semaphore(0)

        async def app(_: Any, receive: Any, send: Any) -> None:
            await receive()
            await may_answer.acquire()
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        server = await started(app, listener)
        client = socket.create_connection(listener.getsockname())
        client.sendall(ASK * 4)
        seen = []
        for answered in range(4):
            while server.server_state.total_requests < answered or not len(
                server.server_state.tasks
            ):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            (connection,) = server.server_state.connections
            seen.append((len(connection.pipeline), connection.flow.read_paused))
            may_answer.release()
        client.close()
        await server.shutdown(sockets=[listener])
        return seen

    seen = asyncio.run(scenario(socket.create_server(("127.0.0.1", 0))))
    assert seen == [(3, True), (2, True), (1, True), (0, False)]


def test_who_connected_before_the_end_and_was_not_taken_yet_is_answered() -> None:
    async def app(scope: Any, _: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def scenario(listener: socket.socket) -> list[bytes]:
        server = await started(app, listener)
        clients = [socket.create_connection(listener.getsockname()) for _ in range(3)]
        for client in clients:
            client.sendall(ASK)
        # Between these two lines the server had no time to take the connections.
        await server.shutdown(sockets=[listener])
        answers = [until_closed(client) for client in clients]
        for client in clients:
            client.close()
        return answers

    answers = asyncio.run(scenario(socket.create_server(("127.0.0.1", 0))))
    assert [answer[:13] for answer in answers] == [b"HTTP/1.1 204 "] * 3


async def started(app: Any, listener: socket.socket) -> ServingServer:
    """A server in this loop, which does nothing between two lines of a test that do not wait."""
    config = uvicorn.Config(app, http=Connection, lifespan="off", log_level="critical")
    config.load()
    server = ServingServer(config, lambda: None)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    return server


def listens(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_until(happened: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError("It did not happen.")
