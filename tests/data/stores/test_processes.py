"""Threads and processes share the cache: one fetches, others wait; a killed one leaves no trace."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.data.server import Server, running_server
from tests.data.stores.answers import waiting

from glyphlab.data.stores import fetch
from glyphlab.data.stores.cache import Cache

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FETCHES = """
import hashlib, sys
from glyphlab.data.stores import fetch
path = fetch(sys.argv[1])
print(hashlib.sha256(path.read_bytes()).hexdigest())
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with running_server() as running:
        running.files["x.zip"] = CONTENT
        running.versions["x.zip"] = '"first"'
        yield running


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def start(server: Server) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", FETCHES, server.address("x.zip")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def parts(home: Path) -> list[Path]:
    return list((home / "cache" / "stores").glob("*.part"))


def wholes(home: Path) -> list[Path]:
    return list((home / "cache" / "stores").glob("*/*"))


def wait_for_bytes(home: Path) -> None:
    """Until a part has some; the test's own time limit is that of a hanging child."""
    until = time.monotonic() + 60
    while not any(part.stat().st_size for part in parts(home)):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_process_killed_half_way_leaves_nothing_that_counts(
    server: Server, go_on: threading.Event, own_home: Path
) -> None:
    server.answers = [waiting(100_000, go_on)]
    with start(server) as child:
        wait_for_bytes(own_home)
        child.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        child.wait()
    assert wholes(own_home) == []
    assert len(parts(own_home)) == 1
    assert fetch(server.address("x.zip")).read_bytes() == CONTENT
    assert parts(own_home) == []


def test_two_processes_fetch_the_same(
    server: Server, go_on: threading.Event, own_home: Path
) -> None:
    server.answers = [waiting(100_000, go_on)]
    with start(server) as one, start(server) as other:
        wait_for_bytes(own_home)
        go_on.set()
        said = [process.communicate()[0].strip() for process in (one, other)]
    assert said == [SHA256, SHA256]
    assert len(wholes(own_home)) == 1
    assert parts(own_home) == []


def test_who_comes_second_waits_for_the_first(
    server: Server, go_on: threading.Event, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_being_fetched = Cache.is_being_fetched

    def and_then_it_comes(cache: Cache, key: str) -> bool:
        is_under_way = is_being_fetched(cache, key)
        if is_under_way:
            go_on.set()
        return is_under_way

    server.answers = [waiting(100_000, go_on)]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(fetch, server.address("x.zip"), sha256=SHA256)
        wait_for_bytes(own_home)
        monkeypatch.setattr(Cache, "is_being_fetched", and_then_it_comes)
        second = pool.submit(fetch, server.address("x.zip"), sha256=SHA256)
        assert first.result() == second.result()
    assert go_on.is_set()
    assert len(server.asked) == 1


def test_nothing_is_said_or_left_open_at_the_end(server: Server, own_home: Path) -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", FETCHES, server.address("x.zip")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == SHA256
    assert done.stderr == ""
