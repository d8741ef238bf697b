"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser import NAMES, Page, find_browser, open_browser

# Many small trainings are fastest on one thread each, above all where tests share the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real images; without it the test is skipped, saying so."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("GLYPHLAB_TEST_DATA", default))
    if not (folder / "mnist_png.tar.gz").is_file():
        pytest.skip(f"no real images in {folder}; set GLYPHLAB_TEST_DATA to their folder")
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Datasets and caches of a test go to a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("GLYPHLAB_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A tab of a real browser; without one the test is skipped, saying so."""
    browser = find_browser()
    if browser is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the PATH, nor is $CHROMIUM set")
    with open_browser(browser, tmp_path_factory.mktemp("profile")) as tab:
        yield tab
