"""What an Evaluation knows, refuses and keeps in its file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from glyphlab.errors import InputError
from glyphlab.evaluation.evaluation import Evaluation


def make(**changes: Any) -> Evaluation:
    facts: dict[str, Any] = {
        "probabilities": np.array(
            [[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.9, 0.0], [0.3, 0.3, 0.4], [0.5, 0.5, 0.0]],
            np.float32,
        ),
        "labels": np.array([0, 1, 0, 1, 0]),
        "classes": ("A", "B", "C"),
        "ids": ["a/1.png", "b/2.png", "a/ü.png", "b/4.png", ""],
        "model": "mlp",
        "dataset": "small",
        "dataset_fingerprint": "f" * 64,
        "seed": 3,
        "parameters": 7_850,
        "seconds": 0.25,
    }
    return Evaluation(**(facts | changes))


def test_predictions_are_the_most_probable_class_the_first_of_equals() -> None:
    assert make().predictions.tolist() == [0, 1, 1, 2, 0]
    assert make().predictions.dtype == np.int64


def test_accuracy_counts_the_correct_ones_and_has_wilsons_interval() -> None:
    evaluation = make()
    assert evaluation.correct.tolist() == [True, True, False, False, True]
    assert evaluation.accuracy == 0.6
    # (2x + z² ∓ z√(z² + 4x(n−x)/n)) / 2(n + z²), x = 3, n = 5, z = 1.959964
    assert evaluation.accuracy_ci95 == pytest.approx((0.230724, 0.882379), abs=1e-6)


def test_confusion_has_the_true_class_in_rows() -> None:
    evaluation = make()
    assert evaluation.confusion.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 0]]
    assert evaluation.confusion.dtype == np.int64


def test_a_class_without_images_has_no_accuracy() -> None:
    shares = make().class_accuracy
    assert shares[:2] == pytest.approx([2 / 3, 1 / 2])
    assert np.isnan(shares[2])


def test_confident_mistakes_come_most_confident_first() -> None:
    evaluation = make()
    assert evaluation.confident_mistakes(10).tolist() == [2, 3]
    assert evaluation.confident_mistakes(1).tolist() == [2]
    assert evaluation.confident_mistakes(0).tolist() == []


def test_equally_confident_mistakes_stay_in_the_order_of_the_images() -> None:
    probabilities = np.tile(np.array([[0.2, 0.8]], np.float32), (4, 1))
    evaluation = make(
        probabilities=probabilities,
        labels=np.array([0, 1, 0, 0]),
        classes=("A", "B"),
        ids=None,
    )
    assert evaluation.confident_mistakes(9).tolist() == [0, 2, 3]


def test_json_has_the_stable_keys() -> None:
    found = make().to_json()
    low, high = found.pop("accuracy_ci95")
    assert low < 0.6 < high
    assert found == {
        "model": "mlp",
        "dataset": "small",
        "seed": 3,
        "n": 5,
        "accuracy": 0.6,
        "parameters": 7_850,
        "seconds": 0.25,
        "images_per_second": 20.0,
        "operations": None,
        "train_seconds": None,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": np.array([0, 1])}, "5 rows of probabilities, 2 labels"),
        ({"ids": ["one"]}, "1 ids"),
        ({"labels": np.array([0, 1, 3, 0, 0])}, "a label lies outside the 3 classes"),
        ({"labels": np.array([0, -1, 1, 0, 0])}, "a label lies outside the 3 classes"),
        ({"labels": np.zeros(5, np.int32)}, "labels must be int64"),
        ({"probabilities": np.full((5, 3), np.nan, np.float32)}, "not finite"),
        ({"probabilities": np.full((5, 3), np.inf, np.float32)}, "not finite"),
        ({"probabilities": np.full((5, 3), -0.5, np.float32)}, "outside 0 to 1"),
        ({"probabilities": np.full((5, 3), 1.5, np.float32)}, "outside 0 to 1"),
        ({"probabilities": np.ones((5, 3))}, "must be float32"),
        ({"probabilities": np.ones((5, 2), np.float32)}, "2 probabilities an image for 3 classes"),
        ({"seconds": 0.0}, "give how long"),
        ({"seconds": float("inf")}, "give how long"),
        ({"operations": -1}, "its operations is -1"),
        ({"train_seconds": float("nan")}, "its train_seconds is nan"),
        (
            {
                "probabilities": np.empty((0, 3), np.float32),
                "labels": np.empty(0, np.int64),
                "ids": [],
            },
            "there is no image",
        ),
    ],
)
def test_what_can_be_no_evaluation_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_its_arrays_can_not_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        make().probabilities[0, 0] = 1


def test_it_describes_itself_in_a_line() -> None:
    assert repr(make()) == (
        "Evaluation of mlp (seed 3) on small: accuracy 0.6000 "
        "(95 % interval 0.2307 to 0.8824), 5 images"
    )


def test_a_place_may_be_given_as_text(tmp_path: Path) -> None:
    make().save(f"{tmp_path}/evaluation.safetensors")
    assert Evaluation.load(f"{tmp_path}/evaluation.safetensors").to_json() == make().to_json()


@pytest.mark.parametrize("ids", [None, ["a", "", "ü", "/x y", "z"]])
def test_a_file_gives_back_what_was_saved(tmp_path: Path, ids: list[str] | None) -> None:
    saved = make(ids=ids)
    saved.save(tmp_path / "evaluation.safetensors")
    loaded = Evaluation.load(tmp_path / "evaluation.safetensors")
    assert np.array_equal(loaded.probabilities, saved.probabilities)
    assert np.array_equal(loaded.labels, saved.labels)
    assert (None if loaded.ids is None else list(loaded.ids)) == ids
    assert loaded.to_json() == saved.to_json()
    assert (loaded.classes, loaded.dataset_fingerprint) == (("A", "B", "C"), "f" * 64)


def test_a_file_keeps_the_costs_that_were_measured(tmp_path: Path) -> None:
    make(operations=1_000, train_seconds=2.5).save(tmp_path / "evaluation.safetensors")
    loaded = Evaluation.load(tmp_path / "evaluation.safetensors")
    assert (loaded.operations, loaded.train_seconds) == (1_000, 2.5)


def test_a_place_that_can_not_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="Can't write"):
        make().save(tmp_path / "file" / "evaluation.safetensors")


def test_a_missing_or_cut_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.safetensors"
    with pytest.raises(InputError, match="evaluate the run again"):
        Evaluation.load(path)
    make().save(path)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(InputError, match="evaluate the run again"):
        Evaluation.load(path)


@pytest.mark.parametrize(
    ("tensors", "metadata", "message"),
    [
        ({}, {"format": "glyphlab.dataset"}, "glyphlab.evaluation version 1"),
        ({}, {"facts": "{"}, "no Evaluation"),
        ({}, {"facts": "{}"}, "model"),
        ({"id_offsets": np.array([0, 3, 2, 8, 9, 9])}, {}, "offsets"),
        ({"id_offsets": np.array([0, 3, 2, 8, 29, 29])}, {}, "offsets"),
        ({"id_offsets": np.array([0, 2**63 - 1, -2, 8, 29, 29])}, {}, "offsets"),
        ({"id_offsets": np.array([0, 1])}, {}, "offsets"),
        ({"id_offsets": np.zeros(6, np.int32)}, {}, "wrong type"),
        ({"labels": np.full(5, 9)}, {}, "a label lies outside"),
    ],
)
def test_a_file_that_lies_is_refused(
    tmp_path: Path, tensors: dict[str, Any], metadata: dict[str, str], message: str
) -> None:
    path = tmp_path / "evaluation.safetensors"
    make().save(path)
    with safe_open(path, framework="numpy") as file:
        honest = {name: file.get_tensor(name) for name in list(file.keys())}
        facts = file.metadata()
    save_file(honest | tensors, path, facts | metadata)
    with pytest.raises(InputError, match=message):
        Evaluation.load(path)


def test_a_fact_of_a_wrong_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.safetensors"
    evaluation = make()
    object.__setattr__(evaluation, "seed", "three")
    evaluation.save(path)
    with pytest.raises(InputError, match="seed is 'three'"):
        Evaluation.load(path)


def test_a_class_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.safetensors"
    evaluation = make()
    object.__setattr__(evaluation, "classes", ("A", 2, "C"))
    evaluation.save(path)
    with pytest.raises(InputError, match="a class name is no text"):
        Evaluation.load(path)


def test_another_model_on_the_same_images_is_a_replacement_away() -> None:
    assert replace(make(), model="conv2").model == "conv2"
