"""`glyphlab data export` writes images as PNG files that are read as the same Dataset."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.command import status
from tests.toys import bars

import glyphlab
from glyphlab.data import catalog
from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def by_id(dataset: Dataset) -> dict[str, tuple[str, bytes]]:
    """Class and pixels of each image, by the last part of its id."""
    images = zip(dataset.ids, dataset.labels, dataset.images, strict=True)
    return {
        name.rpartition("/")[2]: (dataset.classes[label], image.tobytes())
        for name, label, image in images
    }


def test_a_folder_is_read_as_the_dataset_that_it_was_written_of(capsys: Capture) -> None:
    data = bars(60)
    save_dataset(data, Path("bars.safetensors"))
    assert status("data", "export", "bars.safetensors", "pngs") == 0
    said = capsys.readouterr()
    assert "60 grey images of 28×28, 3 classes (bar0, bar1, bar2), in pngs" in said.out
    assert "Writing bars: 60 images" in said.err
    again = glyphlab.load("pngs")
    assert isinstance(again, Dataset)
    assert again.classes == data.classes
    assert again.class_counts.tolist() == [20, 20, 20]
    assert by_id(again) == by_id(data)


def test_two_parts_become_train_and_test_and_are_read_so(capsys: Capture) -> None:
    train, test = bars(60), bars(30, seed=1)
    catalog.keep(TrainTest(train, test), "both")
    assert status("data", "export", "both", "pngs", "--json", "-") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["folder"], told["remark"]) == ("pngs", None)
    assert {part: facts["n"] for part, facts in told["parts"].items()} == {"train": 60, "test": 30}
    assert told["parts"]["test"] == {
        "dataset": "both:test",
        "folder": "pngs/test",
        "n": 30,
        "counts": {"bar0": 10, "bar1": 10, "bar2": 10},
    }
    again = glyphlab.load("pngs")
    assert isinstance(again, TrainTest)
    for part, written in zip(again, (train, test), strict=True):
        assert part.classes == written.classes
        assert by_id(part) == by_id(written)


def test_one_part_or_a_name_that_is_built_in_can_be_had() -> None:
    catalog.keep(TrainTest(bars(60), bars(30, seed=1)), "both")
    assert status("data", "export", "both:test", "pngs") == 0
    again = glyphlab.load("pngs")
    assert isinstance(again, Dataset)
    assert len(again) == 30


def test_colours_and_sizes_stay_where_they_are_asked_for() -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, 9, 9, 3), np.uint8)
    ids = [f"{k}.png" for k in range(6)]
    data = Dataset(images, np.arange(6) % 2, ids, ("a", "b"), "colours")
    data.to_folder("first")
    words = ("--size", "9", "--mode", "rgb")
    assert status("data", "export", "first", "second", *words) == 0
    again = glyphlab.load("second", size=9, mode="rgb")
    assert isinstance(again, Dataset)
    assert by_id(again) == by_id(data)


def test_what_the_folder_can_not_keep_is_said(capsys: Capture) -> None:
    data = bars(60)
    data = Dataset(data.images[:40], data.labels[:40] // 2, data.ids[:40], ("b", "a", "Ж"), "odd")
    save_dataset(data, Path("odd.safetensors"))
    assert status("data", "export", "odd.safetensors", "pngs", "--json", "odd.json") == 0
    expected = (
        "The folder of odd is read without 'Ж', of which there are no images, in the order "
        "'a', 'b'."
    )
    assert json.loads(Path("odd.json").read_text("utf-8"))["remark"] == expected
    assert expected in " ".join(capsys.readouterr().err.split())


def test_a_folder_that_could_not_be_read_again_is_not_written(capsys: Capture) -> None:
    train, test = bars(60), bars(30, seed=1)
    few = train.subset(np.flatnonzero(train.labels < 2))
    catalog.keep(TrainTest(few, test), "both")
    assert status("data", "export", "both", "pngs") == 2
    assert "both:test has images of 'bar2', of which both:train has none" in capsys.readouterr().err
    assert not list(Path().iterdir())


def test_nothing_is_overwritten_and_bad_words_are_a_sentence(capsys: Capture) -> None:
    save_dataset(bars(60), Path("bars.safetensors"))
    Path("pngs").mkdir()
    assert status("data", "export", "bars.safetensors", "pngs") == 2
    assert "pngs exists already; give the path of a new folder" in capsys.readouterr().err
    assert status("data", "export", "nowhere", "out") == 2
    assert "nowhere" in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["bars.safetensors", "pngs"]
