"""The exported Python file computes what glyphlab does, where there is no glyphlab."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.exporting.networks import CLASSES, KINDS, classifier
from torch import nn

from glyphlab.errors import InputError
from glyphlab.exporting.python_file import python_file
from glyphlab.exporting.state_file import write_state

ALONE = """
import runpy, sys
from pathlib import Path

TAKEN = {"torch", "torchgen", "functorch", "safetensors", "numpy"}
TORCH_NEEDS = {"typing_extensions", "sympy", "mpmath", "networkx", "jinja2", "filelock", "fsspec"}

class Missing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in TAKEN | TORCH_NEEDS or top[0] == "_":
            return None
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
try:
    import glyphlab
except ModuleNotFoundError:
    pass
else:
    raise SystemExit("glyphlab is there")
import numpy, torch
folder = Path(sys.argv[1])
for file in sorted(folder.glob("kind*.py")):
    names = runpy.run_path(str(file))
    images = numpy.load(file.with_suffix(".npy"))
    network = names["load"]()
    with torch.inference_mode():
        logits = names["logits"](network, torch.from_numpy(images))
    probabilities = names["predict"](images)
    numpy.savez(file.with_suffix(".npz"), logits=logits, probabilities=probabilities,
                classes=names["CLASSES"])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for each kind, and what it said of images."""
    made = tmp_path_factory.mktemp("python")
    for number, kind in enumerate(KINDS):
        stem, of = f"kind{number}", classifier(kind)
        (made / f"{stem}.py").write_text(python_file(of, stem, "Trained on nothing."), "utf-8")
        write_state(of, {}, made / f"{stem}.safetensors")
        images = np.random.default_rng(0).integers(0, 256, (9, *of.image_shape), np.uint8)
        np.save(made / f"{stem}.npy", images)
    words = [sys.executable, "-I", "-c", ALONE, str(made)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_the_classifier_says(folder: Path, kind: str) -> None:
    of, stem = classifier(kind), f"kind{list(KINDS).index(kind)}"
    images, said = np.load(folder / f"{stem}.npy"), np.load(folder / f"{stem}.npz")
    np.testing.assert_allclose(said["logits"], of.logits(images), atol=1e-5)
    np.testing.assert_allclose(said["probabilities"], of.probabilities(images), atol=1e-5)
    assert tuple(said["classes"]) == CLASSES


def test_it_is_one_readable_file_with_provenance_and_licence(folder: Path) -> None:
    for file in folder.glob("kind*.py"):
        text = file.read_text("utf-8")
        assert text.startswith('"""')
        assert "Trained on nothing." in text
        assert "Permission is hereby granted" in text
        assert "import glyphlab" not in text
        assert "from glyphlab" not in text
        assert max(map(len, text.splitlines())) <= 110
        assert len(text.splitlines()) < 600


def test_a_model_of_the_users_own_is_refused() -> None:
    own = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    of = replace(classifier("logistic"), module=own, model="mine:wide")
    with pytest.raises(InputError, match="mine:wide"):
        python_file(of, "wide", "Trained on nothing.")
