"""What MLflow itself has of a training, and that a server which is lost loses no training."""

import logging
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.interruption import StopAfter
from tests.toys import bars

from glyphlab.errors import Interrupted
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe

pytest.importorskip("mlflow", reason="the extra mlflow is not installed")

# MLflow's own: its store uses what SQLAlchemy calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

QUICK = Recipe(epochs=3, batch_size=32, learning_rate=3e-3, device="cpu")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local store as MLflow makes it, in seconds."""
    for package in ("sqlalchemy", "alembic"):
        pytest.importorskip(package, reason="the extra mlflow is not installed whole")
    from mlflow import MlflowClient

    file = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture
def client(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the store where MLflow has it by default, in the current folder."""
    from mlflow import MlflowClient

    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("mlflow.db", "other.db"):
        shutil.copy(empty_store, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")


def only_run(client: Any, experiment: str = "glyphlab") -> Any:
    place = client.get_experiment_by_name(experiment)
    (run,) = client.search_runs([place.experiment_id])
    return run


def series(client: Any, key: str) -> list[tuple[int, float]]:
    history = client.get_metric_history(only_run(client).info.run_id, key)
    return [(metric.step, metric.value) for metric in history]


def test_a_training_is_a_run_with_recipe_figures_and_files(tmp_path: Path, client: Any) -> None:
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["mlflow"])
    told = only_run(client)
    assert told.info.run_name == "logistic-bars-seed0"
    assert told.info.status == "FINISHED"
    assert told.data.params["learning_rate"] == "0.003"
    assert told.data.params["model"] == "logistic"
    assert told.data.metrics["final_validation_accuracy"] == run.info.validation_accuracy
    assert series(client, "loss") == [(int(e["epoch"]), e["loss"]) for e in run.history]
    files = {file.path for file in client.list_artifacts(told.info.run_id)}
    assert files == {"run.json", "recipe.toml", "history.jsonl", "weights.safetensors"}


def test_the_experiment_is_the_one_that_mlflow_is_set_to(
    tmp_path: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "letters")
    for seed in (0, 1):
        recipe = QUICK.replace(epochs=1, seed=seed)
        fit("logistic", bars(), recipe, out=tmp_path / str(seed), log=["mlflow"])
    place = client.get_experiment_by_name("letters").experiment_id
    names = {run.info.run_name for run in client.search_runs([place])}
    assert names == {"logistic-bars-seed0", "logistic-bars-seed1"}


def test_a_training_that_goes_on_is_the_same_run_with_every_epoch_once(
    tmp_path: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        StopAfter(patch, 10)  # of 7 steps an epoch
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["mlflow"])
    assert only_run(client).info.status == "KILLED"
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True, log=["mlflow"])
    assert only_run(client).info.status == "FINISHED"
    assert series(client, "loss") == [(int(e["epoch"]), e["loss"]) for e in run.history]


def test_where_the_store_is_another_one_a_resumed_training_is_a_new_run_with_all_epochs(
    tmp_path: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        StopAfter(patch, 10)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'other.db'}")
        with pytest.raises(Interrupted):
            fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["mlflow"])
    run = fit("logistic", bars(), QUICK, out=tmp_path / "run", resume=True, log=["mlflow"])
    assert series(client, "loss") == [(int(e["epoch"]), e["loss"]) for e in run.history]


def test_nothing_is_reported_to_the_makers_of_mlflow() -> None:
    from mlflow.environment_variables import MLFLOW_DISABLE_TELEMETRY

    from glyphlab.tracking.mlflow import MLflow  # noqa: F401

    assert MLFLOW_DISABLE_TELEMETRY.get() is True


@pytest.fixture(params=["refuses", "hangs"])
def lost_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a port that is closed, or of one where nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        if request.param == "refuses":
            server.close()
        yield address


def test_a_server_that_does_not_answer_costs_one_remark_and_no_training(
    tmp_path: Path,
    lost_server: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", lost_server)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with caplog.at_level(logging.WARNING):
        run = fit("logistic", bars(), QUICK, out=tmp_path / "run", log=["mlflow"])
    assert run.info.validation_accuracy == 1.0
    (remark,) = caplog.messages
    assert remark.startswith("MLflow can't be told of this training, which goes on without it")
    assert remark.endswith(f"its figures are in {tmp_path / 'run'}.")
