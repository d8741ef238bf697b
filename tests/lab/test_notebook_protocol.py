"""The notebook's procedure, with its defects."""

import math
from pathlib import Path

import numpy as np
import pytest
from tests.toys import bars

from glyphlab.errors import InputError
from glyphlab.lab.notebook_protocol import fit_notebook
from glyphlab.lab.phrases import highest_probability, lowest_loss


def test_ten_epochs_of_mini_batches_of_32_on_95_percent_of_each_thousand(tmp_path: Path) -> None:
    steps: list[int] = []
    run = fit_notebook(
        "conv-pool", bars(1100), out=tmp_path / "run", report=lambda s: steps.append(s.step)
    )
    assert len(run.history) == 2
    assert steps[-1] == 10 * math.ceil(950 / 32) + 10 * math.ceil(95 / 32)


def test_it_reports_the_means_over_batches_as_the_notebook_prints_them(tmp_path: Path) -> None:
    run = fit_notebook("conv-pool", bars(1100), out=tmp_path / "run")
    assert run.info.protocol == "notebook"
    assert run.info.train_accuracy == pytest.approx(
        np.mean([entry["train_accuracy"] for entry in run.history])
    )
    assert run.info.validation_accuracy == pytest.approx(
        np.mean([entry["validation_accuracy"] for entry in run.history])
    )


@pytest.mark.parametrize("model", ["conv-pool", "lenet5"])
def test_its_loss_and_probabilities_can_not_pass_the_bounds_of_its_outputs(
    tmp_path: Path, model: str
) -> None:
    dataset = bars(400)
    run = fit_notebook(model, dataset, out=tmp_path / "run")
    probabilities = run.classifier.probabilities(dataset.images)
    assert probabilities.max() <= highest_probability(3) + 1e-6
    assert min(entry["loss"] for entry in run.history) >= lowest_loss(3) - 1e-6


def test_the_bounds_for_ten_classes_are_those_of_the_notebook() -> None:
    assert highest_probability(10) == pytest.approx(0.232, abs=5e-4)
    assert lowest_loss(10) == pytest.approx(1.461, abs=5e-4)


def test_a_run_stopped_after_a_batch_ends_in_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal

    import torch
    from safetensors.torch import load_file

    from glyphlab.errors import Interrupted
    from glyphlab.lab import notebook_protocol

    dataset = bars(1100)
    whole = fit_notebook("conv-pool", dataset, out=tmp_path / "whole")
    validate = notebook_protocol._validate

    def interrupted(*arguments: object) -> tuple[float, float]:
        signal.raise_signal(signal.SIGINT)
        return validate(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(notebook_protocol, "_validate", interrupted)
        with pytest.raises(Interrupted, match="batch 1 of 2"):
            fit_notebook("conv-pool", dataset, out=tmp_path / "parts")
    resumed = fit_notebook("conv-pool", dataset, out=tmp_path / "parts", resume=True)
    first = load_file(whole.path / "weights.safetensors")
    second = load_file(resumed.path / "weights.safetensors")
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_model_that_the_notebook_has_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="conv2, conv-pool, lenet5"):
        fit_notebook("mlp", bars(), out=tmp_path / "run")
