"""Images that are uploaded, pasted and dropped on the page in a real Chromium."""

from collections.abc import Callable
from pathlib import Path

from tests.browser import Page, click, press, wait_for
from tests.serving.on_page import (
    DOT,
    draw,
    element,
    is_shown,
    looked_at,
    open_page,
    says,
    text,
    until,
    upload,
)
from tests.serving.scripted import Script


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
