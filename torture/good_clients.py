"""Clients that ask well, each again as soon as it is answered, and hold every answer to the truth.

A client that is not answered asks again, as a browser or a program would that finds its connection
closed.
"""

import asyncio
import random
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

from questions import SHARES, Question, is_right

LOST_AFTER_SECONDS = 60.0
"""A request that is not answered in this time, however often it was sent, is lost."""
AGAIN_SECONDS = 0.2
FRESH_EACH = 8
"""One client of so many opens a connection for each request; the others keep theirs."""


class Answer(NamedTuple):
    """What a server said, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unanswered(Exception):
    """A connection ended before the answer was whole."""

    def __init__(self, received: int) -> None:
        super().__init__(f"{received} bytes of an answer")
        self.received = received


@dataclass
class Tally:
    """What clients saw.

    Attributes
    ----------
    waits : dict
        Seconds from a request's first sending to its whole answer, for each kind of question.
    told : Counter
        What happened on the way: `busy` (429), `closed after an answer that said so`, `no
        connection` (nobody listened), `sent again: …` (the connection ended without a byte of an
        answer).
    failed : Counter
        What must not be.
    examples : list of str
        Of the first failures.
    """

    waits: dict[str, "array[float]"] = field(default_factory=lambda: defaultdict(_seconds))
    told: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def fail(self, what: str, example: str = "") -> None:
        """Note a fault."""
        self.failed[what] += 1
        if len(self.examples) < 10:
            self.examples.append(f"{what}: {example}")

    @property
    def answered(self) -> int:
        """How many requests were answered as they must be."""
        return sum(len(waits) for waits in self.waits.values())


def _seconds() -> "array[float]":
    return array("f")


class Wire(asyncio.Protocol):
    """A connection, and the one answer that it waits for."""

    def __init__(self) -> None:
        self.is_open = False
        self.answers = 0
        self._received = bytearray()
        self._answer: asyncio.Future[Answer] | None = None
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """It can be used."""
        self._transport, self.is_open = transport, True

    def data_received(self, data: bytes) -> None:
        """Hand out an answer that is whole."""
        self._received += data
        answer = parsed(self._received)
        if answer is not None and self._answer is not None and not self._answer.done():
            self.answers += 1
            self._answer.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        """Nothing more will come."""
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Unanswered(len(self._received)))

    async def ask(self, request: bytes) -> Answer:
        """Send a request; its answer.

        Raises
        ------
        Unanswered
            If the connection ends before.
        """
        self._received.clear()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Use it no longer."""
        self.is_open = False
        self._transport.close()


def parsed(received: bytearray) -> Answer | None:
    """An answer of which all has come; None before."""
    head, blank, body = bytes(received).partition(b"\r\n\r\n")
    if not blank:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in fields}
    if len(body) < int(headers["content-length"]):
        return None
    return Answer(int(first.split()[1]), headers, body)


class Client:
    """Asks again and again.

    Parameters
    ----------
    port : int
    asked : sequence of Question
    tally : Tally
    seed : int
    keeps : bool
        Whether it uses its connection for many requests.
    """

    def __init__(
        self, port: int, asked: Sequence[Question], tally: Tally, seed: int, keeps: bool = True
    ) -> None:
        self._port, self._tally, self._keeps = port, tally, keeps
        self._chance = random.Random(seed)
        self._by_kind: dict[str, list[Question]] = defaultdict(list)
        for question in asked:
            self._by_kind[question.kind].append(question)
        self._kinds = list(self._by_kind)
        self._shares = [SHARES[kind] for kind in self._kinds]
        self._right: dict[int, set[bytes]] = defaultdict(set)
        self._wire = Wire()

    async def run(self, is_over: Callable[[], bool]) -> None:
        """Ask until it is over; the last request is waited for."""
        while not is_over():
            (kind,) = self._chance.choices(self._kinds, self._shares)
            question = self._chance.choice(self._by_kind[kind])
            begun = time.perf_counter()
            answer = await self._answer(question, begun + LOST_AFTER_SECONDS)
            if answer is not None and self._judge(question, answer):
                self._tally.waits[kind].append(time.perf_counter() - begun)
        if self._wire.is_open:
            self._wire.close()

    async def _answer(self, question: Question, until: float) -> Answer | None:
        """An answer, however often the request must be sent; None if it is lost."""
        while time.perf_counter() < until:
            answer = await self._try(question.request)
            if answer is None:
                await asyncio.sleep(AGAIN_SECONDS)
            elif answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._tally.told["busy"] += 1
                await asyncio.sleep(float(answer.headers["retry-after"]))
            else:
                return answer
        self._tally.fail("lost", question.kind)
        return None

    async def _try(self, request: bytes) -> Answer | None:
        try:
            wire = await self._connected()
        except OSError:
            self._tally.told["no connection"] += 1
            return None
        try:
            answer = await asyncio.wait_for(wire.ask(request), LOST_AFTER_SECONDS)
        except Unanswered as ended:
            if ended.received:
                self._tally.fail("half an answer", str(ended))
            else:
                kept = "a used connection" if wire.answers else "a new connection"
                self._tally.told[f"sent again: {kept}"] += 1
            return None
        except TimeoutError:
            wire.close()
            return None
        if answer.headers.get("connection") == "close":
            self._tally.told["closed after an answer that said so"] += 1
            wire.close()
        elif not self._keeps:
            wire.close()
        return answer

    async def _connected(self) -> Wire:
        if not self._wire.is_open:
            loop = asyncio.get_running_loop()
            _, self._wire = await loop.create_connection(Wire, "127.0.0.1", self._port)
        return self._wire

    def _judge(self, question: Question, answer: Answer) -> bool:
        """Note what is wrong with an answer; of bytes that were right before, nothing is."""
        if answer.status != HTTPStatus.OK:
            self._tally.fail(
                f"status {answer.status}", answer.body[:200].decode("utf-8", "replace")
            )
            return False
        known = self._right[id(question)]
        if answer.body not in known:
            if not is_right(question, answer.body):
                self._tally.fail("wrong", answer.body[:200].decode("utf-8", "replace"))
                return False
            known.add(answer.body)
        return True


def clients(
    number: int, port: int, asked: Sequence[Question], tally: Tally, seed: int
) -> list[Client]:
    """So many clients, one of `FRESH_EACH` of which keeps no connection."""
    return [
        Client(port, asked, tally, hash((seed, place)), keeps=place % FRESH_EACH > 0)
        for place in range(number)
    ]
