"""The page's files: complete in each language, and free of what its policy forbids."""

import json
import re
from html.parser import HTMLParser

import pytest
from tests.serving.running import Server

from glyphlab.errors import InputError
from glyphlab.language import LANGUAGES, Language
from glyphlab.serving.guard import HEADERS
from glyphlab.serving.page import page_files, page_html

every_language = pytest.mark.parametrize("name", LANGUAGES)
SCRIPTS = {n: f.content.decode() for n, f in page_files().items() if n.endswith(".js")}
STYLE = page_files()["page.css"].content.decode()


class Elements(HTMLParser):
    """All elements with their attributes, and the text of scripts and styles."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] == [("script", {"type": "application/json", "id": "said"})]:
            self.data += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@every_language
def test_scripts_and_style_are_files_of_the_page_and_none_stands_in_it(name: Language) -> None:
    page = Elements(page_html(name))
    [data, script] = page.all("script")
    assert data == {"type": "application/json", "id": "said"}  # data, which never runs
    assert script == {"type": "module", "src": "page/page.js"}
    assert not page.all("style")
    for _, attributes in page.elements:
        assert not [key for key in attributes if key == "style" or key.startswith("on")]


@every_language
def test_nothing_is_loaded_but_files_of_the_page(name: Language) -> None:
    page = Elements(page_html(name))
    addresses = [
        attributes[key]
        for _, attributes in page.elements
        for key in ("src", "href", "action", "srcset", "poster")
        if key in attributes
    ]
    files = {f"page/{file}" for file in page_files()}
    others = {f"?lang={other}" for other in LANGUAGES if other != name}
    assert set(addresses) == {"data:,", "page/page.js", "page/page.css", "#headline"} | others
    assert {"page/page.js", "page/page.css"} <= files
    imported = {each for s in SCRIPTS.values() for each in re.findall(r'from "(.+?)"', s)}
    assert imported == {f"./{script}" for script in SCRIPTS if script != "page.js"}
    everything = [page_html(name).decode(), STYLE, *SCRIPTS.values()]
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", "\n".join(everything))


@every_language
def test_each_sentence_that_scripts_say_is_there_with_its_figures(name: Language) -> None:
    said = json.loads(Elements(page_html(name)).data)
    source = "\n".join(SCRIPTS.values())
    quoted = set(re.findall(r'"([a-zA-Z]+)"', source))
    asked = set(re.findall(r'say\("(\w+)"', source)) | (quoted & said.keys())
    assert asked == said.keys()
    english = json.loads(Elements(page_html("en")).data)
    for key, text in said.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", english[key]))


@every_language
def test_elements_that_scripts_look_for_are_there(name: Language) -> None:
    page = Elements(page_html(name))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    source = "\n".join(SCRIPTS.values())
    wanted = set(re.findall(r'(?:find|getElementById)\("([a-z-]+)"\)', source))
    assert wanted <= set(ids)
    assert len(ids) == len(set(ids))


@every_language
def test_every_field_has_a_label(name: Language) -> None:
    page = page_html(name).decode()
    labelled = set(re.findall(r'<label for="([a-z-]+)"', page))
    for attributes in Elements(page_html(name)).all("input"):
        within = re.search(rf'<label><input[^>]*id="{attributes["id"]}"', page)
        assert attributes["id"] in labelled or attributes.get("aria-label") or within


@every_language
def test_the_page_is_in_its_language_and_leads_to_the_other(name: Language) -> None:
    page = Elements(page_html(name))
    assert page.all("html") == [{"lang": name}]
    assert [link["hreflang"] for link in page.all("a") if "hreflang" in link] == [
        other for other in LANGUAGES if other != name
    ]


def test_media_types_tell_what_a_file_is() -> None:
    types = {name: file.media_type for name, file in page_files().items()}
    assert types.pop("page.css") == "text/css; charset=utf-8"
    assert set(types.values()) == {"text/javascript; charset=utf-8"}


def test_a_language_without_a_page_is_refused() -> None:
    with pytest.raises(InputError, match="There is no language 'de'"):
        page_html("de")  # type: ignore[arg-type]


def test_colours_are_those_of_the_reports() -> None:
    assert "--paper: #fdfcf9" in STYLE
    assert STYLE.count("prefers-color-scheme: dark") == 2


def test_the_server_gives_the_page_and_its_files(running: Server) -> None:
    page = running.ask("/", Accept_Language="ru")
    assert (page.status, page.body) == (200, page_html("ru"))
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for name, file in page_files().items():
        answer = running.ask(f"/page/{name}")
        assert (answer.status, answer.body) == (200, file.content)
        assert answer.headers["content-type"] == file.media_type
        assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/page/", "/page/none.js", "/page/../app.py", "/page/%2e%2e/app.py", "/page/routes.py"]
)
def test_the_server_gives_no_other_file(running: Server, path: str) -> None:
    answer = running.ask(path)
    assert answer.status == 404
    assert answer.json["error"].endswith(".")
