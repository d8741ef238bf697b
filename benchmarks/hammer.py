"""Clients that ask a server at once, each again as soon as it is answered.

A process of its own: `python hammer.py '{"port": …, "clients": 32, "seconds": 60, "images": DIR}'`
prints what it saw as JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

BOUNDARY = b"b0undary"


def request_of(image: bytes, port: int) -> bytes:
    """A request with one image as a file of a form, as browsers and curl send it."""
    body = (
        b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="image"; filename="a.png"'
        b"\r\nContent-Type: image/png\r\n\r\n" + image + b"\r\n--" + BOUNDARY + b"--\r\n"
    )
    head = (
        f"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Client(asyncio.Protocol):
    """One connection, which is kept."""

    def __init__(self, requests: list[bytes], first: int, until: float) -> None:
        self.waits: list[float] = []
        self.failures: list[str] = []
        self._requests, self._next, self._until = requests, first, until
        self._received = b""
        self._began = 0.0
        self._transport: Any = None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        """Ask for the first time."""
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Take an answer that is whole, and ask again."""
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank or len(body) < int(head.lower().split(b"content-length:")[1].split()[0]):
            return
        self.waits.append(time.perf_counter() - self._began)
        if not head.startswith(b"HTTP/1.1 200"):
            self.failures.append(f"{head.splitlines()[0].decode()} {body[:100].decode()}")
        self._received = b""
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """Note a connection that the server gave up."""
        if time.perf_counter() < self._until:
            self.failures.append(f"connection lost: {error}")
        if not self.ended.done():
            self.ended.set_result(None)

    def _ask(self) -> None:
        self._began = time.perf_counter()
        if self._began >= self._until:
            self._transport.close()
            return
        self._next = (self._next + 1) % len(self._requests)
        self._transport.write(self._requests[self._next])


async def hammer(requests: list[bytes], port: int, clients: int, seconds: float) -> dict[str, Any]:
    """Ask for so many seconds; what came of it."""
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    asking = []
    for number in range(clients):
        _, client = await loop.create_connection(
            lambda number=number: Client(requests, number, began + seconds), "127.0.0.1", port
        )
        asking.append(client)
    await asyncio.wait([client.ended for client in asking], timeout=seconds + 30)
    waits = np.array([wait for client in asking for wait in client.waits])
    failures = [failure for client in asking for failure in client.failures]
    p50, p99 = np.quantile(waits, (0.5, 0.99)) * 1000
    return {
        "requests": len(waits),
        "requests_per_second": len(waits) / (time.perf_counter() - began),
        "p50_ms": float(p50),
        "p99_ms": float(p99),
        "failures": len(failures),
        "first_failures": failures[:3],
    }


def main() -> None:
    """Ask what the JSON argument says."""
    import uvloop

    task = json.loads(sys.argv[1])
    images = [file.read_bytes() for file in sorted(Path(task["images"]).glob("*.png"))]
    requests = [request_of(image, task["port"]) for image in images]
    print(json.dumps(uvloop.run(hammer(requests, task["port"], task["clients"], task["seconds"]))))


if __name__ == "__main__":
    main()
