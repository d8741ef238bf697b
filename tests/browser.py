"""A real Chromium to look at pages with, driven over its debugging pipe."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-pipe",
)


KEYS = {"ArrowLeft": 37, "Enter": 13, "Escape": 27, " ": 32, "Tab": 9}
"""Key codes of keys that are no letters."""

_START = """
import fcntl, os, sys
high = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for place, end in zip((3, 4), high):
    os.dup2(end, place)
os.execv(sys.argv[3], sys.argv[3:])
"""  # the browser reads commands from descriptor 3 and answers on 4


class Navigated(AssertionError):
    """The page went elsewhere before it answered."""


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
                if "navigated" in answer.get("error", {}).get("message", ""):
                    raise Navigated(answer)
                assert "error" not in answer, answer
                return dict(answer["result"])
            self.events.append(answer)

    def open(self, page: Path | str, width: int, dark: bool = False, height: int = 900) -> None:
        """Load a file or address at a width in CSS pixels, in the light or dark theme."""
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
        address = page if isinstance(page, str) else page.resolve().as_uri()
        self.send("Page.navigate", url=address)
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


def wait_for(page: Page, script: str) -> None:
    """Return when the expression is true in the page, or in the one that it goes to."""
    deadline = time.monotonic() + 20
    while not _is_true(page, script):
        assert time.monotonic() < deadline, script
        time.sleep(0.02)


def _is_true(page: Page, script: str) -> bool:
    try:
        return bool(page.evaluate(script))
    except Navigated:
        return False


def press(page: Page, key: str, **more: Any) -> None:
    """Press a key and let it go, as a keyboard does; `more` goes into the event."""
    code = ord(key.upper()) if len(key) == 1 else KEYS[key]
    event = {"key": key, "windowsVirtualKeyCode": code} | more
    text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
    page.send("Input.dispatchKeyEvent", type="keyDown", **text, **event)
    page.send("Input.dispatchKeyEvent", type="keyUp", **event)


def click(page: Page, element: str) -> None:
    """Click the middle of an element with the pointer."""
    page.evaluate(f"{element}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
    x, y = page.evaluate(
        f"(() => {{ const box = {element}.getBoundingClientRect();"
        "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        page.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


CONTRAST = """
(() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => parse(text).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (parse(colour)[3] !== 0) return canvas(colour);
    }
  };
  const canvas = colour => {
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = colour; context.fillRect(0, 0, 1, 1);
    return "rgb(" + [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)].join() + ")";
  };
  let worst = 99;
  for (const element of document.querySelectorAll(
      "h1, h2, h3, h4, p, a, b, li, td, th, dt, dd, small, summary, code, kbd, figcaption, " +
      "span, bdi, label, legend, text, select, button")) {
    if (!element.textContent.trim() || element.classList.contains("hidden")) continue;
    const style = getComputedStyle(element);
    const ink = canvas(element.tagName === "text" ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    worst = Math.min(worst, (a + 0.05) / (b + 0.05));
  }
  return worst;
})()
"""
