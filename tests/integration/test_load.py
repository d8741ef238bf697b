"""The short form of `torture/load.py`: a few clients for seconds, and one restart."""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import uvloop

TORTURE = Path(__file__).parents[2] / "torture"
MODULES = ("load", "good_clients", "bad_clients", "questions", "served_process", "mutate")


@pytest.fixture(scope="module")
def load() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TORTURE))
        yield import_module("load")
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def run(load: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    trained: Path = load.trained(tmp_path_factory.mktemp("load") / "run", "logistic")
    return trained


@pytest.fixture(scope="module")
def asked(load: Any, run: Path) -> Any:
    return load.questions(run, seed=1)


@pytest.fixture(scope="module")
def server(load: Any, run: Path) -> Iterator[Any]:
    with load.ServedProcess(run, run.parent / "home", settles=False) as server:
        yield server


def test_clients_that_ask_well_are_answered_among_others_that_misbehave(
    load: Any, server: Any, asked: Any
) -> None:
    found = uvloop.run(load.under_load(server, asked, 8, 4, seed=1))
    assert load.faults(found, grown_megabytes=200) == []
    assert found["requests"] >= 8
    assert all("status 4" in end for end in found["misdeeds"]["body of 17 MiB"])
    assert found["misdeeds"]["goes in the midst of a request"]


def test_a_restart_under_load_loses_no_answer(load: Any, server: Any, asked: Any) -> None:
    found = uvloop.run(load.restarted(server, asked, 8, 1, seed=1))
    assert load.faults(found) == []
    assert found["told"]["closed after an answer that said so"] > 0
    assert found["told"]["no connection"] > 0


def said(name: str, *probabilities: float) -> bytes:
    """An answer about one image, after which the connection ends."""
    prediction = {"class": name, "probabilities": probabilities}
    body = json.dumps({"images": [{"predictions": [prediction]}]}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body


RIGHT = said("B", 0.25, 0.75)
BUSY = b"HTTP/1.1 429 \r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
BROKEN = b"HTTP/1.1 500 \r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def seen_of(load: Any, answers: Sequence[bytes]) -> dict[str, Any]:
    """What a client sees of a server that gives these answers, one a connection."""
    question = load.Question(load.SINGLE, b"ask\r\n\r\n", [[0.25, 0.75]], ["B"])
    left, tally = list(answers), load.Tally()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0))
        writer.close()
        await writer.wait_closed()

    async def scenario() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            (client,) = load.clients(1, port, [question], tally, seed=0)
            await client.run(lambda: not left)

    uvloop.run(scenario())
    seen: dict[str, Any] = load.seen_by(tally, 1, 1.0)
    return {**seen, "tracebacks": 0}


@pytest.mark.parametrize(
    ("answers", "requests", "faults"),
    [
        ([RIGHT, RIGHT], 2, []),
        ([BUSY, RIGHT], 1, []),
        ([BROKEN, RIGHT], 1, ["status 500, 1 times"]),
        ([said("A", 0.25, 0.75), RIGHT], 1, ["wrong, 1 times"]),
        ([said("B", 0.2501, 0.7499), RIGHT], 1, ["wrong, 1 times"]),
        ([RIGHT[:-5], RIGHT], 1, ["half an answer, 1 times"]),
        ([RIGHT[:20], RIGHT], 1, ["half an answer, 1 times"]),
        ([b"", RIGHT], 1, ["sent again: a new connection, 1 times"]),
    ],
)
def test_an_answer_that_is_wrong_half_or_missing_is_noticed(
    load: Any, answers: Sequence[bytes], requests: int, faults: list[str]
) -> None:
    seen = seen_of(load, answers)
    assert seen["requests"] == requests
    assert load.faults(seen) == faults


def test_memory_connections_and_misdeeds_that_do_harm_are_noticed(load: Any) -> None:
    steady = load.memory_of([100.0] * 100)
    growing = load.memory_of([100.0 + second for second in range(100)])
    flat = {"at_10_percent": 100, "at_end": 100, "per_minute": 0, "peak": 100}
    assert steady == pytest.approx(flat, abs=1e-9)
    assert growing["per_minute"] == pytest.approx(60)
    assert growing["at_end"] - growing["at_10_percent"] == pytest.approx(85, abs=1)
    found = {
        **{"failed": {}, "told": {"busy": 3}, "tracebacks": 2, "statuses": [0, 1]},
        **{"memory": growing, "files_before": 10, "files_after": 90},
        "harm": load.harm({"silent": {"held": 1, "given up by the server": 4}, "tiny": {}}),
    }
    assert load.faults(found) == [
        "silent: held, 1 times",
        "exit status 1",
        "2 tracebacks in the log",
        "memory grew by 85 MB",
        "80 more files and connections are open after the load",
    ]
