"""The page in a real Chromium, before trained models that are really served."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.browser import Page, click, wait_for
from tests.serving.on_page import SHAPES, cards, draw, element, open_page, says, text, upload
from tests.serving.running import Server, served

import glyphlab
from glyphlab.data.glyphs import load_glyphs

EASY = "ACEFHI"


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two models that saw a few thousand of the built-in letters for seconds."""
    folder = tmp_path_factory.mktemp("letters")
    train, _ = load_glyphs()
    few = train.subset(np.arange(0, len(train), 8))
    for model, rate in {"logistic": 0.005, "mlp": 0.003}.items():
        recipe = glyphlab.default_recipe(model).replace(
            steps=200, batch_size=64, learning_rate=rate, validation=0.1, precision="float32"
        )
        glyphlab.fit(model, few, recipe, out=folder / model)
    with served([folder / "logistic", folder / "mlp"]) as server:
        yield server


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/"


def test_most_easy_letters_that_a_mouse_draws_are_named(letters: Server, page: Page) -> None:
    open_page(page, address(letters))
    assert text(page, "knows") == "Known classes: A B C D E F G H I J"
    named = []
    for letter in EASY:
        draw(page, SHAPES[letter])
        wait_for(page, f"!{element('clear')}.disabled && !document.querySelector('.empty')")
        wait_for(page, f"{element('spoken')}.textContent !== ''")  # no newer answer is awaited
        named.append(cards(page, ".class"))
        click(page, element("clear"))
        wait_for(page, f"{element('spoken')}.textContent === ''")
    for model in (0, 1):
        right = [letter for letter, said in zip(EASY, named, strict=True) if said[model] == letter]
        assert len(right) >= 4, named
    assert page.complaints() == []


def test_a_photograph_is_brought_to_the_form_and_shown_as_the_network_saw_it(
    letters: Server, page: Page, tmp_path: Path
) -> None:
    photograph = Image.new("L", (400, 300), 200)
    for line in ([(180, 90), (180, 210)], [(260, 90), (260, 210)], [(180, 150), (260, 150)]):
        ImageDraw.Draw(photograph).line(line, fill=30, width=18)
    photograph.save(tmp_path / "photograph.jpg")
    open_page(page, address(letters))
    upload(page, tmp_path / "photograph.jpg")
    says(page, "Both models say H.")
    seen = "document.querySelector('.verdict img')"
    wait_for(page, f"{seen}.complete && {seen}.naturalWidth === 28")
    levels = page.evaluate(
        "(image => { const c = new OffscreenCanvas(28, 28).getContext('2d');"
        "c.drawImage(image, 0, 0); return [...c.getImageData(0, 13, 28, 1).data]; })"
        f"({seen})"
    )[::4]
    assert min(levels[11:17]) > 200  # the bar of the H, light on dark as glyphs are
    assert page.complaints() == []


def test_the_nearest_training_images_are_shown_with_their_classes(
    letters: Server, page: Page
) -> None:
    open_page(page, address(letters))
    draw(page, SHAPES["A"])
    near = "document.querySelector('.nearest')"
    wait_for(page, f"{element('spoken')}.textContent.startsWith('Both models say A.')")
    heading, *classes = cards(page, ".nearest")[0].split("\n")
    assert (heading, len(classes)) == ("Nearest training images", 5)
    assert classes.count("A") >= 3
    sizes = f"[...{near}.querySelectorAll('img')].map(image => image.naturalWidth)"
    wait_for(page, f"{sizes}.join() === '28,28,28,28,28'")


def test_what_the_server_cannot_read_is_told_by_the_name_of_its_file(
    letters: Server, page: Page, tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image at all")
    open_page(page, address(letters))
    upload(page, tmp_path / "broken.png")
    trouble = f"{element('trouble-text')}.textContent"
    wait_for(page, f"{trouble}.startsWith(\"'broken.png' can't be read as an image\")")
    assert text(page, "headline") == ""


def test_a_server_that_wants_its_token_is_used_by_the_address_it_prints(
    runs: list[Path], page: Page
) -> None:
    with served(runs, token="sesame") as server:
        open_page(page, f"{address(server)}#token=sesame")
        draw(page, SHAPES["I"])
        wait_for(page, "document.querySelectorAll('.card:not(.empty)').length === 2")
        assert page.evaluate("location.href") == address(server)
        page.evaluate("sessionStorage.clear()")


def test_a_browser_is_given_the_page_in_its_language(letters: Server, page: Page) -> None:
    page.send("Network.setExtraHTTPHeaders", headers={"Accept-Language": "ru-RU,ru;q=0.9"})
    try:
        open_page(page, address(letters))
        assert page.evaluate("document.documentElement.lang") == "ru"
        draw(page, SHAPES["H"])
        says(page, "Обе модели говорят: H.")
        page.evaluate("document.querySelector('nav a').click()")
        wait_for(page, "document.documentElement?.lang === 'en'")
    finally:
        page.send("Network.setExtraHTTPHeaders", headers={})
