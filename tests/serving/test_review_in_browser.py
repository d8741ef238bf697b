"""The review in a real Chromium: decisions by pointer and keyboard, on disk, and after a reload."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.audited import audit_of, held_out_images, train_images
from tests.browser import CONTRAST, Page, click, press, wait_for

from glyphlab.auditing.audit_file import save_audit
from glyphlab.language import speaking
from glyphlab.report.audit_page import audit_html
from glyphlab.serving.review import ReviewServer

HOSTILE = "</script><script>document.owned=1</script>\"'><img src=x onerror=document.owned=1>\r"


def status(page: Page, text: str) -> None:
    """Wait until the page says so."""
    wait_for(page, f"document.getElementById('status')?.textContent.includes({json.dumps(text)})")


def card(index: int, place: int = 0, part: str = "train") -> str:
    """The expression of a place where an image is shown."""
    start = json.dumps(f'"index": {index}, "part": "{part}"')
    return (
        "[...document.querySelectorAll('[data-image]')]"
        f".filter(card => card.dataset.image.includes({start}))[{place}]"
    )


def choose(page: Page, index: int, value: str, part: str = "train") -> None:
    """Take a choice from an image's list."""
    page.evaluate(
        f"(() => {{ const list = {card(index, 0, part)}.querySelector('select'); list.focus();"
        f"list.value = '{value}'; list.dispatchEvent(new Event('change')); }})()"
    )


def on_disk(folder: Path) -> list[dict[str, Any]]:
    return list(json.loads((folder / "decisions.json").read_text("utf-8"))["decisions"])


@pytest.fixture
def opened(server: ReviewServer, page: Page) -> Page:
    """The page, ready for decisions."""
    page.open(server.address, 1280)
    status(page, "No decisions yet.")
    return page


def test_a_choice_is_on_disk_and_there_again_after_a_reload(
    opened: Page, server: ReviewServer, folder: Path
) -> None:
    choose(opened, 3, "keep")
    status(opened, "Saved 1 decision.")
    assert on_disk(folder) == [
        {"part": "train", "index": 3, "id": "train/3.png", "action": "keep", "label": None}
    ]
    opened.open(server.address, 1280)
    status(opened, "Saved 1 decision.")
    assert opened.evaluate(f"{card(3)}.querySelector('select').value") == "keep"
    assert opened.complaints() == []


def test_an_image_in_several_lists_has_one_decision(opened: Page, folder: Path) -> None:
    choose(opened, 5, "relabel:0")
    status(opened, "Saved 1 decision.")
    shown = f"[0, 1, 2].map(place => ({card(5, 0)[:-3]}[place]).querySelector('select').value)"
    assert opened.evaluate(shown) == ["relabel:0"] * 3  # duplicate, conflict and label error
    assert [(each["action"], each["label"]) for each in on_disk(folder)] == [("relabel", "A")]


def test_a_list_offers_every_class(opened: Page) -> None:
    click(opened, f"{card(6)}.querySelector('select')")
    options = f"[...{card(6)}.querySelector('select').options].map(option => option.text)"
    expected = ["As proposed", "Keep", "Drop", "Label A", "Label B"]
    assert opened.evaluate(options) == expected
    press(opened, "Escape")
    assert opened.evaluate(options) == expected


def test_as_proposed_takes_a_decision_back(opened: Page, folder: Path) -> None:
    choose(opened, 7, "drop")
    choose(opened, 1, "drop", part="test")
    status(opened, "Saved 2 decisions.")
    assert [(each["part"], each["index"]) for each in on_disk(folder)] == [
        ("train", 7),
        ("test", 1),
    ]
    choose(opened, 7, "")
    status(opened, "Saved 1 decision.")
    assert [(each["part"], each["index"]) for each in on_disk(folder)] == [("test", 1)]


def test_label_errors_are_reviewed_by_pointer_and_keyboard(opened: Page, folder: Path) -> None:
    click(opened, f"{card(6)}.querySelector('img')")
    assert opened.evaluate(f"document.activeElement === {card(6)}")
    press(opened, "r")
    status(opened, "Saved 1 decision.")
    assert opened.evaluate(f"document.activeElement === {card(5, 2)}")  # the next label error
    press(opened, "k")
    status(opened, "Saved 2 decisions.")
    press(opened, "ArrowLeft")
    press(opened, "d")
    wait_for(opened, f"{card(6)}.dataset.decided === 'drop'")
    status(opened, "Saved 2 decisions.")
    assert [(each["index"], each["action"]) for each in on_disk(folder)] == [
        (6, "drop"),
        (5, "keep"),
    ]


def test_keys_of_a_list_stay_with_the_list(opened: Page, folder: Path) -> None:
    opened.evaluate(f"{card(6)}.querySelector('select').focus()")
    press(opened, "d")
    status(opened, "Saved 1 decision.")
    assert opened.evaluate(f"document.activeElement === {card(6)}.querySelector('select')")
    assert [(each["index"], each["action"]) for each in on_disk(folder)] == [(6, "drop")]


