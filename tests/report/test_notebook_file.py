"""The lab as an executed notebook."""

import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from tests.toys import bars

from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.opening import open_dataset
from glyphlab.errors import GlyphlabError, InputError
from glyphlab.lab.tasks import Plan, run_lab
from glyphlab.language import speaking
from glyphlab.progress import no_bar
from glyphlab.report.content import LabContent
from glyphlab.report.notebook_file import lab_notebook
from glyphlab.report.write import check_formats, write_report

LOADING = """train = glyphlab.load("train.safetensors")
test = glyphlab.load("test.safetensors")"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> tuple[LabContent, Path]:
    """Two models on toy images."""
    folder = tmp_path_factory.mktemp("lab")
    train, test = bars(200), bars(90, seed=1).renamed("bars-test")
    save_dataset(train, folder / "train.safetensors")
    save_dataset(test, folder / "test.safetensors")
    return run_lab(toy_plan(train, test, folder), silent, no_bar), folder


def toy_plan(train: Dataset, test: Dataset, folder: Path) -> Plan:
    settings = {"batch_size": 32, "steps": 6}
    models = ("logistic", "mlp")
    return Plan(train, test, folder, models=models, settings=settings, loading=LOADING)


def silent(titles: Sequence[str]) -> AbstractContextManager[None]:
    return nullcontext(None)


def test_the_notebook_of_a_russian_lab_has_russian_texts_and_tables(
    lab: tuple[LabContent, Path],
) -> None:
    folder = lab[1]
    data = {name: open_dataset(folder / f"{name}.safetensors") for name in ("train", "test")}
    with speaking("ru"):
        content = run_lab(toy_plan(data["train"], data["test"], folder), silent, no_bar)
        notebook = nbformat.reads(lab_notebook(content, folder), as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "## Задание 4" in text
    assert "glyphlab.speak('ru')" in text
    tables = [o.data.get("text/html", "") for c in notebook.cells for o in c.get("outputs", [])]
    assert "2 модели на 90 изображениях из набора bars" in tables[-1]


def test_the_notebook_walks_the_lab_and_has_the_outputs_of_every_cell(
    lab: tuple[LabContent, Path],
) -> None:
    content, folder = lab
    *_, path, data = write_report(content, folder, ["ipynb"])
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert data.name == "lab.json"
    text = "\n".join(cell.source for cell in notebook.cells)
    for part in ("# The lab on bars", "## Task 4", "runs/corrected/mlp/seed0", "compared"):
        assert part in text
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) == 2 + 2 * 2 + 1
    assert all(cell.outputs and cell.outputs[0].output_type == "execute_result" for cell in code)
    tables = [out.data["text/html"] for cell in code for out in cell.outputs]
    assert "2 models on 90 images of bars" in tables[-1]
    assert not [name for name in folder.iterdir() if name.suffix in (".html", ".md")]


def test_a_cell_that_fails_is_told_in_a_sentence(lab: tuple[LabContent, Path]) -> None:
    content, folder = lab
    broken = replace(content, loading="train = glyphlab.load('nowhere')")
    with pytest.raises(GlyphlabError, match="A cell of the notebook failed"):
        lab_notebook(broken, folder)


def test_without_jupyter_the_extra_is_named(
    lab: tuple[LabContent, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nbclient", None)
    with pytest.raises(InputError, match=r"install glyphlab\[notebook\]"):
        lab_notebook(*lab)
    with pytest.raises(InputError, match=r"install glyphlab\[notebook\]"):
        check_formats(["html", "ipynb"])


def test_names_from_outside_are_no_markup_in_it(lab: tuple[LabContent, Path]) -> None:
    content, folder = lab
    evil = replace(content, title="<b>*bold*</b>")
    first = json.loads(lab_notebook(evil, folder))["cells"][0]["source"]
    assert r"\<b\>\*bold\*\</b\>" in "".join(first)
