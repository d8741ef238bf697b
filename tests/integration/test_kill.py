"""Real processes, really killed."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.toys import bars

from glyphlab.data.formats import save_dataset

EPOCHS = 30


def start(here: Path, out: str, *more: str) -> "subprocess.Popen[str]":
    words = ["train", "conv-pool", "--data", "bars.safetensors", "--out", out]
    words += ["--set", f"epochs={EPOCHS}", "--set", "average=0.9", *more]
    return subprocess.Popen(
        [sys.executable, "-m", "glyphlab", *words],
        cwd=here,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process: "subprocess.Popen[str]", checkpoint: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if checkpoint.exists():
            return
        time.sleep(0.01)
    pytest.fail("the training has saved no checkpoint")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_killed_training_resumes_to_the_same_weights(
    tmp_path: Path, number: signal.Signals
) -> None:
    save_dataset(bars(400), tmp_path / "bars.safetensors")
    whole = start(tmp_path, "whole")
    assert whole.communicate()[1] is not None
    assert whole.returncode == 0
    process = start(tmp_path, "parts")
    wait_for(process, tmp_path / "parts" / "checkpoint.safetensors")
    process.send_signal(number)
    _, error = process.communicate()
    if number == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert "--resume" in error
        assert "Traceback" not in error
    assert not (tmp_path / "parts" / "weights.safetensors").exists()
    resumed = start(tmp_path, "parts", "--resume")
    assert "Traceback" not in resumed.communicate()[1]
    assert resumed.returncode == 0
    first = load_file(tmp_path / "whole" / "weights.safetensors")
    second = load_file(tmp_path / "parts" / "weights.safetensors")
    assert all(torch.equal(first[key], second[key]) for key in first)
    lines = (tmp_path / "parts" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == list(range(1, EPOCHS + 1))
