"""The page in a real Chromium, before a server whose answers are known."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser import CONTRAST, Page, click, press, wait_for
from tests.serving.scripted import SHAPES, Script, draw, model, on_sheet, picture, scripted

HOSTILE = (
    "</script><script>document.owned=1</script><img src=x onerror=document.owned=1>" + "w" * 80
)
DOT = [[(0.5, 0.5), (0.6, 0.5)]]
ACROSS = [[(0.2, 0.5), (0.8, 0.5)]]


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


@pytest.fixture
def script() -> Script:
    return Script([model("first"), model("second")], {"first": "A", "second": "A"})


@pytest.fixture
def address(script: Script) -> Iterator[str]:
    with scripted(script) as address:
        yield address


@pytest.fixture
def opened(address: str, page: Page) -> Page:
    """The page, which knows its models."""
    open_page(page, address)
    return page


def open_page(page: Page, address: str, width: int = 1280, dark: bool = False) -> None:
    page.open(address, width, dark)
    wait_for(page, "document.querySelectorAll('.card').length > 0")


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    """Writes an image file of one grey level."""

    def write(name: str, level: int = 128) -> Path:
        (tmp_path / name).write_bytes(picture(level, 40))
        return tmp_path / name

    return write


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


def until(condition: Callable[[], bool]) -> None:
    """Wait for what the server was asked."""
    for _ in range(1_000):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError


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


def test_images_are_uploaded_listed_chosen_and_removed(
    opened: Page, script: Script, files: Callable[..., Path]
) -> None:
    upload(opened, files("white.png", 255), files("black.png", 0))
    says(opened, "Both models say A.")
    assert looked_at(opened) == ["Drawing", "white.png", "black.png"]
    assert b'filename="white.png"' in script.questions[-1].body
    click(opened, "document.querySelectorAll('#tray label')[2]")
    until(lambda: b'filename="black.png"' in script.questions[-1].body)
    assert files("black.png", 0).read_bytes() in script.questions[-1].body
    assert opened.evaluate(f"{element('picture')}.alt") == "black.png"
    click(opened, "document.querySelectorAll('.remove')[1]")
    until(lambda: b'filename="white.png"' in script.questions[-1].body)
    assert looked_at(opened) == ["Drawing", "white.png"]
    click(opened, "document.querySelectorAll('.remove')[0]")
    says(opened, "Draw, and the answer comes at once.")
    assert not is_shown(opened, "pictures")


def test_a_drawing_is_there_again_after_a_picture(
    opened: Page, script: Script, files: Callable[..., Path]
) -> None:
    draw(opened, DOT)
    says(opened, "Both models say A.")
    upload(opened, files("grey.png"))
    until(lambda: b"filename" in script.questions[-1].body)
    assert opened.evaluate(f"{element('pen')}.disabled && {element('undo')}.disabled")
    click(opened, "document.querySelector('#tray label')")
    until(lambda: script.questions[-1].body.startswith(b"\x89PNG"))
    assert script.questions[-1].pixels[140, 150] == 0
    click(opened, "document.querySelectorAll('#tray label')[1]")
    click(opened, element("clear"))  # a sheet to draw on
    says(opened, "Draw, and the answer comes at once.")
    assert is_shown(opened, "canvas")
    assert looked_at(opened) == ["Drawing", "grey.png"]


def test_files_that_cannot_be_looked_at_are_told_before_anything_is_sent(
    opened: Page, script: Script, address: str, tmp_path: Path
) -> None:
    script.body_bytes = 2_000
    open_page(opened, address)
    for name, content in {"notes.txt": b"a", "empty.png": b"", "big.png": bytes(3_000)}.items():
        (tmp_path / name).write_bytes(content)
    upload(opened, *(tmp_path / name for name in ("notes.txt", "empty.png", "big.png")))
    says(
        opened,
        "notes.txt is no image. empty.png is empty. "
        "big.png has 0.003 MB; the server takes 0.002 MB at most.",
        "refused",
    )
    assert script.questions == []
    assert not is_shown(opened, "pictures")


def test_what_the_server_refuses_is_said_in_its_own_sentence(
    opened: Page, script: Script, files: Callable[..., Path]
) -> None:
    script.failures = [(422, {})]
    upload(opened, files("grey.png"))
    says(opened, "The server said so.", "trouble-text")
    assert not is_shown(opened, "now")
    assert text(opened, "headline") == ""
    click(opened, "document.querySelector('#tray label')")
    assert not is_shown(opened, "trouble")


def test_an_image_is_pasted(opened: Page, script: Script, address: str) -> None:
    copy(
        opened,
        address,
        """new Promise(done => {
          const sheet = document.createElement("canvas");
          sheet.width = sheet.height = 33;
          sheet.toBlob(image => done(
            navigator.clipboard.write([new ClipboardItem({ "image/png": image })])));
        })""",
    )
    press(opened, "v", modifiers=2, commands=["paste"])
    says(opened, "Both models say A.")
    assert looked_at(opened) == ["Drawing", "image.png"]
    assert opened.evaluate(f"{element('picture')}.naturalWidth") == 33
    assert b"\x89PNG" in script.questions[-1].body


def test_pasting_what_is_no_image_is_answered(opened: Page, address: str) -> None:
    copy(opened, address, "navigator.clipboard.writeText('words')")
    press(opened, "v", modifiers=2, commands=["paste"])
    says(opened, "There is no image to paste; copy an image first.", "refused")


def copy(page: Page, address: str, copying: str) -> None:
    """Put something into the clipboard as a page may, by a promise."""
    page.send("Page.bringToFront")
    page.send(
        "Browser.grantPermissions",
        permissions=["clipboardReadWrite", "clipboardSanitizedWrite"],
        origin=address.rstrip("/"),
    )
    done = f"{copying}.then(() => {{ document.copied = true; }}), 0"
    page.send("Runtime.evaluate", expression=done, userGesture=True)
    wait_for(page, "document.copied")


def test_images_are_dropped_anywhere(
    opened: Page, script: Script, files: Callable[..., Path]
) -> None:
    drag(opened, [files("one.png"), files("two.png")])
    says(opened, "Both models say A.")
    assert looked_at(opened) == ["Drawing", "one.png", "two.png"]
    assert b'filename="one.png"' in script.questions[-1].body
    assert not opened.evaluate("document.body.classList.contains('dropping')")


def test_dropping_words_is_answered(opened: Page) -> None:
    drag(opened, [], [{"mimeType": "text/plain", "data": "words"}])
    says(opened, "There was no file in what you dropped.", "refused")


def drag(page: Page, files: list[Path], items: list[dict[str, str]] | None = None) -> None:
    data = {
        "items": items or [],
        "files": [str(file) for file in files],
        "dragOperationsMask": 1,
    }
    for kind in ("dragEnter", "dragOver", "drop"):
        page.send("Input.dispatchDragEvent", type=kind, x=900, y=500, data=data)


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_busy_server_is_asked_again(opened: Page, script: Script, status: int) -> None:
    script.failures = [(status, {"Retry-After": "1"}), (status, {"Retry-After": "1"})]
    draw(opened, [[(0.5, 0.5)]])
    says(opened, "The server is busy.", "trouble-text")
    says(opened, "Trying again in 1 s.", "trouble-again")
    says(opened, "Both models say A.")
    assert not is_shown(opened, "trouble")
    assert [c for c in opened.complaints() if str(status) not in c] == []


def test_a_person_need_not_wait(opened: Page, script: Script) -> None:
    script.failures = [(429, {"Retry-After": "500"})]
    draw(opened, [[(0.5, 0.5)]])
    says(opened, "Trying again in 500 s.", "trouble-again")
    click(opened, element("now"))
    says(opened, "Both models say A.")


def test_a_drawing_that_is_cleared_is_not_asked_about_again(opened: Page, script: Script) -> None:
    script.failures = [(429, {"Retry-After": "500"})]
    draw(opened, [[(0.5, 0.5)]])
    says(opened, "The server is busy.", "trouble-text")
    asked = len(script.questions)
    click(opened, element("clear"))
    assert not is_shown(opened, "trouble")
    assert len(script.questions) == asked


def test_a_server_that_dies_is_said_to_be_away_until_it_is_back(page: Page, script: Script) -> None:
    with scripted(script) as address:
        open_page(page, address)
    draw(page, DOT)
    says(page, "The server does not answer.", "trouble-text")
    with scripted(script, int(address.rstrip("/").rpartition(":")[2])):
        says(page, "Both models say A.")
        assert not is_shown(page, "trouble")


def test_the_token_is_taken_from_the_address_and_kept_while_the_tab_is_open(
    page: Page, script: Script, address: str
) -> None:
    script.token = "sesame"
    page.open(address, 1280)
    page.evaluate("sessionStorage.clear()")
    page.open("about:blank", 1280)
    page.open(address, 1280)
    sentence = "This server wants its token: open the whole address that glyphlab serve printed"
    wait_for(page, f"{element('trouble-text')}.textContent.startsWith({sentence!r})")
    page.evaluate("location.hash = 'token=sesame'")
    wait_for(page, "document.querySelectorAll('.card').length === 2")
    assert page.evaluate("location.href") == address
    assert not is_shown(page, "trouble")
    open_page(page, address)
    draw(page, DOT)
    says(page, "Both models say A.")
    assert script.questions[-1].headers["Authorization"] == "Bearer sesame"
    page.evaluate("sessionStorage.clear()")


def test_a_model_that_is_gone_is_left_out(opened: Page, script: Script) -> None:
    script.models = [model("first")]
    draw(opened, DOT)
    says(opened, "first says A.")
    assert cards(opened, "h2") == ["first"]
    assert not is_shown(opened, "models")


def test_a_model_that_was_trained_anew_on_other_classes_is_understood(
    opened: Page, script: Script
) -> None:
    script.models[0] = model("first", "xyz", parameters=5)
    script.said["first"] = "y"
    draw(opened, DOT)
    says(opened, "y (first); A (second).")
    assert "Known classes: x y z" in cards(opened, "header")[0]


def test_hostile_names_are_only_shown(opened: Page, script: Script, address: str) -> None:
    script.models = [model(HOSTILE, [HOSTILE, "b", "c", "d"], dataset=HOSTILE)]
    script.said = {HOSTILE: HOSTILE}
    open_page(opened, address, 360)
    draw(opened, DOT)
    says(opened, f"{HOSTILE} says {HOSTILE}.")
    click(opened, "document.querySelector('.more')")
    assert opened.evaluate("document.owned") is None
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_answer_is_read_out_once_the_hand_rests(opened: Page, script: Script) -> None:
    script.unlike = True
    assert opened.evaluate(f"{element('spoken')}.role") == "status"
    draw(opened, DOT)
    each = "Unlike anything that it was trained on."
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
    outlines = "[document.activeElement, document.activeElement.parentElement].map(e => getComputedStyle(e).outlineStyle)"
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
@pytest.mark.parametrize("width", [1280, 768, 360])
def test_the_page_fits_its_window_and_stands_out(
    page: Page, script: Script, address: str, width: int, dark: bool, language: str, tmp_path: Path
) -> None:
    script.models = [model(name, examples=9) for name in ("first", "second", "third")]
    script.said, script.unlike, script.nearest = (
        dict.fromkeys(("first", "second"), "A"),
        True,
        ["A"],
    )
    script.said["third"] = "B"
    open_page(page, f"{address}?lang={language}", width, dark)
    (tmp_path / f"{'long' * 20}.png").write_bytes(picture(9))
    upload(page, tmp_path / f"{'long' * 20}.png")
    wait_for(page, "!document.querySelector('.empty') && document.images.length > 6")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) >= 4.5  # WCAG 2.2, success criterion 1.4.3
    asked = {re.sub(r"[?#].*", "", url) for url in page.requested()} - {""}
    outside = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert (outside, page.complaints()) == ([], [])


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
