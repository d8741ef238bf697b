"""What all tests share."""

import os
from pathlib import Path

import pytest


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
