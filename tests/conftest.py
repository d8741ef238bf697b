"""What all tests share."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser import Page, open_browser

from glyphlab.errors import InputError
from glyphlab.report.pdf import find_browser

# Many small trainings are fastest on one thread each, above all where tests share the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# ONNX Runtime, which some tests import for themselves, reports its use to its makers otherwise.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


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
    """Datasets and caches of a test go to a folder of its own; the user's options don't count."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("GLYPHLAB_HOME", str(home))
    monkeypatch.setenv("GLYPHLAB_CONFIG", os.devnull)
    return home


@pytest.fixture(autouse=True)
def no_module_outlives_its_test(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Models that tests write and import are forgotten, so that two may have the same name."""
    yield
    folder = str(tmp_path_factory.getbasetemp())
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]


@pytest.fixture(scope="session")
def browser() -> str:
    """The path of a real browser; without one the test is skipped, saying so."""
    try:
        return find_browser()
    except InputError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def page(browser: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A tab of that browser."""
    with open_browser(browser, tmp_path_factory.mktemp("profile")) as tab:
        yield tab
