"""Clients that misbehave, each in its own way, again and again.

What a misdeed ends in is told by a word. `HELD`, `NO_ANSWER`, `REFUSED` and a status of 5xx are
faults of the server; all else is as it should be.
"""

import asyncio
import json
import random
import socket
import struct
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from good_clients import parsed
from mutate import mutated
from questions import form_of, letters, request_of

GIVEN_UP, HELD, NO_ANSWER, GONE = "given up by the server", "held", "no answer", "went away"
REFUSED = "not let in"
HELD_SECONDS = 120.0
"""No client that does nothing is held for longer, nor one that reads no answer: that is answered
until the system's buffers are full, some seventy times, and given up 10 to 20 s later."""
ANSWER_SECONDS = 30.0
SMALL_BUFFER = 4_096
PAUSE_SECONDS = 1.0
BODY_BYTES = 17 << 20
"""More than `glyphlab serve` takes."""


class NotLetIn(Exception):
    """The server took no connection."""


class Target:
    """Where misbehaving clients go, and what they send.

    Parameters
    ----------
    port : int
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.files = letters(8)
        self.form = request_of(*form_of(self.files))
        body, kind = form_of(self.files)
        self.explained = request_of(body, kind, "/api/predict?explain=true")
        self.refused = request_of(bytes(60_000), "image/png")
        encoded = {"images": [b64encode(content).decode() for content in self.files]}
        self.bodies = [
            (self.files[0], "image/png"),
            (body, kind),
            (json.dumps(encoded).encode(), "application/json"),
        ]

    @asynccontextmanager
    async def connected(self, receive_bytes: int | None = None) -> AsyncIterator["Line"]:
        """A connection; with a small buffer, what is not read soon fills the server's."""
        with socket.socket() as connection:
            connection.setblocking(False)
            if receive_bytes is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            loop = asyncio.get_running_loop()
            try:
                await loop.sock_connect(connection, ("127.0.0.1", self.port))
            except OSError as error:
                raise NotLetIn from error
            yield Line(connection)


