"""A server of the page whose answers a test decides."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

from glyphlab.serving.guard import HEADERS
from glyphlab.serving.page import page_files, page_html

LETTERS = "ABCDEFGHIJ"
Failure = tuple[int, dict[str, str]]
"""A status, and headers."""


def picture(level: int, side: int = 28) -> bytes:
    """A PNG of one grey level."""
    buffer = BytesIO()
    Image.new("L", (side, side), level).save(buffer, "PNG")
    return buffer.getvalue()


def model(name: str, classes: Sequence[str] = LETTERS, **more: Any) -> dict[str, Any]:
    """A model as `/api/models` describes it."""
    return {
        "name": name,
        "architecture": "lenet5",
        "dataset": "letters",
        "classes": list(classes),
        "image_shape": [28, 28, 1],
        "parameters": 61_706,
        "validation_accuracy": 0.931,
        "form": True,
        "examples": 0,
    } | more


@dataclass
class Question:
    """A request for predictions, as it came."""

    models: list[str]
    explain: bool
    body: bytes
    headers: dict[str, str]

    @property
    def pixels(self) -> np.ndarray:
        """Grey levels of a bare image."""
        return np.asarray(Image.open(BytesIO(self.body)).convert("L"))


@dataclass
class Script:
    """What the server has and says; a test may change it at any time.

    `said` gives each model's class, `failures` are answered first, one each.
    """

    models: list[dict[str, Any]]
    said: dict[str, str]
    unlike: bool | None = False
    nearest: list[str] = field(default_factory=list)
    token: str | None = None
    body_bytes: int = 1 << 20
    seconds: float = 0.0
    explaining_seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: Lock = field(default_factory=Lock)

    def predict(self, question: Question) -> tuple[int, dict[str, str], Any]:
        """The answer to a question: status, headers and content."""
        with self.lock:
            self.questions.append(question)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            failure = self.failures.pop(0) if self.failures else None
        time.sleep(self.seconds + (self.explaining_seconds if question.explain else 0))
        with self.lock:
            self.at_once -= 1
        if failure:
            return *failure, {"error": "The server said so."}
        known = {each["name"]: each for each in self.models}
        missing = [name for name in question.models if name not in known]
        if missing:
            return 404, {}, {"error": f"There is no model {missing[0]!r}."}
        said = [self.prediction(known[name], question.explain) for name in question.models]
        return 200, {}, {"images": [{"name": "image", "predictions": said}]}

    def prediction(self, described: dict[str, Any], explain: bool) -> dict[str, Any]:
        """0.9 for the class that is said, the rest shared out."""
        classes, said = described["classes"], self.said[described["name"]]
        shares = [0.9 if each == said else 0.1 / (len(classes) - 1) for each in classes]
        answer = {
            "model": described["name"],
            "class": said,
            "probability": 0.9,
            "second": next(each for each in classes if each != said),
            "second_probability": 0.1 / (len(classes) - 1),
            "unlike": self.unlike,
            "probabilities": shares,
        }
        shown = [{"image": _address(60), "class": name, "id": f"{name}/1"} for name in self.nearest]
        more = {"seen": _address(0), "looked": _address(128), "nearest": shown}
        return answer | more if explain else answer


def _address(level: int) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture(level)).decode()}"


class _Handler(BaseHTTPRequestHandler):
    """The page, and the API as the script says."""

    server: "_Server"

    def do_GET(self) -> None:
        url, script = urlsplit(self.path), self.server.script
        if url.path == "/":
            [language] = parse_qs(url.query).get("lang", ["en"])
            self._send(200, "text/html; charset=utf-8", page_html(language))
        elif url.path == "/api/models":
            limits = {"body_bytes": script.body_bytes, "images": 64, "pixels": 16_000_000}
            content = {"models": script.models, "limits": limits}
            self._answer(lambda: (200, {}, content))
        elif file := page_files().get(url.path.removeprefix("/page/")):
            self._send(200, file.media_type, file.content)
        else:
            self._json(404, {}, {"error": "There is no such page."})

    def do_POST(self) -> None:
        parameters = parse_qs(urlsplit(self.path).query)
        question = Question(
            parameters.get("model", []),
            parameters["explain"] == ["true"],
            self.rfile.read(int(self.headers["Content-Length"])),
            dict(self.headers.items()),
        )
        self._answer(lambda: self.server.script.predict(question))

    def _answer(self, make: Callable[[], tuple[int, dict[str, str], Any]]) -> None:
        token = self.server.script.token
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            self._json(401, {"WWW-Authenticate": "Bearer"}, {"error": "A token is wanted."})
        else:
            self._json(*make())

    def _json(self, status: int, headers: dict[str, str], content: Any) -> None:
        self._send(status, "application/json", json.dumps(content).encode(), headers)

    def _send(
        self, status: int, kind: str, content: bytes, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        lines = {"Content-Type": kind, "Content-Length": str(len(content))}
        for name, value in (lines | HEADERS | (more or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    script: Script


@contextmanager
def scripted(script: Script, port: int = 0) -> Iterator[str]:
    """Serve the page and what the script says; gives the address."""
    with _Server(("127.0.0.1", port), _Handler) as server:
        server.script = script
        thread = Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
