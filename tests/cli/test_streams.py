"""Results go to standard output, all else to standard error; JSON can have the output alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.command import status
from tests.data.letterforms import dejavu
from tests.toys import bars
from typer.main import get_command

import glyphlab
from glyphlab.cli.configuration import commands, options
from glyphlab.cli.main import app
from glyphlab.data import catalog
from glyphlab.data.formats import save_dataset

Capture = pytest.CaptureFixture[str]

TESTED = {"model", "dataset", "seed", "n", "accuracy", "accuracy_ci95", "parameters"}
RECIPE = ("--set", "steps=4", "--set", "batch_size=32")
WITHOUT_RESULT = {"data review", "serve"}
"""They serve a page until they are stopped."""

CALLS = {
    "models": ("models", set()),
    "summary": ("summary logistic", {"model", "parameters", "layers"}),
    "data add": ("data add train.safetensors --name mine", {"datasets"}),
    "data get": ("data get mnist", {"datasets"}),
    "data list": ("data list", {"datasets"}),
    "data show": ("data show train.safetensors", {"parts"}),
    "data export": ("data export train.safetensors pngs", {"folder", "parts", "remark"}),
    "data render": (
        "data render --fonts fonts --letters AB --out r.safetensors",
        {"datasets", "faces", "left_out"},
    ),
    "data audit": (
        "data audit train.safetensors --no-labels",
        {"dataset", "n", "duplicates", "near_duplicates", "seconds"},
    ),
    "data clean": ("data clean train.safetensors --out c.safetensors", {"train"}),
    "train": (
        f"train logistic --data train.safetensors --out new {' '.join(RECIPE)}",
        {"model", "dataset", "seed", "n", "parameters", "seconds", "images_per_second", "run"},
    ),
    "evaluate": (
        "evaluate logistic --data test.safetensors",
        TESTED | {"seconds", "images_per_second", "classes", "confusion"},
    ),
    "predict": (
        "predict logistic pictures",
        {"model", "dataset", "n", "predictions", "unreadable"},
    ),
    "export": (
        "export logistic --format onnx --check test.safetensors --out exported",
        {"format", "folder", "files", "agreement", "evaluation", "int8"},
    ),
    "import": (
        "import logistic/weights.safetensors --out imported",
        {"model", "parameters", "classes", "image_shape", "mean", "std", "run"},
    ),
    "compare": (
        "compare logistic mlp --test test.safetensors",
        {"dataset", "n", "models", "pairs"},
    ),
    "evidence": (
        "evidence notebook-head --data train.safetensors --test test.safetensors --seeds 2 "
        "--scale 0.02",
        {"evidence"},
    ),
    "lab": (
        "lab --data train.safetensors --test test.safetensors --models logistic "
        f"{' '.join(RECIPE)}",
        {"training", "test", "results"},
    ),
    "tune": (
        "tune logistic --data train.safetensors --trials 2 --confirm 0 --set steps=4 "
        "--set batch_size=32 --out searched",
        {"model", "dataset", "seed", "n", "n_validation", "space", "trials", "best", "recipe"},
    ),
    "config": ("config lab", {"files", "options"}),
    "doctor": ("doctor --no-test", {"facts", "checks"}),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Images, two runs, pictures and fonts."""
    folder = tmp_path_factory.mktemp("streams")
    save_dataset(bars(120), folder / "train.safetensors")
    save_dataset(bars(45, seed=1), folder / "test.safetensors")
    for name in ("logistic", "mlp"):
        recipe = glyphlab.default_recipe(name).replace(steps=4, batch_size=32)
        glyphlab.fit(name, bars(120), recipe, out=folder / name)
    (folder / "pictures").mkdir()
    from PIL import Image

    Image.fromarray(bars(1).images[0, :, :, 0]).save(folder / "pictures" / "a.png")
    dejavu(folder / "fonts", "Sans")
    yield folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run there; `mnist` is a name that is taken."""
    monkeypatch.chdir(place)
    catalog.keep(bars(12), "mnist")


def all_commands() -> set[str]:
    root = get_command(app)
    return {" ".join(path) for path, command in commands(root) if not hasattr(command, "commands")}


def test_every_command_that_has_a_result_gives_it_as_json() -> None:
    assert set(CALLS) == all_commands() - WITHOUT_RESULT
    root = get_command(app)
    for path, command in commands(root):
        if " ".join(path) in CALLS:
            assert "json" in options(command, root), path


def test_the_documents_name_every_command_with_its_json() -> None:
    page = (Path(__file__).parents[2] / "docs" / "command.md").read_text("utf-8")
    rows = page.split("| command | at the top |")[1].split("\n\n")[0]
    assert [command for command in CALLS if f"`{command}`" not in rows] == []


@pytest.mark.parametrize("command", CALLS)
def test_a_dash_prints_the_json_and_nothing_else(command: str, capsys: Capture) -> None:
    words, keys = CALLS[command]
    extra = ["--force"] if command == "data add" else []
    capsys.readouterr()
    assert status(*words.split(), "--json", "-", *extra) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert isinstance(found, list) or found.keys() >= keys
    assert "\x1b" not in said.out + said.err


@pytest.mark.parametrize("command", CALLS)
def test_quiet_leaves_the_results_only(
    command: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = CALLS[command][0].replace("--out new", f"--out {tmp_path / 'run'}")
    for out in ("exported", "imported", "searched"):
        words = words.replace(f"--out {out}", f"--out {tmp_path / out}")
    words = words.replace(" pngs", f" {tmp_path / 'pngs'}")
    capsys.readouterr()
    assert status("--quiet", *words.split()) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.strip()


def test_a_file_holds_what_a_dash_prints(capsys: Capture, tmp_path: Path) -> None:
    assert status("summary", "mlp", "--json", str(tmp_path / "s.json")) == 0
    assert "Total params" in capsys.readouterr().out
    assert status("summary", "mlp", "--json", "-") == 0
    assert capsys.readouterr().out == (tmp_path / "s.json").read_text("utf-8")


def test_the_json_of_a_summary_adds_up(capsys: Capture) -> None:
    assert status("summary", "lenet5", "--json", "-") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["parameters"] == 83_774
    assert sum(layer["parameters"] for layer in found["layers"]) == 83_774
    assert found["layers"][-1]["shape"] == [10]


def test_the_json_of_a_list_names_sizes_files_and_damage(capsys: Capture) -> None:
    catalog.keep(bars(12), "broken")
    catalog.stored("broken")["data"].write_bytes(b"short")
    assert status("data", "list", "--json", "-") == 0
    said = capsys.readouterr()
    listed = {each["name"]: each for each in json.loads(said.out)["datasets"]}
    assert list(listed) == ["glyphs", "broken", "mnist"]
    part = listed["mnist"]["parts"]["data"]
    assert (part["n"], part["height"], part["channels"]) == (12, 28, 1)
    assert part["classes"] == ["bar0", "bar1", "bar2"]
    assert Path(listed["mnist"]["files"]["data"]).is_file()
    assert listed["glyphs"]["bytes"] is None
    assert "truncated" in listed["broken"]["damage"]
    assert "truncated" in said.err


def test_the_json_of_cleaning_counts_both_parts_and_lists_changes(
    capsys: Capture, tmp_path: Path
) -> None:
    words = ("data", "clean", "train.safetensors", "--test", "test.safetensors", "--out")
    clean, test = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    assert status(*words, str(clean), "--test-out", str(test), "--json", "-") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["train"]["n_before"], found["train"]["n"]) == (120, 120)
    assert (found["test"]["n_before"], found["test"]["file"]) == (45, str(test))
    assert found["train"]["changes"] == []


def test_json_and_csv_cannot_both_have_the_output(capsys: Capture) -> None:
    assert status("predict", "logistic", "pictures", "--csv", "-", "--json", "-") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "one result only" in said.err


def test_a_folder_is_no_place_for_json_and_said_so_before_any_work(capsys: Capture) -> None:
    assert status("train", "mlp", "--data", "nowhere", "--json", "pictures") == 2
    assert "--json: file 'pictures' is a directory" in capsys.readouterr().err


def test_errors_are_said_however_quiet(capsys: Capture) -> None:
    assert status("-q", "summary", "fly") == 2
    assert "fly" in capsys.readouterr().err