class Line:
    """A connection, byte by byte."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        await self._loop.sock_sendall(self._connection, data)

    async def receive(self, most: int = 65_536) -> bytes:
        """What comes next; nothing where the server has ended it."""
        return await self._loop.sock_recv(self._connection, most)

    async def is_ended_within(self, seconds: float) -> bool:
        """Whether the server ends it in so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while await self.receive():
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True

    async def is_ended_by_next_byte(self) -> bool:
        """Whether the server ended it, and no byte comes."""
        try:
            return not await self.receive(1)
        except ConnectionError:
            return True

    async def status(self) -> str:
        """Of the answer, when it is whole; a connection may break after that, not before."""
        received = bytearray()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while piece := await self.receive():
                    received += piece
                    if (answer := parsed(received)) is not None:
                        return f"status {answer.status}"
        except (TimeoutError, ConnectionError):
            pass
        return NO_ANSWER

    def break_off(self) -> None:
        """Let the connection end by a reset rather than in peace."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def silent(target: Target, _: random.Random) -> str:
    """Connect, and say nothing."""
    async with target.connected() as line:
        return GIVEN_UP if await line.is_ended_within(HELD_SECONDS) else HELD


async def slow_head(target: Target, chance: random.Random) -> str:
    """Send a head that never ends, byte by byte."""
    async with target.connected() as line:
        await line.send(b"POST /api/predict HTTP/1.1\r\nX-Slow: ")
        return await _dribble(line, chance)


async def slow_body(target: Target, chance: random.Random) -> str:
    """Send a body byte by byte, and go on after it is refused."""
    async with target.connected() as line:
        await line.send(request_of(bytes(10_000), "image/png")[:-9_999])
        return await _dribble(line, chance)


async def _dribble(line: Line, chance: random.Random) -> str:
    waited = 0.0
    while waited < HELD_SECONDS:
        try:
            await line.send(b"a")
        except ConnectionError:
            return GIVEN_UP
        pause = chance.uniform(0.1, 1.0)
        if await line.is_ended_within(pause):
            return GIVEN_UP
        waited += pause
    return HELD


async def answer_not_read(target: Target, chance: random.Random) -> str:
    """Ask for megabytes, and for more each second, and read nothing of them."""
    async with target.connected(SMALL_BUFFER) as line:
        await line.send(target.explained * 50)
        for _ in range(int(HELD_SECONDS)):
            await asyncio.sleep(chance.uniform(0.5, 1.5))
            try:
                await line.send(target.explained)
            except ConnectionError:
                return GIVEN_UP
        return HELD


async def pipelined(target: Target, chance: random.Random) -> str:
    """Send many requests at once, and go away when some, or none, are answered."""
    async with target.connected(SMALL_BUFFER) as line:
        await line.send(chance.choice([target.form, target.explained, target.refused]) * 100)
        await asyncio.sleep(chance.uniform(0, 0.1))
        return GONE


async def slow_reader(target: Target, chance: random.Random) -> str:
    """Read an answer byte by byte, for some seconds."""
    async with target.connected(SMALL_BUFFER) as line:
        await line.send(target.explained)
        if not await line.receive(1):
            return NO_ANSWER
        for _ in range(chance.randrange(50, 1_000)):
            if await line.is_ended_by_next_byte():
                return GIVEN_UP
            await asyncio.sleep(0.01)
        return GONE


async def broken_request(target: Target, chance: random.Random) -> str:
    """Go away in the midst of a request."""
    async with target.connected() as line:
        await line.send(target.form[: chance.randrange(1, len(target.form))])
        if chance.random() < 0.5:
            line.break_off()
        return GONE


async def broken_answer(target: Target, chance: random.Random) -> str:
    """Go away in the midst of an answer, or while it is computed."""
    async with target.connected(SMALL_BUFFER) as line:
        await line.send(target.explained)
        if chance.random() < 0.5:
            await line.receive(100)
        if chance.random() < 0.5:
            line.break_off()
        return GONE


async def tiny_body(target: Target, chance: random.Random) -> str:
    """Send no byte, or one."""
    body = chance.choice([b"", b"a", b"\0", b"[", b"\x89"])
    _, kind = chance.choice(target.bodies)
    async with target.connected() as line:
        await line.send(request_of(body, kind))
        return await line.status()


async def huge_body(target: Target, chance: random.Random) -> str:
    """Send more than is taken, with or without saying so beforehand."""
    await asyncio.sleep(2 * PAUSE_SECONDS)  # it costs both sides much
    body = bytes(BODY_BYTES)
    request = request_of(body, "image/png")
    if chance.random() < 0.5:
        head = (
            b"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        request = head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    async with target.connected() as line:
        sending = asyncio.ensure_future(line.send(request))
        try:
            return await line.status()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def hostile_body(target: Target, chance: random.Random) -> str:
    """Send a good body of which some bytes are changed."""
    body, kind = chance.choice(target.bodies)
    async with target.connected() as line:
        await line.send(request_of(mutated(body, chance), kind))
        return await line.status()


Misdeed = Callable[[Target, random.Random], Awaitable[str]]
MISDEEDS: Mapping[str, Misdeed] = {
    "connects and says nothing": silent,
    "head byte by byte": slow_head,
    "body byte by byte": slow_body,
    "reads no answer": answer_not_read,
    "reads byte by byte": slow_reader,
    "goes with many requests unanswered": pipelined,
    "goes in the midst of a request": broken_request,
    "goes in the midst of an answer": broken_answer,
    "body of 0 or 1 byte": tiny_body,
    "body of 17 MiB": huge_body,
    "hostile body": hostile_body,
}


async def pester(name: str, target: Target, chance: random.Random, ends: Counter[str]) -> None:
    """Do a misdeed again and again, until this is cancelled."""
    while True:
        try:
            ends[await MISDEEDS[name](target, chance)] += 1
        except NotLetIn:
            ends[REFUSED] += 1
        except OSError:
            ends[NO_ANSWER] += 1
        await asyncio.sleep(chance.uniform(0, PAUSE_SECONDS))


def pestering(
    target: Target, each: int, seed: int, ends: Mapping[str, Counter[str]]
) -> Sequence["asyncio.Task[None]"]:
    """So many clients for each misdeed, at work."""
    return [
        asyncio.create_task(
            pester(name, target, random.Random(f"{seed} {name} {number}"), ends[name])
        )
        for name in MISDEEDS
        for number in range(each)
    ]


def harm(ends: Mapping[str, Counter[str]]) -> list[str]:
    """What the misdeeds show to be wrong with the server."""
    return [
        f"{name}: {end}, {times} times"
        for name, counts in ends.items()
        for end, times in counts.items()
        if end in (HELD, NO_ANSWER, REFUSED) or end.startswith("status 5")
    ]
