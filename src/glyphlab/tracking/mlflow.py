"""MLflow: a run of its experiment, on a tracking server or in a local store."""

import json
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path

from glyphlab.files import write_json
from glyphlab.tracking.tracker import Ending, Entry, Status, Tracked

DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
}
"""Settings of MLflow where the user has made none: by its own, it reports what is used to its
makers, and a server that doesn't answer is waited for by the quarter of an hour."""

for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)

import mlflow  # noqa: E402

FILE = "mlflow.json"
"""Where the id of the run is kept, in the folder of the training."""
EXPERIMENT = "glyphlab"
STATUS: dict[Status, str] = {"finished": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}
TALKATIVE = ("mlflow.store.db.utils", "alembic", "urllib3.connectionpool")
"""Loggers that tell how a store is made, or each try of a request; an error is told anyway."""


class MLflow:
    """Makes a training a run of MLflow's, see `Tracker`.

    Where to is MLflow's own setting: `MLFLOW_TRACKING_URI`, `mlflow.set_tracking_uri`, or
    `mlflow.db` in the current folder. The experiment is `MLFLOW_EXPERIMENT_NAME`, or "glyphlab".
    """

    def __init__(self, training: Tracked, history: Sequence[Entry]) -> None:
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.ERROR)
        self._client = mlflow.MlflowClient()
        self._noted = 0
        self._run_id = self._known_run(training.path / FILE) or self._new_run(training)
        for entry in history:
            self.note_epoch(entry)

    def note_epoch(self, entry: Entry) -> None:
        """Send the figures of an epoch under the names of the history, unless it has them."""
        if entry["epoch"] > self._noted:
            self._send(entry, step=int(entry["epoch"]))

    def finish(self, ending: Ending) -> None:
        """Send the figures of the final weights, and the files of the run."""
        self._send({f"final_{key}": value for key, value in ending.figures.items()}, step=0)
        for file in ending.files:
            self._client.log_artifact(self._run_id, str(file))

    def close(self, status: Status) -> None:
        """Say how it ended."""
        self._client.set_terminated(self._run_id, STATUS[status])

    def _known_run(self, file: Path) -> str | None:
        """Go on with the run that is noted in the folder, if the server still has it."""
        if not file.exists():
            return None
        run_id: str = json.loads(file.read_text("utf-8"))["run_id"]
        try:
            self._client.update_run(run_id, status="RUNNING")
        except mlflow.MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise
        steps = [metric.step for metric in self._client.get_metric_history(run_id, "loss")]
        self._noted = max(steps, default=0)
        return run_id

    def _new_run(self, training: Tracked) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        experiment = self._client.get_experiment_by_name(name)
        place = experiment.experiment_id if experiment else self._client.create_experiment(name)
        run_id: str = self._client.create_run(place, run_name=training.name).info.run_id
        write_json(training.path / FILE, {"run_id": run_id})
        parameters = training.parameters.items()
        self._client.log_batch(
            run_id, params=[mlflow.entities.Param(key, str(value)) for key, value in parameters]
        )
        return run_id

    def _send(self, figures: Entry, step: int) -> None:
        now = int(time.time() * 1000)
        metrics = [
            mlflow.entities.Metric(key, value, now, step)
            for key, value in figures.items()
            if key != "epoch"
        ]
        self._client.log_batch(self._run_id, metrics=metrics)
