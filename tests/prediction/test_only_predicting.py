"""Predicting needs few packages: a machine that only predicts can be without the others."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.toys import bars

import glyphlab
from glyphlab.training.run import WEIGHTS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "export.md"
MODULES = {
    "fluent.runtime": "fluent",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "fonttools": "fontTools",
}
"""Names to import, where they are not the packages' own."""
WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""


def needed() -> list[str]:
    """The packages that the page lists beside `pip install --no-deps glyphlab`."""
    command = PAGE.read_text("utf-8").split("pip install --no-deps glyphlab\n")[1].split("```")[0]
    words = command.replace("\\\n", " ").split()
    assert words[:2] == ["pip", "install"]
    return words[2:]


def blocked() -> list[str]:
    """Modules of all other packages that glyphlab can use."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {line.partition(";")[0].partition(">")[0].partition("[")[0] for line in wanted}
    return [MODULES.get(name, name).replace("-", "_") for name in names - {*needed(), "glyphlab"}]


def run_without_others(code: str, words: Sequence[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(blocked=blocked()) + code, *words],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(glyphlab.__file__).parents[1])},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that knows bars, and an image of the first bar."""
    folder = tmp_path_factory.mktemp("only")
    recipe = glyphlab.default_recipe("lenet5").replace(steps=10, batch_size=32)
    glyphlab.fit("lenet5", bars(120), recipe, out=folder / "run")
    Image.fromarray(bars(1).images[0, :, :, 0]).save(folder / "image.png")
    return folder / "run"


def test_others_are_many_and_are_missing_indeed() -> None:
    assert {"cleanlab", "statsmodels", "matplotlib", "sklearn", "pandas", "fontTools"} < {
        *blocked()
    }
    with pytest.raises(AssertionError, match="No module named 'pandas'"):
        run_without_others("import pandas", ())


def test_the_command_predicts_without_the_others(run: Path) -> None:
    code = "from glyphlab.cli import main; main(sys.argv[1:])"
    words = ("predict", str(run), str(run.parent / "image.png"), "--csv", "-")
    said = run_without_others(code, words).splitlines()
    (expected,) = glyphlab.predict(run, run.parent / "image.png").rows()
    assert said[1].split(",")[1] == expected["class"]
    assert float(said[1].split(",")[2]) == pytest.approx(expected["probability"], abs=1e-2)


def test_a_classifier_is_loaded_and_asked_without_the_others(run: Path) -> None:
    code = (
        "import numpy, glyphlab; c = glyphlab.Classifier.load(sys.argv[1]); "
        "print(*c.probabilities(numpy.zeros((1, 28, 28, 1), numpy.uint8))[0])"
    )
    said = run_without_others(code, [str(run / WEIGHTS)])
    ours = glyphlab.Run(run).classifier.probabilities(np.zeros((1, 28, 28, 1), np.uint8))
    np.testing.assert_allclose([float(p) for p in said.split()], ours[0], atol=1e-6)
