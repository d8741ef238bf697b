"""`glyphlab train`, `evaluate` and `lab` on toy images."""

import json
import re
from pathlib import Path

import pytest
import torch
from tests.sharding import write_shards
from tests.toys import bars

from glyphlab.cli import main
from glyphlab.data.formats import save_dataset
from glyphlab.data.sharded import ShardedDataset
from glyphlab.training import preparation
from glyphlab.training.recipe import Recipe
from glyphlab.training.shard_feed import ShardFeed

KEYS = {
    "model",
    "dataset",
    "seed",
    "n",
    "accuracy",
    "accuracy_ci95",
    "parameters",
    "seconds",
    "images_per_second",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with toy images to train and to test on."""
    monkeypatch.chdir(tmp_path)
    save_dataset(bars(200), tmp_path / "train.safetensors")
    save_dataset(bars(90, seed=1), tmp_path / "test.safetensors")
    return tmp_path


def glyphlab(*words: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    assert not left.value.code


def test_train_and_evaluate(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    glyphlab(
        *("train", "logistic", "--data", "train.safetensors", "--out", "run"),
        *("--set", "epochs=20", "--set", "learning_rate=0.01", "--json", "train.json"),
    )
    figures = json.loads((here / "train.json").read_text())
    assert figures["train_accuracy"] == 1.0
    assert figures["parameters"] == 28 * 28 * 3 + 3
    glyphlab("evaluate", "run", "--data", "test.safetensors", "--json", "test.json")
    tested = json.loads((here / "test.json").read_text())
    assert tested.keys() >= KEYS
    assert tested["n"] == 90
    assert tested["accuracy"] == 1.0
    assert "95 % interval" in capsys.readouterr().out


def test_the_progress_of_a_training_is_plain_lines_without_a_terminal(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    glyphlab("train", "logistic", "--data", "train.safetensors", "--set", "epochs=2")
    error = capsys.readouterr().err
    assert "epoch 2/2" in error
    assert "images/s" in error
    assert "of peak" in error
    assert "\x1b" not in error


def test_a_training_is_logged_where_asked(here: Path) -> None:
    glyphlab(
        *("train", "logistic", "--data", "train.safetensors", "--out", "run"),
        *("--set", "epochs=1", "--log", "tensorboard"),
    )
    assert any((here / "run" / "tensorboard").glob("events.*"))


def test_a_users_own_model_is_trained(here: Path) -> None:
    (here / "mine.py").write_text(
        "from torch import nn\n"
        "def tiny(image_shape, classes):\n"
        "    h, w, c = image_shape\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(h * w * c, classes))\n"
    )
    glyphlab(
        *("train", "mine:tiny", "--data", "train.safetensors", "--out", "run"),
        *("--set", "epochs=2", "--json", "train.json"),
    )
    assert json.loads((here / "train.json").read_text())["model"] == "mine:tiny"
    glyphlab(
        *("evaluate", "run", "--data", "test.safetensors", "--model", "mine:tiny"),
        *("--json", "test.json"),
    )
    assert json.loads((here / "test.json").read_text())["model"] == "mine:tiny"


def test_the_notebooks_procedure_by_train(here: Path) -> None:
    glyphlab(
        *("train", "conv-pool", "--data", "train.safetensors", "--out", "run"),
        *("--protocol", "notebook", "--json", "train.json"),
    )
    assert json.loads((here / "train.json").read_text())["protocol"] == "notebook"


def test_the_lab_writes_table_json_markdown_and_page(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    glyphlab(
        *("lab", "--data", "train.safetensors", "--test", "test.safetensors", "--out", "out"),
        *("--models", "logistic,conv-pool", "--set", "steps=12", "--json", "lab.json"),
    )
    printed = capsys.readouterr().out
    assert "logistic" in printed
    assert "Task 4" in printed
    figures = json.loads((here / "lab.json").read_text())
    assert [row["model"] for row in figures["results"]] == ["logistic", "conv-pool"]
    assert all(row.keys() >= KEYS for row in figures["results"])
    for name in ("report.html", "report.md", "lab.json"):
        assert (here / "out" / name).stat().st_size > 0


def test_a_lab_in_russian_says_everything_in_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    glyphlab(
        *("lab", "--data", "train.safetensors", "--test", "test.safetensors", "--out", "out"),
        *("--models", "conv2,conv-pool", "--set", "steps=6", "--protocol", "both", "--lang", "ru"),
    )
    printed = capsys.readouterr().out
    assert "Тетрадь: Что скрывают её числа" in printed
    assert "conv2 (тетрадь)" in printed
    for name in ("report.html", "report.md"):
        text = (here / "out" / name).read_text("utf-8")
        assert "Задание 2" in text
        assert "с поправкой Холма" in text
        assert "--protocol both --models conv2,conv-pool --set steps=6 --lang ru" in text
        assert not re.search(r"\b(the|accuracy|images|trainings?)\b", prose(text)), name
    glyphlab("compare", "out/runs", "--test", "test.safetensors", "--out", "page", "--lang", "ru")
    assert "Наибольшая точность у" in capsys.readouterr().out
    page = (here / "page" / "comparison.html").read_text("utf-8")
    assert '<html lang="ru">' in page
    assert not re.search(r"\b(the|accuracy|images|trainings?)\b", prose(page))


def prose(text: str) -> str:
    """What a person reads in it: no style, script, recipe, command or tag."""
    bare = re.sub(r"(?s)<(style|script|code|svg).*?</\1>", "", text)
    return re.sub(r"<[^>]*>|^ {4}.*$|!\[|\]\([^)]*\)", "", bare, flags=re.MULTILINE)


def test_without_a_test_set_a_fifth_is_held_out_and_said_so(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    glyphlab(
        *("lab", "--data", "train.safetensors", "--models", "logistic", "--set", "steps=5"),
        *("--json", "lab.json"),
    )
    assert "held out" in capsys.readouterr().err
    assert json.loads((here / "lab.json").read_text())["results"][0]["n"] == 39


def test_two_sources_are_trained_on_together(here: Path) -> None:
    glyphlab(
        *("train", "logistic", "--data", "train.safetensors", "--data", "test.safetensors"),
        *("--set", "epochs=1", "--set", "validation=0", "--json", "train.json"),
    )
    assert json.loads((here / "train.json").read_text())["n"] == 290


def test_two_sharded_sources_are_trained_on_by_their_shards(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[tuple[int, int]] = []

    class Watched(ShardFeed):
        def __init__(self, dataset: ShardedDataset, recipe: Recipe, device: torch.device) -> None:
            fed.append((len(dataset), len(dataset.shards.index.shards)))
            super().__init__(dataset, recipe, device)

    monkeypatch.setattr(preparation, "ShardFeed", Watched)
    write_shards(bars(200), here / "a", 50)
    write_shards(bars(90, seed=1), here / "b", 50)
    glyphlab(
        *("train", "logistic", "--data", "a", "--data", "b"),
        *("--set", "epochs=1", "--set", "validation=0", "--json", "train.json"),
    )
    assert fed == [(290, 6)]
    assert json.loads((here / "train.json").read_text())["n"] == 290


def test_runs_are_compared_with_a_table_a_page_and_json(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model in ("logistic", "mlp"):
        words = ("train", model, "--data", "train.safetensors", "--out", f"runs/{model}")
        glyphlab(*words, "--set", "steps=6", "--set", "batch_size=32")
    capsys.readouterr()
    glyphlab("compare", "runs", "--test", "test.safetensors", "--json", "c.json", "--out", "page")
    said = capsys.readouterr().out
    assert "Tested on 90 images of bars" in said
    assert "has the highest accuracy" in said
    figures = json.loads((here / "c.json").read_text())
    assert {m["model"] for m in figures["models"]} == {"logistic", "mlp"}
    assert figures["models"][0].keys() >= KEYS - {"seconds", "images_per_second", "seed"}
    page = (here / "page" / "comparison.html").read_text("utf-8")
    assert "glyphlab compare runs --test test.safetensors" in page


def test_a_single_run_is_not_compared(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    glyphlab("train", "logistic", "--data", "train.safetensors", "--out", "a", "--set", "steps=2")
    with pytest.raises(SystemExit) as left:
        main(["compare", "a", "--test", "test.safetensors"])
    assert left.value.code == 2
    assert "only logistic is given; it takes two models at least" in capsys.readouterr().err
    assert not (here / "runs").exists()


def test_evidence_is_listed_and_run_alone_with_a_page_and_json(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    glyphlab("evidence", "--list")
    assert "label-noise" in capsys.readouterr().out
    glyphlab(
        *("evidence", "notebook-head", "--data", "train.safetensors", "--scale", "0.02"),
        *("--test", "test.safetensors", "--seeds", "2", "--out", "e", "--json", "e.json"),
    )
    said = capsys.readouterr()
    assert "notebook-head: 4 trainings, about" in said.err
    assert "The notebook's loss caps its probabilities." in said.out
    (found,) = json.loads((here / "e.json").read_text())["evidence"]
    assert (found["name"], found["n"], found["seeds"]) == ("notebook-head", 90, 2)
    page = (here / "e" / "evidence.html").read_text("utf-8")
    assert "no loss fall below" in page
    assert (
        "glyphlab evidence notebook-head --data train.safetensors --test test.safetensors "
        "--seeds 2 --scale 0.02"
    ) in page


def test_evidence_in_russian_takes_what_was_done_in_english(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        *("evidence", "notebook-head", "--data", "train.safetensors", "--scale", "0.02"),
        *("--test", "test.safetensors", "--seeds", "2", "--out", "e"),
    )
    glyphlab(*words)
    capsys.readouterr()
    glyphlab(*words, "--lang", "ru")
    said = capsys.readouterr()
    assert "notebook-head: 4 trainings, all done before." in said.err
    assert "Функция потерь тетради ограничивает вероятности сверху." in said.out
    page = (here / "e" / "evidence.html").read_text("utf-8")
    assert '<html lang="ru">' in page
    assert "говорят о каждом утверждении" in page
    assert "--test test.safetensors --seeds 2 --scale 0.02 --lang ru" in page
    glyphlab("evidence", "--list", "--lang", "ru")
    assert "Убывающая скорость обучения полезна." in capsys.readouterr().out


def test_an_unknown_experiment_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["evidence", "gravity", "--data", "train.safetensors", "--test", "test.safetensors"])
    assert left.value.code == 2
    assert "There is no experiment 'gravity'" in capsys.readouterr().err


@pytest.mark.parametrize("test", [(), ("--test", "test.safetensors")], ids=["held out", "named"])
def test_the_notebook_of_a_lab_reads_the_same_images(here: Path, test: tuple[str, ...]) -> None:
    glyphlab(
        *("lab", "--data", "train.safetensors", "--models", "logistic", "--set", "steps=3"),
        *("--out", "labs/mine", "--format", "ipynb", *test),
    )
    cells = json.loads((here / "labs" / "mine" / "report.ipynb").read_text())["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    assert any("'../../train.safetensors'" in source for source in sources)
    outputs = [out for cell in cells for out in cell.get("outputs", [])]
    assert [out["output_type"] for out in outputs] == ["execute_result"] * 4
    shown = "".join(outputs[-1]["data"]["text/plain"])
    assert f"{90 if test else 39} images" in shown


def test_an_unknown_format_is_refused_before_any_training(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["lab", "--data", "train.safetensors", "--format", "html,docx"])
    assert left.value.code == 2
    assert "as docx; choose from html, md, ipynb, pdf" in capsys.readouterr().err
    assert not (here / "runs").exists()
