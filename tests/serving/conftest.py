"""A small audit and the server of its review; trained runs and theirs; the page of a script."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.audited import audit_of, held_out_images, train_images
from tests.browser import Page
from tests.serving.on_page import open_page
from tests.serving.running import Server, served
from tests.serving.scripted import Script, model, picture, scripted
from tests.toys import bars

import glyphlab
from glyphlab.auditing.audit_file import save_audit
from glyphlab.report.audit_page import audit_html
from glyphlab.serving.review import ReviewServer


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `glyphlab data audit` writes."""
    train, test = train_images(), held_out_images()
    audit, folder = audit_of(train, test), tmp_path_factory.mktemp("audit")
    save_audit(audit, folder / "audit.json")
    (folder / "audit.html").write_text(audit_html(audit, train, test), "utf-8")
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """The same in a folder of the test's own."""
    return Path(shutil.copytree(written, tmp_path / "audit"))


@pytest.fixture
def server(folder: Path) -> Iterator[ReviewServer]:
    """It runs until the test ends."""
    with ReviewServer(folder, 0) as running:
        yield running


def trained(folder: Path, model: str = "logistic", seed: int = 0) -> Path:
    """A run that knows bars at three heights."""
    recipe = glyphlab.default_recipe(model).replace(
        steps=40, batch_size=64, learning_rate=0.02, validation=0.25, seed=seed, precision="float32"
    )
    return glyphlab.fit(model, bars(600, seed=seed), recipe, out=folder).path


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two models of the same images."""
    folder = tmp_path_factory.mktemp("runs")
    return [trained(folder / model, model) for model in ("logistic", "conv-pool")]


@pytest.fixture(scope="module")
def running(runs: list[Path]) -> Iterator[Server]:
    """A server of both."""
    with served(runs) as server:
        yield server


@pytest.fixture
def script() -> Script:
    """Two models that say the same."""
    return Script([model("first"), model("second")], {"first": "A", "second": "A"})


@pytest.fixture
def address(script: Script) -> Iterator[str]:
    """Where the page is that is answered by the script."""
    with scripted(script) as address:
        yield address


@pytest.fixture
def opened(address: str, page: Page) -> Page:
    """The page, which knows its models."""
    open_page(page, address)
    return page


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    """Writes an image file of one grey level."""

    def write(name: str, level: int = 128) -> Path:
        (tmp_path / name).write_bytes(picture(level, 40))
        return tmp_path / name

    return write
