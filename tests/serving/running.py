"""Servers of the tests' own, and what they are asked."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import AsyncMock, patch

import numpy as np
import uvicorn
from PIL import Image

from glyphlab.serving.limits import Limits
from glyphlab.serving.protocol import bounded_protocol
from glyphlab.serving.server import LOOPBACK_NAMES, application


class Answer(NamedTuple):
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server(NamedTuple):
    """A server that runs, and the application in it."""

    port: int
    app: Any

    def ask(
        self, path: str, body: bytes | None = None, method: str | None = None, **headers: str
    ) -> Answer:
        """One request: GET, or POST of a body; `_` in the name of a header stands for `-`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.headers.items()), response.read())
        connection.close()
        return answer


@contextmanager
def served(
    runs: Sequence[Path],
    limits: Limits | None = None,
    hosts: Sequence[str] = LOOPBACK_NAMES,
    token: str | None = None,
) -> Iterator[Server]:
    """These runs, served from a thread while the block lasts, computed by PyTorch.

    Making ONNX takes seconds; `test_engine.py` holds that it says the same.
    """
    with (
        patch("glyphlab.serving.served.ServedModels.quicken", AsyncMock()),
        application(runs, limits or Limits(), hosts, token) as app,
    ):
        protocol = bounded_protocol((limits or Limits()).seconds)
        config = uvicorn.Config(app, port=0, log_level="critical", lifespan="on", http=protocol)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=asyncio.run, args=[server.serve()])
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield Server(server.servers[0].sockets[0].getsockname()[1], app)
        finally:
            server.should_exit = True
            thread.join()


def png(image: np.ndarray) -> bytes:
    """A grey image as PNG: uint8 [height, width] or [height, width, 1]."""
    buffer = BytesIO()
    Image.fromarray(image.reshape(image.shape[:2])).save(buffer, "PNG")
    return buffer.getvalue()


def form(files: Mapping[str, bytes], boundary: str = "b0undary") -> tuple[bytes, str]:
    """Files as the body of a form, and its type."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n'
        f"Content-Type: image/png\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, content in files.items()
    ]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
