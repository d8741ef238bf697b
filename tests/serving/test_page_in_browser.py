"""Drawing on the page in a real Chromium, before a server whose answers are known."""

import json
import threading

import pytest
from tests.browser import Page, click, press, wait_for
from tests.serving.on_page import (
    ACROSS,
    DOT,
    cards,
    draw,
    element,
    is_shown,
    on_sheet,
    open_page,
    says,
    switch,
    text,
    until,
)
from tests.serving.scripted import Script, model


def test_what_is_drawn_is_sent_as_black_on_white_and_named(opened: Page, script: Script) -> None:
    assert text(opened, "headline") == "Draw, and the answer comes at once."
    draw(opened, ACROSS)
    says(opened, "Both models say A.")
    wait_for(opened, "document.querySelectorAll('.first').length === 2")
    until(lambda: script.questions[-1].pixels[140, 70:210].max() == 0)  # from end to end
    sent = script.questions[-1]
    assert (sent.models, sent.explain) == (["first", "second"], True)
    assert sent.pixels.shape == (280, 280)
    assert sent.pixels[:100].min() == sent.pixels[180:].min() == 255
    assert cards(opened, ".class") == ["A", "A"]
    assert cards(opened, ".probability") == ["90.0%", "90.0%"]


def test_the_likeliest_classes_are_shown_and_the_rest_on_demand(opened: Page) -> None:
    draw(opened, DOT)
    says(opened, "Both models say A.")
    rows = "[...document.querySelector('.bars').children].map(row => row.innerText.split('\\n'))"
    assert [row[0] for row in opened.evaluate(rows)] == ["A", "B", "C"]
    click(opened, "document.querySelector('.more')")
    shown = opened.evaluate(rows)
    assert [row[0] for row in shown] == list("ABCDEFGHIJ")
    assert [row[-1] for row in shown] == ["90.0%", *["1.1%"] * 9]
    widths = "[...document.querySelectorAll('.bars .bar')].map(bar => bar.offsetWidth)"
    wait_for(opened, f"{widths}[0] > 60 * {widths}[1]")  # 0.9 to 0.011
    click(opened, "document.querySelector('.more')")
    assert len(opened.evaluate(rows)) == 3


def test_models_that_disagree_are_said_to(opened: Page, script: Script) -> None:
    script.said["second"] = "B"
    draw(opened, DOT)
    says(opened, "The models disagree: A (first); B (second).")


def test_models_that_know_different_classes_do_not_disagree(
    opened: Page, script: Script, address: str
) -> None:
    script.models = [model("first"), model("second", "0123")]
    script.said["second"] = "3"
    open_page(opened, address)
    draw(opened, DOT)
    says(opened, "A (first); 3 (second).")


def test_a_model_that_is_switched_off_is_not_asked(opened: Page, script: Script) -> None:
    draw(opened, DOT)
    says(opened, "Both models say A.")
    click(opened, switch("second"))
    says(opened, "first says A.")
    assert script.questions[-1].models == ["first"]
    assert cards(opened, "h2") == ["first"]
    click(opened, switch("first"))
    says(opened, "Every model is off; switch one on.")
    click(opened, switch("second"))
    says(opened, "second says A.")


def test_one_model_is_no_choice(opened: Page, script: Script, address: str) -> None:
    script.models = [model("first")]
    open_page(opened, address)
    assert not is_shown(opened, "models")


def test_what_is_cleared_comes_back_by_undo(opened: Page, script: Script) -> None:
    enabled = f"[{element('undo')}, {element('clear')}].map(button => !button.disabled)"
    assert opened.evaluate(enabled) == [False, False]
    draw(opened, [[(0.2, 0.2), (0.8, 0.2)]])
    draw(opened, [[(0.2, 0.8), (0.8, 0.8)]])
    says(opened, "Both models say A.")
    click(opened, element("clear"))
    says(opened, "Draw, and the answer comes at once.")
    assert is_shown(opened, "hint")
    assert cards(opened, ".class") == ["", ""]
    click(opened, element("undo"))
    says(opened, "Both models say A.")
    press(opened, "z", modifiers=2)
    wait_for(opened, f"{enabled}[0]")
    until(lambda: script.questions[-1].pixels[224, 140] == 255)  # the second stroke is gone
    assert script.questions[-1].pixels[56, 140] == 0
    press(opened, "я", code="KeyZ", windowsVirtualKeyCode=90, modifiers=2)
    says(opened, "Draw, and the answer comes at once.")
    assert opened.evaluate(enabled) == [False, False]


