"""A small lab report, and a real Chromium to look at it: driven over its debugging pipe."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glyphlab.data.dataset import Dataset
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.report.content import (
    Answer,
    DataDescription,
    LabContent,
    ModelResult,
    Protocol,
    SeedResult,
    Thumbnails,
)
from glyphlab.report.html import lab_html

CLASSES = ("A", "B", "C")

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-pipe",
)


_START = """
import fcntl, os, sys
high = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for place, end in zip((3, 4), high):
    os.dup2(end, place)
os.execv(sys.argv[3], sys.argv[3:])
"""  # the browser reads commands from descriptor 3 and answers on 4


def find_browser() -> str | None:
    """The path of a Chromium: $CHROMIUM, or the first one on the PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab; `send` speaks the Chrome DevTools Protocol."""

    def __init__(self, write_end: int, read_end: int) -> None:
        self._write_end, self._read_end = write_end, read_end
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Do one command and give its result; events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])
            self.events.append(answer)

    def open(self, path: Path, width: int, dark: bool = False, height: int = 900) -> None:
        """Load a file at a width in CSS pixels, in the light or dark theme."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[theme])
        self.events.clear()
        self.send("Page.navigate", url=path.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._receive())

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression in the page."""
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """Save the whole page, as far down as it goes, as a PNG."""
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, path: Path) -> None:
        """Save the page as it is printed."""
        printed = self.send("Page.printToPDF", printBackground=True)
        path.write_bytes(base64.b64decode(printed["data"]))

    def requested(self) -> list[str]:
        """Addresses that the page asked for since it was opened."""
        asked = [e for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in asked]

    def complaints(self) -> list[str]:
        """What the browser logged about the page."""
        logged = [e["params"] for e in self.events if e.get("method") == "Log.entryAdded"]
        thrown = [e for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        return [entry["entry"]["text"] for entry in logged] + [str(event) for event in thrown]

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            chunk = os.read(self._read_end, 1 << 20)
            assert chunk, "the browser ended"
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def open_browser(browser: str, profile: Path) -> Iterator[Page]:
    """Start a browser with a profile of its own, and end it."""
    for_browser, write_end = os.pipe()
    read_end, from_browser = os.pipe()
    ends = [str(for_browser), str(from_browser)]
    process = subprocess.Popen(
        [sys.executable, "-c", _START, *ends, browser, *FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(for_browser, from_browser),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(for_browser)
    os.close(from_browser)
    try:
        yield Page(write_end, read_end)
    finally:
        os.close(write_end)
        os.close(read_end)
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A tab of a real browser; without one the test is skipped, saying so."""
    browser = find_browser()
    if browser is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the PATH, nor is $CHROMIUM set")
    with open_browser(browser, tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="session")
def report(content: LabContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of `content` as a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(lab_html(content), "utf-8")
    return path


@pytest.fixture(scope="session")
def content() -> LabContent:
    """Two models on 60 images of three classes, one of them under both protocols.

    `logistic` recognises 45 and 48 of 60 with its two seeds; `conv2` 57, and 30 as in the
    notebook.
    """
    data = _images()
    results = (
        _result(data, "logistic", "corrected", (45, 48)),
        _result(data, "conv2", "corrected", (57,)),
        _result(data, "conv2", "notebook", (30,)),
    )
    return LabContent(
        title="Two models",
        training=DataDescription.of(data.renamed("train")),
        test=DataDescription.of(data),
        test_images=data.images,
        thumbnails=Thumbnails.of(data, 4),
        results=results,
        answers=(
            Answer(
                "Task 1",
                "Two convolutions",
                "How accurate?",
                ("Rather.", "It is so."),
            ),
        ),
        command="glyphlab lab --seeds 2",
        versions={"glyphlab": "0.1.0", "torch": "2.13.0"},
        machine="2 cores",
        seeds=(0, 1),
        warnings=("Three images are in both parts.",),
    )


def _images() -> Dataset:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 6, 5, 1), dtype=np.uint8)
    ids = [f"test/{CLASSES[i % 3]}/{i}.png" for i in range(60)]
    return Dataset(images, np.arange(60) % 3, ids, CLASSES, "small", "small.zip")


def _result(data: Dataset, model: str, protocol: Protocol, right: tuple[int, ...]) -> ModelResult:
    runs = tuple(_run(data, model, seed, correct) for seed, correct in enumerate(right))
    filters = np.random.default_rng(1).normal(size=(12, 3, 3, 1)).astype(np.float32)
    return ModelResult(model, "Task 1", protocol, runs, "a model", filters, "epochs = 3\n")


def _run(data: Dataset, model: str, seed: int, correct: int) -> SeedResult:
    said = np.where(np.arange(60) < correct, data.labels, (data.labels + 1) % 3)
    probabilities = np.full((60, 3), 0.1, np.float32)
    probabilities[np.arange(60), said] = np.linspace(0.5, 0.8, 60)
    parameters = 7_850 if model == "logistic" else 225_898
    evaluation = Evaluation(
        probabilities, data.labels, CLASSES, data.ids, model, "small", "f", seed, parameters, 0.5
    )
    epochs = [
        {
            "epoch": epoch,
            "loss": 2 / epoch,
            "train_accuracy": 0.5 + epoch / 10,
            "validation_loss": 2.5 / epoch,
            "validation_accuracy": 0.4 + epoch / 10,
        }
        for epoch in (1, 2, 3)
    ]
    return SeedResult(evaluation, epochs, 0.8, 0.7, 12.5 + seed, 1_000.0)