def test_what_another_tab_saved_is_not_overwritten(
    opened: Page, server: ReviewServer, folder: Path
) -> None:
    other = {"part": "train", "index": 4, "id": "train/4.png", "action": "keep"}
    own = json.loads((folder / "audit.json").read_text("utf-8"))
    file = {"train": own["fingerprint"], "test": own["test"]["fingerprint"], "decisions": [other]}
    (folder / "decisions.json").write_text(json.dumps(file))
    choose(opened, 3, "drop")
    status(opened, "Not saved. The decisions were changed elsewhere")
    assert [each["index"] for each in on_disk(folder)] == [4]
    click(opened, "document.getElementById('again')")
    status(opened, "Saved 1 decision.")
    assert opened.evaluate(f"{card(4)}.querySelector('select').value") == "keep"


def test_without_its_server_the_page_says_so_and_tries_again(folder: Path, page: Page) -> None:
    with ReviewServer(folder, 0) as first:
        port = first.server_port
        page.open(first.address, 1280)
        status(page, "No decisions yet.")
    choose(page, 3, "drop")
    status(page, "Not saved. The review server does not answer.")
    with ReviewServer(folder, port):
        click(page, "document.getElementById('again')")
        status(page, "Saved 1 decision.")
    assert [(each["index"], each["action"]) for each in on_disk(folder)] == [(3, "drop")]


def test_a_broken_file_is_told_when_the_page_opens(
    server: ReviewServer, folder: Path, page: Page
) -> None:
    (folder / "decisions.json").write_text("{")
    page.open(server.address, 1280)
    status(page, "decisions.json holds no usable decisions")
    (folder / "decisions.json").unlink()
    click(page, "document.getElementById('again')")
    status(page, "No decisions yet.")


def test_every_list_has_a_name_that_tells_its_image(opened: Page) -> None:
    names = opened.evaluate("[...document.querySelectorAll('select')].map(s => s.ariaLabel)")
    assert len(names) == opened.evaluate("document.querySelectorAll('[data-image]').length")
    assert set(names) == {f"Decision on train/{i}.png" for i in range(8)} | {
        "Decision on test/1.png"
    }


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_served_page_fits_its_window_and_loads_nothing_else(
    server: ReviewServer, page: Page, width: int, dark: bool
) -> None:
    page.open(server.address, width, dark)
    status(page, "No decisions yet.")
    choose(page, 7, "drop")
    status(page, "Saved 1 decision.")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) >= 4.5
    asked = {address for address in page.requested() if not address.startswith("data:")}
    assert asked == {server.address, f"{server.address}decisions"}
    assert page.complaints() == []


def test_hostile_names_can_be_decided_and_do_not_run(page: Page, tmp_path: Path) -> None:
    classes = (HOSTILE, "b")
    train, test = train_images(classes, HOSTILE), held_out_images(classes, HOSTILE)
    audit = audit_of(train, test)
    save_audit(audit, tmp_path / "audit.json")
    (tmp_path / "audit.html").write_text(audit_html(audit, train, test), "utf-8", newline="")
    with ReviewServer(tmp_path, 0) as server:
        page.open(server.address, 390)
        status(page, "No decisions yet.")
        choose(page, 7, "relabel:0")
        status(page, "Saved 1 decision.")
        assert page.evaluate("document.owned") is None
    [decision] = on_disk(tmp_path)
    assert (decision["id"], decision["label"]) == (train.ids[7], HOSTILE)


def test_a_russian_page_stays_russian(page: Page, tmp_path: Path) -> None:
    train, test = train_images(), held_out_images()
    audit = audit_of(train, test)
    save_audit(audit, tmp_path / "audit.json")
    with speaking("ru"):
        (tmp_path / "audit.html").write_text(audit_html(audit, train, test), "utf-8")
    with ReviewServer(tmp_path, 0) as server:
        page.open(server.address, 320)
        status(page, "Решений пока нет.")
        choose(page, 7, "drop")
        status(page, "Сохранено 1 решение.")
        choose(page, 1, "keep", part="test")
        status(page, "Сохранено 2 решения.")
        assert page.evaluate(f"{card(7)}.querySelector('select').ariaLabel").startswith("Решение")
        options = f"[...{card(7)}.querySelector('select').options].map(option => option.text)"
        expected = ["Как предложено", "Оставить", "Убрать", "Метка A", "Метка B"]
        assert page.evaluate(options) == expected
        (tmp_path / "decisions.json").unlink()
        choose(page, 3, "drop")
        status(page, "Не сохранено. Решения изменены в другом месте")
        assert page.evaluate("document.getElementById('again').textContent") == "Загрузить снова"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert [c for c in page.complaints() if "412" not in c] == []


def test_keys_work_on_a_cyrillic_keyboard(opened: Page, folder: Path) -> None:
    click(opened, f"{card(6)}.querySelector('img')")
    event = {"key": "в", "code": "KeyD"}
    for kind in ("keyDown", "keyUp"):
        opened.send("Input.dispatchKeyEvent", type=kind, windowsVirtualKeyCode=68, **event)
    status(opened, "Saved 1 decision.")
    assert [(each["index"], each["action"]) for each in on_disk(folder)] == [(6, "drop")]
