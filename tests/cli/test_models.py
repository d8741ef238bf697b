"""`glyphlab models` and `glyphlab summary`."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from glyphlab.cli.models import models, summary
from glyphlab.errors import InputError
from glyphlab.models import names

app = typer.Typer()
app.command("models")(models)
app.command("summary")(summary)


def run(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "120", "NO_COLOR": "1"}).invoke(app, words)


def test_models_are_listed_from_the_simplest_with_parameters_and_arguments() -> None:
    lines = run("models").stdout.splitlines()
    listed = [line.split()[0] for line in lines if line.split() and line.split()[0] in names()]
    assert listed == list(names())
    conv2 = next(line for line in lines if line.split()[:1] == ["conv2"])
    assert "lab 3, task 1" in conv2
    assert "225,898" in conv2
    assert "timm:resnet18" in lines[-1]


def test_models_are_written_as_json(tmp_path: Path) -> None:
    file = tmp_path / "models.json"
    assert run("models", "--json", str(file)).exit_code == 0
    entries = {entry["model"]: entry for entry in json.loads(file.read_text())}
    assert tuple(entries) == names()
    assert entries["lenet5"]["parameters"] == 83_774
    assert entries["conv-pool"]["arguments"] == {"pooling": "max", "dropout": 0.0}
    assert set(entries["mlp"]) == {"model", "task", "description", "parameters", "arguments"}


def test_summary_prints_the_table() -> None:
    result = run("summary", "conv2")
    assert result.exit_code == 0
    assert "Total params: 225,898" in result.stdout


def test_summary_takes_size_channels_classes_and_arguments() -> None:
    text = run(
        *["summary", "mlp", "--image-size", "4", "--channels", "3", "--classes", "2"],
        *["--arg", "hidden=[7,5]", "--arg", "activation=tanh"],
    ).stdout
    assert "(None, 48)" in text
    assert f"Total params: {48 * 7 + 7 + 7 * 5 + 5 + 5 * 2 + 2}" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["resnet"], "no model 'resnet'"),
        (["lenet5", "--image-size", "10"], "least size is 19×19"),
        (["mlp", "--arg", "hidden"], "write key=value"),
        (["mlp", "--arg", "depth=2"], "no argument 'depth'"),
    ],
)
def test_what_cannot_be_is_told(words: list[str], message: str) -> None:
    error = run("summary", *words).exception
    assert isinstance(error, InputError)
    assert message in str(error)