def ink(script: Script) -> int:
    return int((script.questions[-1].pixels < 128).sum())


def test_the_pen_can_be_made_wider(opened: Page, script: Script) -> None:
    amounts = []
    draw(opened, DOT)
    says(opened, "Both models say A.")
    for width in (4, 12):
        click(opened, element("clear"))
        opened.evaluate(
            f"{element('pen')}.value = {width}, {element('pen')}.dispatchEvent(new Event('input'))"
        )
        draw(opened, ACROSS)
        until(lambda: script.questions[-1].pixels[140, 60:220].max() == 0)
        amounts.append(ink(script))
    assert amounts[1] > 2.5 * amounts[0]


def test_a_pen_that_is_pressed_harder_draws_a_wider_line(opened: Page, script: Script) -> None:
    amounts = []
    draw(opened, DOT)
    says(opened, "Both models say A.")
    for force in (0.2, 0.9):
        click(opened, element("clear"))
        draw(opened, ACROSS, pointerType="pen", force=force)
        until(lambda: script.questions[-1].pixels[140, 60:220].max() == 0)
        amounts.append(ink(script))
    assert amounts[1] > 1.8 * amounts[0]


def test_answers_come_while_the_hand_moves_and_one_is_asked_for_at_a_time(
    opened: Page, script: Script
) -> None:
    script.seconds = 0.15
    there_and_back = [(0.1 + 0.8 * (step % 2), 0.1 + step / 20) for step in range(16)]
    moved = threading.Event()
    seen: list[str] = []
    place = on_sheet(opened, *there_and_back[0])
    button = {"button": "left", "buttons": 1, "clickCount": 1}
    opened.send("Input.dispatchMouseEvent", type="mousePressed", **button, **place)
    for point in there_and_back * 2:
        opened.send(
            "Input.dispatchMouseEvent", type="mouseMoved", **button, **on_sheet(opened, *point)
        )
        moved.wait(0.03)
        seen.append(text(opened, "headline"))
    assert seen[-1] == "Both models say A."
    last = on_sheet(opened, 0.5, 0.95)
    opened.send("Input.dispatchMouseEvent", type="mouseMoved", **button, **last)
    opened.send("Input.dispatchMouseEvent", type="mouseReleased", **button, **last)
    until(lambda: script.questions[-1].pixels[266, 140] == 0)  # the newest is asked for last
    assert script.most_at_once == 1
    assert len(script.questions) < 20


def test_explanations_that_take_long_wait_for_the_end_of_a_stroke(
    opened: Page, script: Script
) -> None:
    script.explaining_seconds = 0.5
    draw(opened, DOT)
    says(opened, "Both models say A.")
    place = on_sheet(opened, 0.2, 0.2)
    button = {"button": "left", "buttons": 1, "clickCount": 1}
    opened.send("Input.dispatchMouseEvent", type="mousePressed", **button, **place)
    until(lambda: not script.questions[-1].explain)
    opened.send("Input.dispatchMouseEvent", type="mouseReleased", **button, **place)
    until(lambda: script.questions[-1].explain)


def test_what_the_network_saw_and_what_is_near_is_shown(
    opened: Page, script: Script, address: str
) -> None:
    script.models = [model("first", examples=100)]
    script.nearest = ["A", "A", "J"]
    open_page(opened, address)
    draw(opened, DOT)
    says(opened, "first says A.")
    wait_for(opened, "document.querySelectorAll('.nearest li').length === 3")
    assert cards(opened, ".nearest") == ["Nearest training images\nA\nA\nJ"]
    sizes = "[...document.querySelectorAll('.card img')].map(image => image.naturalWidth)"
    assert opened.evaluate(sizes) == [28] * 5
    rendering = "getComputedStyle(document.querySelector('.verdict img')).imageRendering"
    assert opened.evaluate(rendering) == "pixelated"


@pytest.mark.parametrize(("unlike", "shown"), [(True, True), (False, False), (None, False)])
def test_an_image_unlike_all_is_said_to_be(
    opened: Page, script: Script, unlike: bool | None, shown: bool
) -> None:
    script.unlike = unlike
    draw(opened, DOT)
    says(opened, "Both models say A.")
    visible = "document.querySelector('.unlike').checkVisibility()"
    wait_for(opened, f"!document.querySelector('.empty') && {visible} === {json.dumps(shown)}")
