"""Models have names, and are exchanged when their runs change."""

import asyncio
import shutil
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from tests.serving.conftest import trained
from tests.serving.running import png, served
from tests.toys import bars

from glyphlab.errors import InputError
from glyphlab.serving.engine import keep
from glyphlab.serving.metrics import Metrics
from glyphlab.serving.served import Computing, ServedModels, names_of
from glyphlab.training.run import WEIGHTS

CONTENT = png(bars(3, seed=9).images[2])


@pytest.fixture
def computing() -> Iterator[Computing]:
    with ThreadPoolExecutor(1) as executor:
        yield Computing(executor, 1)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["runs/a"], ["a"]),
        (["runs/a", "runs/b"], ["a", "b"]),
        (["x/a", "y/a", "b"], ["x/a", "y/a", "b"]),
        (["1/x/a", "2/x/a"], ["1/x/a", "2/x/a"]),
    ],
)
def test_a_model_is_named_as_its_folder_with_as_many_above_it_as_needed(
    paths: list[str], names: list[str]
) -> None:
    assert names_of([Path(path) for path in paths]) == names


def test_a_run_is_served_once(runs: list[Path]) -> None:
    with pytest.raises(InputError, match="is given twice"):
        names_of([runs[0], runs[0].parent / "." / runs[0].name])


def test_what_can_not_predict_is_not_served(tmp_path: Path, computing: Computing) -> None:
    with pytest.raises(InputError, match="no run in"):
        ServedModels([tmp_path], computing, Metrics())
    with pytest.raises(InputError, match="no model to serve"):
        ServedModels([], computing, Metrics())


def test_a_run_that_was_trained_anew_is_read_anew(
    runs: list[Path], tmp_path: Path, computing: Computing
) -> None:
    path = Path(shutil.copytree(runs[0], tmp_path / "run"))
    models = ServedModels([path], computing, Metrics())
    old = models["run"]
    asyncio.run(models.refresh())
    assert models["run"] is old

    shutil.rmtree(path)
    asyncio.run(models.refresh())
    assert models["run"] is old
    trained(path, seed=5)
    asyncio.run(models.refresh())
    assert models["run"] is not old
    assert models["run"].answers([CONTENT]) != old.answers([CONTENT])


def test_a_damaged_run_leaves_the_old_model_and_is_tried_again_when_it_changes(
    runs: list[Path], tmp_path: Path, computing: Computing, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(shutil.copytree(runs[0], tmp_path / "run"))
    metrics = Metrics()
    models = ServedModels([path], computing, metrics)
    old = models["run"]
    (path / WEIGHTS).write_bytes(b"nonsense")
    for _ in range(2):
        asyncio.run(models.refresh())
    assert models["run"] is old
    assert caplog.text.count("serves on as it was") == 1
    shutil.copy(runs[0] / WEIGHTS, path / WEIGHTS)
    asyncio.run(models.refresh())
    assert models["run"] is not old
    counted = metrics.text().decode()
    for outcome in ("failed", "done"):
        assert f'glyphlab_model_reloads_total{{model="run",outcome="{outcome}"}} 1.0' in counted


def test_a_server_exchanges_a_model_while_it_answers(
    runs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glyphlab.serving.app.LOOK_SECONDS", 0.05)
    path = Path(shutil.copytree(runs[0], tmp_path / "run"))
    other = trained(tmp_path / "other", seed=5)
    with served([path]) as server:
        before = server.ask("/api/predict", CONTENT).json
        for name in ("run.json", WEIGHTS):
            shutil.copy(other / name, path / f"{name}.part")
            (path / f"{name}.part").replace(path / name)
        answers = []
        while not answers or answers[-1].json == before:
            answers.append(server.ask("/api/predict", CONTENT))
            assert answers[-1].status == 200
            assert len(answers) < 3000
    assert answers[-1].json["images"][0]["predictions"][0]["class"] == "bar2"


def test_a_model_is_quickened_once_and_then_says_the_same(
    runs: list[Path], computing: Computing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(weights: Path) -> None:
        keep(weights)
        kept.append(weights)

    kept: list[Path] = []
    monkeypatch.setattr("glyphlab.serving.served.keep_elsewhere", at_once)
    models = ServedModels(runs[:1], computing, Metrics())
    (model,) = models.values()
    assert model.computed_by == "PyTorch"
    (before,) = model.answers([CONTENT])
    for _ in range(2):
        asyncio.run(models.quicken())
    assert kept == [runs[0] / WEIGHTS]
    (after,) = model.answers([CONTENT])
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after["probabilities"] == pytest.approx(before["probabilities"], abs=1e-5)
    assert model.computed_by == "ONNX Runtime"
    assert ServedModels(runs[:1], computing, Metrics())["logistic"].computed_by == "ONNX Runtime"


def test_a_model_that_was_exchanged_is_forgotten(
    runs: list[Path], tmp_path: Path, computing: Computing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glyphlab.serving.served.keep_elsewhere", AsyncMock())
    path = Path(shutil.copytree(runs[0], tmp_path / "run"))
    models = ServedModels([path], computing, Metrics())
    asyncio.run(models.quicken())
    old = weakref.ref(models["run"])
    shutil.copy(runs[0] / WEIGHTS, path / WEIGHTS)
    asyncio.run(models.refresh())
    asyncio.run(models.quicken())
    assert old() is None
