"""The documents as a site: every link leads somewhere, and nothing is asked of another server."""

import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import glyphlab
from glyphlab.cli.configuration import commands
from glyphlab.cli.main import app

ROOT = Path(__file__).parents[2]
LOADED = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}


class Reader(HTMLParser):
    """What a page is called by, where its links lead, and what it loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name in {"id", "name"}:
                self.anchors.add(value)
            if (tag, name) in LOADED:
                self.loaded.append(value)
            if name in {"href", "src"}:
                self.links.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(place)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Reader]:
    return {page: Reader(page) for page in site.rglob("*.html") if page.name != "404.html"}


def broken(site: Path, pages: dict[Path, Reader]) -> Iterator[str]:
    for page, reader in pages.items():
        for link in reader.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            target = target / "index.html" if target.is_dir() else target
            anchors = pages[target].anchors if target in pages else {parts.fragment}
            if not target.is_file() or (parts.fragment and unquote(parts.fragment) not in anchors):
                yield f"{page.relative_to(site)}: {link}"


def test_every_link_within_the_site_leads_to_a_page_and_a_place_on_it(
    site: Path, pages: dict[Path, Reader]
) -> None:
    assert len(pages) > 60
    assert list(broken(site, pages)) == []


def test_a_broken_link_would_be_found(site: Path, pages: dict[Path, Reader]) -> None:
    page = next(iter(pages))
    reader = Reader(page)
    reader.links += ["nowhere/", "#nowhere"]
    assert len(list(broken(site, {**pages, page: reader}))) == 2


def test_no_page_loads_anything_from_another_server(pages: dict[Path, Reader]) -> None:
    loaded = [link for reader in pages.values() for link in reader.loaded]
    assert loaded
    assert [link for link in loaded if urlsplit(link).scheme not in {"", "data"}] == []


def test_each_command_has_a_page_with_all_its_options(site: Path) -> None:
    import typer

    for path, command in commands(typer.main.get_command(app)):
        if not path or hasattr(command, "commands"):
            continue
        page = (site / "commands" / "-".join(path) / "index.html").read_text("utf-8")
        assert f"glyphlab {' '.join(path)}" in page
        for parameter in command.params:
            assert all(option in page for option in parameter.opts if option.startswith("--"))


def test_each_public_name_has_a_page_with_its_parameters(site: Path) -> None:
    for name in glyphlab.__all__:
        kind = "classes" if name[0].isupper() else "functions"
        assert f"glyphlab.{name}" in (site / "python" / kind / name / "index.html").read_text(
            "utf-8"
        )
    fit = (site / "python" / "functions" / "fit" / "index.html").read_text("utf-8")
    assert all(word in fit for word in ("recipe", "resume", "Run", "InputError"))
