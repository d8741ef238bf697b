"""`glyphlab predict` as a user calls it."""

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.toys import bars

import glyphlab
from glyphlab.cli import main


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run and two images."""
    monkeypatch.chdir(tmp_path)
    settings = {"steps": 80, "learning_rate": 0.02, "batch_size": 64, "validation": 0.25}
    recipe = glyphlab.default_recipe("logistic").replace(**settings)
    glyphlab.fit("logistic", bars(600), recipe, out=tmp_path / "run")
    for place, image in enumerate(bars(2, seed=5).images):
        Image.fromarray(image[:, :, 0]).save(tmp_path / f"{place}.png")
    return tmp_path


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


def test_images_are_named_with_probability_and_runner_up(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("predict", "run", "0.png", "1.png") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "runner-up" in lines[0]
    assert lines[2].split()[:2] == ["0.png", "bar0"]
    assert lines[3].split()[:2] == ["1.png", "bar1"]


def test_csv_and_json_hold_every_image(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("predict", "run", ".", "--csv", "p.csv", "--json", "p.json") == 0
    rows = list(csv.DictReader(io.StringIO((here / "p.csv").read_text("utf-8"))))
    assert [row["image"] for row in rows] == ["0.png", "1.png"]
    assert [row["class"] for row in rows] == ["bar0", "bar1"]
    said = json.loads((here / "p.json").read_text("utf-8"))
    assert (said["model"], said["dataset"]) == ("logistic", "bars")
    assert [row["class"] for row in said["predictions"]] == ["bar0", "bar1"]
    assert said["predictions"][0]["unlike"] in (True, False)
    assert said["unreadable"] == []


def test_a_dash_is_an_image_on_standard_input_and_json_on_standard_output(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (here / "1.png").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert call("predict", "run", "-", "--json", "-") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["predictions"][0]["class"] == "bar1"
    assert said["predictions"][0]["image"] == "standard input"


def test_of_many_images_the_classes_are_counted(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, image in enumerate(bars(45, seed=6).images):
        (here / "many").mkdir(exist_ok=True)
        Image.fromarray(image[:, :, 0]).save(here / "many" / f"{place}.png")
    assert call("predict", "run", "many") == 0
    said = capsys.readouterr().out
    assert "45 images, of which" in said
    assert [line.split() for line in said.splitlines()[2:5]] == [
        [f"bar{k}", "15"] for k in range(3)
    ]


def test_files_that_can_not_be_read_are_told_and_the_rest_is_predicted(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "2.png").write_bytes(b"")
    assert call("predict", "run", ".") == 0
    said = capsys.readouterr()
    assert "2.png can't be read: empty (0 bytes)." in said.err
    assert "0.png" in said.out


def test_bad_input_is_a_sentence_and_status_2(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("predict", "run", "nowhere.png") == 2
    assert "There is no nowhere.png; give an image" in capsys.readouterr().err
    assert call("predict", "nothing", "0.png") == 2
    assert "There is no run in nothing" in capsys.readouterr().err


def test_a_run_that_can_not_judge_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "run" / "examples.safetensors").unlink()
    assert call("predict", "run", "0.png") == 0
    said = capsys.readouterr()
    assert "run can't tell images that are unlike all that it was trained on" in said.err
    assert "unlike" not in said.out


def said_of(run: str, *words: str) -> list[dict[str, str]]:
    assert call("predict", run, *words, "--csv", f"{run}.csv") == 0
    return list(csv.DictReader(io.StringIO(Path(f"{run}.csv").read_text("utf-8"))))


def test_an_imported_run_says_what_the_run_says_that_its_weights_are_of(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph = 255 - np.pad(bars(2, seed=5).images[1, :, :, 0], 40)
    Image.fromarray(photograph).resize((324, 324)).save(here / "photograph.png")
    assert call("export", "run", "--format", "safetensors", "--out", "out") == 0
    assert call("import", "out/logistic.safetensors", "--out", "again") == 0
    capsys.readouterr()
    columns = ("image", "class", "probability", "second", "second_probability")
    ours, theirs = (said_of(run, "0.png", "photograph.png") for run in ("run", "again"))
    assert [[row[key] for key in columns] for row in theirs] == [
        [row[key] for key in columns] for row in ours
    ]
    assert [row["unlike"] for row in theirs] == ["", ""]
    assert "imported, without examples of their training images" in capsys.readouterr().err


def test_imported_weights_without_a_form_are_said_to_be_so(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("import", "run/weights.safetensors", "--out", "again") == 0
    capsys.readouterr()
    (row,) = said_of("again", "1.png")
    (expected,) = glyphlab.predict("run", here / "1.png", raw=True).rows()
    assert (row["class"], float(row["probability"])) == (
        "bar1",
        pytest.approx(expected["probability"], abs=1e-5),
    )
    said = capsys.readouterr().err
    assert "again were imported without the form of their training images" in said
    assert "train again" not in said
