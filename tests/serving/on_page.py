"""What tests do on the page of served models: draw, look, and wait for what it says."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.browser import Page, wait_for

Point = tuple[float, float]
DOT: list[list[Point]] = [[(0.5, 0.5), (0.6, 0.5)]]
ACROSS: list[list[Point]] = [[(0.2, 0.5), (0.8, 0.5)]]
SHAPES: dict[str, list[list[Point]]] = {
    "A": [[(0.2, 0.88), (0.5, 0.12), (0.8, 0.88)], [(0.33, 0.6), (0.67, 0.6)]],
    "C": [[(0.8, 0.25), (0.5, 0.12), (0.22, 0.3), (0.22, 0.7), (0.5, 0.88), (0.8, 0.75)]],
    "E": [
        [(0.75, 0.12), (0.3, 0.12), (0.3, 0.88), (0.75, 0.88)],
        [(0.3, 0.5), (0.65, 0.5)],
    ],
    "F": [[(0.75, 0.12), (0.3, 0.12), (0.3, 0.88)], [(0.3, 0.48), (0.65, 0.48)]],
    "H": [
        [(0.25, 0.12), (0.25, 0.88)],
        [(0.75, 0.12), (0.75, 0.88)],
        [(0.25, 0.5), (0.75, 0.5)],
    ],
    "I": [[(0.5, 0.12), (0.5, 0.88)]],
}
"""Strokes of letters, in shares of the sheet's side."""
_STEPS = 6


def draw(page: Page, strokes: Sequence[Sequence[Point]], **event: Any) -> None:
    """Draw on the page's sheet with the mouse; `event` changes what each event says."""
    for stroke in strokes:
        points = [on_sheet(page, *point) for point in _path(stroke)]
        for kind, place in [
            ("mousePressed", points[0]),
            *[("mouseMoved", point) for point in points[1:]],
            ("mouseReleased", points[-1]),
        ]:
            told = {"button": "left", "buttons": 1, "clickCount": 1} | place | event
            page.send("Input.dispatchMouseEvent", type=kind, **told)


def on_sheet(page: Page, x: float, y: float) -> dict[str, float]:
    """A place on the sheet in pixels of the window."""
    left, top, width, height = page.evaluate(
        "(box => [box.x, box.y, box.width, box.height])"
        "(document.getElementById('canvas').getBoundingClientRect())"
    )
    return {"x": left + x * width, "y": top + y * height}


def _path(stroke: Sequence[Point]) -> Iterator[Point]:
    yield stroke[0]
    for (x0, y0), (x1, y1) in pairwise(stroke):
        for step in range(1, _STEPS + 1):
            yield x0 + (x1 - x0) * step / _STEPS, y0 + (y1 - y0) * step / _STEPS


def element(name: str) -> str:
    return f"document.getElementById('{name}')"


def text(page: Page, name: str) -> str:
    return str(page.evaluate(f"{element(name)}.textContent"))


def says(page: Page, sentence: str, name: str = "headline") -> None:
    """Wait until the page says so."""
    wait_for(page, f"{element(name)}.textContent.trim() === {json.dumps(sentence)}")


def is_shown(page: Page, name: str) -> bool:
    return bool(page.evaluate(f"{element(name)}.checkVisibility()"))


def switch(name: str) -> str:
    return f"[...document.querySelectorAll('#switches label')].find(l => l.innerText === {name!r})"


def cards(page: Page, part: str) -> list[str]:
    """A part's text in each card that is shown."""
    found = "[...document.querySelectorAll('.card')].filter(card => card.checkVisibility())"
    return list(page.evaluate(f"{found}.map(card => card.querySelector({part!r}).innerText)"))


def looked_at(page: Page) -> list[str]:
    """Names in the list of what can be looked at."""
    return list(
        page.evaluate("[...document.querySelectorAll('#tray label')].map(l => l.innerText)")
    )


def upload(page: Page, *files: Path) -> None:
    found = page.send("Runtime.evaluate", expression=element("files"))["result"]["objectId"]
    page.send("DOM.setFileInputFiles", files=[str(file) for file in files], objectId=found)


def open_page(page: Page, address: str, width: int = 1280, dark: bool = False) -> None:
    page.open(address, width, dark)
    wait_for(page, "document.querySelectorAll('.card').length > 0")


def until(condition: Callable[[], bool]) -> None:
    """Wait for what the server was asked."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
