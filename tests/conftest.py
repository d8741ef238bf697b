"""What all tests share."""

import os
from pathlib import Path

import pytest

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
