"""What the page does in a real Chromium when its server is busy, away, locked or changed."""

import pytest
from tests.browser import Page, click, wait_for
from tests.serving.on_page import DOT, cards, draw, element, is_shown, open_page, says
from tests.serving.scripted import Script, model, scripted

HOSTILE = (
    "</script><script>document.owned=1</script><img src=x onerror=document.owned=1>" + 80 * "w"
)


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
