"""From folders of runs to a Comparison."""

import json
from pathlib import Path

import pytest
from tests.toys import bars

import glyphlab
from glyphlab.errors import InputError
from glyphlab.lab.comparing import compare_runs, find_runs, names_of
from glyphlab.lab.notebook_protocol import fit_notebook

TEST = bars(90, seed=1).renamed("bars-test")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logistic regression with two seeds, and a network of one hidden layer."""
    path = tmp_path_factory.mktemp("runs")
    for model, seed in (("logistic", 0), ("logistic", 1), ("mlp", 0)):
        train(path / f"{model}-{seed}", model, seed=seed)
    return path


def train(out: Path, model: str, *, images: int = 120, **changes: object) -> None:
    settings = {"steps": 8, "batch_size": 32, "precision": "float32", **changes}
    recipe = glyphlab.default_recipe(model).replace(**settings)
    glyphlab.fit(model, bars(images), recipe, out=out)


def test_a_folder_stands_for_all_runs_below_it_each_once(folder: Path) -> None:
    runs = find_runs([folder, folder / "mlp-0"])
    assert [run.path.name for run in runs] == ["logistic-0", "logistic-1", "mlp-0"]


def test_seeds_are_trainings_of_one_model(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    comparison = compare_runs(find_runs([folder]), TEST, lambda *done: told.append(done))
    assert {c.name: c.trainings for c in comparison.candidates} == {"logistic": 2, "mlp": 1}
    assert comparison.n == 90
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert all(c.cost("operations") and c.cost("train_seconds") for c in comparison.candidates)


def test_an_evaluation_of_the_same_images_is_taken_from_the_run(folder: Path) -> None:
    runs = find_runs([folder])
    first = compare_runs(runs, TEST)
    files = sorted(folder.rglob("evaluations/*.safetensors"))
    before = [file.stat().st_mtime_ns for file in files]
    assert len(files) == 3
    assert compare_runs(runs, TEST).to_json() == first.to_json()
    assert [file.stat().st_mtime_ns for file in files] == before


def test_a_model_trained_in_two_ways_is_named_by_what_differs(folder: Path, tmp_path: Path) -> None:
    train(tmp_path / "decayed", "logistic", l2=0.5)
    train(tmp_path / "few", "mlp", images=60)
    fit_notebook("conv-pool", bars(120), out=tmp_path / "old")
    train(tmp_path / "new", "conv-pool")
    runs = find_runs([folder, tmp_path])
    assert dict(zip([run.path.name for run in runs], names_of(runs), strict=True)) == {
        "logistic-0": "logistic (l2=0.0)",
        "logistic-1": "logistic (l2=0.0)",
        "mlp-0": "mlp (trained on 120 of bars)",
        "decayed": "logistic (l2=0.5)",
        "few": "mlp (trained on 60 of bars)",
        "new": "conv-pool",
        "old": "conv-pool (notebook)",
    }


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no run in"):
        find_runs([tmp_path])


def test_a_run_without_weights_is_refused(folder: Path, tmp_path: Path) -> None:
    info = json.loads((folder / "mlp-0" / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps(info | {"seconds": None}))
    with pytest.raises(InputError, match="has no weights yet; go on with its training"):
        find_runs([tmp_path])


def test_one_run_is_nothing_to_compare(folder: Path) -> None:
    with pytest.raises(InputError, match="only mlp is given"):
        compare_runs(find_runs([folder / "mlp-0"]), TEST)


def test_images_of_other_classes_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="test on the same classes"):
        compare_runs(find_runs([folder]), bars(90, classes=4))


def test_too_few_images_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="5 images of bars can't tell 2 models apart"):
        compare_runs(find_runs([folder]), bars(5))
