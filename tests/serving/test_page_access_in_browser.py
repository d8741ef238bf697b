"""The page in a real Chromium for a keyboard, a phone, each theme and each language."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.browser import CONTRAST, Page, click, press, wait_for
from tests.serving.on_page import (
    DOT,
    SHAPES,
    cards,
    draw,
    element,
    on_sheet,
    open_page,
    says,
    switch,
    until,
    upload,
)
from tests.serving.scripted import Script, model


def test_a_finger_draws_and_does_not_scroll(page: Page, address: str, script: Script) -> None:
    open_page(page, address, 360)
    page.send("Emulation.setTouchEmulationEnabled", enabled=True)
    try:
        for kind, places in [
            ("touchStart", [(0.5, 0.9)]),
            *[("touchMove", [(0.5, 0.9 - step / 10)]) for step in range(1, 9)],
            ("touchEnd", []),
        ]:
            points = [on_sheet(page, *place) for place in places]
            page.send("Input.dispatchTouchEvent", type=kind, touchPoints=points)
        says(page, "Both models say A.")
        assert page.evaluate("scrollY") == 0
        until(lambda: script.questions[-1].pixels[50, 140] == 0)
        assert script.questions[-1].pixels[240, 140] == 0
    finally:
        page.send("Emulation.setTouchEmulationEnabled", enabled=False)


def test_the_answer_is_read_out_once_the_hand_rests(opened: Page, script: Script) -> None:
    script.unlike = True
    assert opened.evaluate(f"{element('spoken')}.role") == "status"
    draw(opened, DOT)
    each = "Unlike anything it was trained on."
    says(
        opened,
        f"Both models say A. first: A, 90.0%. {each} second: A, 90.0%. {each}",
        "spoken",
    )


def test_everything_but_drawing_is_reached_by_keyboard_in_order(
    opened: Page, files: Callable[..., Path]
) -> None:
    draw(opened, DOT)
    upload(opened, files("one.png"))
    says(opened, "Both models say A.")
    click(opened, "document.querySelector('#tray label')")  # back to the drawing
    opened.evaluate("document.querySelector('.skip').focus()")
    name = "(e => e.id || e.ariaLabel || e.closest('label')?.innerText || e.innerText)"
    outlines = (
        "[document.activeElement, document.activeElement.parentElement]"
        ".map(e => getComputedStyle(e).outlineStyle)"
    )
    reached = []
    for _ in range(11):
        press(opened, "Tab")
        reached.append(opened.evaluate(f"{name}(document.activeElement)"))
        assert "solid" in opened.evaluate(outlines), reached
    assert reached == [
        *["Русский", "pen", "undo", "clear", "choose", "drawing", "Remove one.png"],
        *["first", "second", "All classes", "All classes"],
    ]


def test_buttons_and_switches_work_by_keyboard(opened: Page, script: Script) -> None:
    draw(opened, DOT)
    says(opened, "Both models say A.")
    opened.send("Page.setInterceptFileChooserDialog", enabled=True)
    opened.evaluate(f"{element('choose')}.focus()")
    press(opened, "Enter")
    opened.evaluate("0")
    assert any(event.get("method") == "Page.fileChooserOpened" for event in opened.events)
    opened.send("Page.setInterceptFileChooserDialog", enabled=False)
    opened.evaluate(f"{switch('second')}.querySelector('input').focus()")
    press(opened, " ")
    says(opened, "first says A.")
    opened.evaluate(f"{element('undo')}.focus()")
    press(opened, "Enter")
    says(opened, "Draw, and the answer comes at once.")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_its_window_and_stands_out(
    page: Page, crowded: str, dark: bool, language: str, files: Callable[..., Path]
) -> None:
    for width in (1280, 768, 360):
        open_page(page, f"{crowded}?lang={language}", width, dark)
        upload(page, files(f"{'long' * 20}.png"))
        wait_for(page, "!document.querySelector('.empty') && document.images.length > 6")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) >= 4.5  # WCAG 2.2, success criterion 1.4.3
        asked = {url for url in page.requested() if not url.startswith(("data:", "blob:"))}
        assert [url for url in asked if not url.startswith(crowded)] == []
        assert page.complaints() == []


@pytest.fixture
def crowded(script: Script, address: str) -> str:
    """The address of a page with all that it can show."""
    script.models = [model(name, examples=9) for name in ("first", "second", "third")]
    script.said |= {"third": "B"}
    script.unlike, script.nearest = True, ["A"]
    return address


def test_the_answer_is_in_sight_below_the_drawing_on_a_phone(page: Page, address: str) -> None:
    page.open(address, 360, height=640)
    wait_for(page, "document.querySelectorAll('.card').length === 2")
    assert page.evaluate(f"{element('headline')}.getBoundingClientRect().bottom") < 500
    assert page.evaluate(f"getComputedStyle({element('canvas')}).touchAction") == "none"


def test_fingers_find_buttons_large_enough(page: Page, address: str) -> None:
    open_page(page, address, 360)
    heights = "[...document.querySelectorAll('button, #switches label')].map(e => e.offsetHeight)"
    assert min(height for height in page.evaluate(heights) if height) >= 32


ENGLISH = {
    "GLYPHLAB",
    "glyphlab",
    "English",
    "first",
    "second",
    "letters",
    "Ctrl",
    "one",
    "png",
    "JavaScript",
}


def test_nothing_but_names_is_english_in_the_russian_page(
    page: Page, script: Script, address: str, files: Callable[..., Path]
) -> None:
    script.said["second"], script.unlike = "B", True
    open_page(page, f"{address}?lang=ru")
    upload(page, files("one.png"))
    says(page, "Модели расходятся: A (first); B (second).")
    assert {question.headers["Accept-Language"] for question in script.questions} == {"ru"}
    assert cards(page, ".probability") == ["90,0\u00a0%", "90,0\u00a0%"]
    script.failures = [(429, {"Retry-After": "9"})]
    click(page, switch("second"))
    says(page, "Сервер занят.", "trouble-text")
    read = page.evaluate(
        "[document.body.innerText, ...[...document.querySelectorAll('[aria-label], [alt]')]"
        ".flatMap(e => [e.ariaLabel ?? '', e.alt ?? ''])].join(' ')"
    )
    assert set(re.findall("[A-Za-z]{2,}", read)) <= ENGLISH


def test_nothing_moves_for_those_who_asked_for_that(opened: Page) -> None:
    motion = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    opened.send("Emulation.setEmulatedMedia", features=motion)
    moving = "[...document.querySelectorAll('*')].map(e => getComputedStyle(e).transitionDuration)"
    assert set(opened.evaluate(moving)) == {"0s"}


def test_a_drawing_follows_the_theme_but_is_sent_black_on_white(
    page: Page, script: Script, address: str
) -> None:
    open_page(page, address, dark=True)
    draw(page, SHAPES["I"])
    says(page, "Both models say A.")
    until(lambda: script.questions[-1].pixels[140, 140] == 0)
    middle: Any = page.evaluate(
        f"(c => [...c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data])"
        f"({element('canvas')})"
    )
    assert min(middle[:3]) > 200
