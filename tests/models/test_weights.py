"""Weights files."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save, save_file
from torch import nn

from glyphlab.errors import InputError
from glyphlab.models import build, names
from glyphlab.models.classifier import Classifier

CLASSES = [*"ABCDEFGHI", "Ж"]


def classifier(
    name: str = "logistic", module: nn.Module | None = None, **arguments: Any
) -> Classifier:
    return Classifier(
        module=(module or build(name, (28, 28, 1), 10, **arguments)).to(
            memory_format=torch.channels_last
        ),
        model=name,
        classes=CLASSES,
        image_shape=(28, 28, 1),
        mean=[0.4],
        std=[0.45],
        arguments=arguments,
    )


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1), np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights.safetensors"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [(name, {}) for name in names()]
    + [("mlp", {"hidden": [20, 10], "activation": "tanh"}), ("conv-pool", {"pooling": "mean"})],
)
def test_the_file_alone_is_enough_to_predict_the_same(
    name: str, arguments: dict[str, Any], path: Path, images: np.ndarray
) -> None:
    saved = classifier(name, **arguments)
    saved.save(path)
    loaded = Classifier.load(path)
    assert loaded.model == name
    assert dict(loaded.arguments) == arguments
    assert loaded.classes == tuple(CLASSES)
    assert loaded.image_shape == (28, 28, 1)
    assert (loaded.mean, loaded.std) == ((0.4,), (0.45,))
    assert np.array_equal(loaded.logits(images), saved.logits(images))


def test_the_head_is_kept(path: Path, images: np.ndarray) -> None:
    saved = replace(classifier(), head="sigmoid")
    saved.save(path)
    loaded = Classifier.load(path)
    assert loaded.head == "sigmoid"
    assert np.array_equal(loaded.logits(images), saved.logits(images))


def test_the_metadata_are_text_and_json(path: Path) -> None:
    classifier("mlp", hidden=(20, 10)).save(path)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    assert metadata["format"] == "glyphlab.weights"
    assert metadata["format_version"] == "2"
    assert metadata["model"] == "mlp"
    assert json.loads(metadata["arguments"]) == {"hidden": [20, 10]}
    assert json.loads(metadata["classes"]) == CLASSES
    assert json.loads(metadata["image_shape"]) == [28, 28, 1]


def test_weights_in_channels_last_memory_are_saved_all_the_same(
    path: Path, images: np.ndarray
) -> None:
    saved = classifier("lenet5")
    saved.module.to(memory_format=torch.channels_last)
    saved.save(path)
    weight = load_file(path)["conv2.weight"]
    assert torch.equal(weight, saved.module.conv2.weight)


def test_weights_that_layers_share_are_saved(path: Path) -> None:
    def tied() -> nn.Module:
        first, second = nn.Linear(10, 10), nn.Linear(10, 10)
        second.weight = first.weight
        return nn.Sequential(nn.Flatten(), nn.LazyLinear(10), first, second)

    module = build(tied(), (28, 28, 1), 10)
    classifier("custom:tied", module).save(path)
    loaded = Classifier.load(path, module=build(tied(), (28, 28, 1), 10))
    assert torch.equal(loaded.module[3].weight, module[2].weight)


def test_loading_does_not_touch_the_random_numbers(path: Path) -> None:
    classifier("lenet5").save(path)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    Classifier.load(path)
    assert torch.equal(torch.rand(3), expected)


def test_a_users_model_is_not_imported_but_asked_for(path: Path, images: np.ndarray) -> None:
    def mine() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))

    saved = classifier("their_code:make", mine())
    saved.save(path)
    with pytest.raises(InputError, match=r"weights of their_code:make.*pass it as module="):
        Classifier.load(path)
    loaded = Classifier.load(path, module=mine())
    assert np.array_equal(loaded.logits(images), saved.logits(images))
    assert loaded.model == "their_code:make"


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (
            build("conv2", (28, 28, 1), 10),
            r"another model \(logistic\): conv1.bias is missing there",
        ),
        (build("logistic", (28, 28, 1), 3), r"dense.bias is \[10\] there, but \[3\] in Logistic"),
    ],
)
def test_weights_of_another_model_are_refused(path: Path, module: nn.Module, message: str) -> None:
    classifier().save(path)
    before = {key: value.clone() for key, value in module.state_dict().items()}
    with pytest.raises(InputError, match=message):
        Classifier.load(path, module=module)
    for key, value in module.state_dict().items():
        assert torch.equal(value, before[key])


def test_a_missing_file_is_told(path: Path) -> None:
    with pytest.raises(InputError, match="There is no weights file"):
        Classifier.load(path)


@pytest.mark.parametrize("kept", [0, 4, 100, 5_000, -1])
def test_a_truncated_file_is_refused(path: Path, kept: int) -> None:
    classifier().save(path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match="no whole weights file"):
        Classifier.load(path)


@pytest.mark.parametrize("content", [b"not at all", b"\xff" * 64, b"PK\x03\x04" + b"\0" * 100])
def test_another_kind_of_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match="no whole weights file"):
        Classifier.load(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no whole weights file"):
        Classifier.load(tmp_path)


@pytest.mark.parametrize("metadata", [None, {}, {"format": "pt"}])
def test_safetensors_of_others_are_refused(path: Path, metadata: dict[str, str] | None) -> None:
    save_file({"dense.weight": torch.zeros(10, 784)}, path, metadata)
    with pytest.raises(InputError, match="holds no weights of glyphlab"):
        Classifier.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": "1"}, "format_version"),
        ({"model": None}, "model"),
        ({"arguments": "{"}, "arguments"),
        ({"arguments": "[]"}, "arguments"),
        ({"arguments": '{"hidden": 3}'}, "claims a model that can't be built.*'hidden'"),
        ({"classes": "[]"}, "classes"),
        ({"classes": '["A", "B"]'}, r"dense.bias is \[10\] there, but \[2\]"),
        ({"image_shape": "[28, 28]"}, "image_shape"),
        ({"image_shape": "[28, 28, 1000]"}, "image_shape"),
        ({"image_shape": "[-1, 28, 1]"}, "image_shape"),
        ({"image_shape": "[60000, 60000, 1]"}, "dense.weight"),
        ({"image_shape": "[27, 28, 1]"}, r"dense.weight is \[10, 784\] there"),
        ({"model": "conv2"}, "another model"),
        ({"mean": "[0.4, 0.4]"}, "one number for each channel"),
        ({"mean": "[NaN]"}, "mean"),
        ({"std": "[0.0]"}, "std"),
        ({"std": "[-1.0]"}, "std"),
        ({"head": "arms"}, "head"),
    ],
)
def test_a_lying_header_is_refused(path: Path, change: dict[str, str | None], message: str) -> None:
    classifier().save(path)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    metadata = {k: v for k, v in (metadata | change).items() if v is not None}
    save_file(load_file(path), path, metadata)
    with pytest.raises(InputError, match=message) as caught:
        Classifier.load(path)
    assert "\n" not in str(caught.value)


def test_a_network_for_images_of_gigabytes_is_refused(path: Path) -> None:
    whole = Classifier(build("glyphnet", (28, 28, 1), 3), "glyphnet", "ABC", (28, 28, 1), [0], [1])
    whole.save(path)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() | {"image_shape": "[65536, 65536, 1]"}
    save_file(load_file(path), path, metadata)
    with pytest.raises(InputError, match="for images of 65536×65536×1, more than 16,777,216"):
        Classifier.load(path)


def test_others_may_read_the_file_as_any_other_file_of_the_user(path: Path) -> None:
    classifier().save(path)
    plain = path.with_name("plain.txt")
    plain.write_text("")
    assert path.stat().st_mode == plain.stat().st_mode


def test_a_failed_save_leaves_what_was_there(path: Path) -> None:
    classifier().save(path)
    before = path.read_bytes()
    broken = classifier()
    broken.arguments = {"function": print}
    with pytest.raises(InputError, match="arguments of logistic can't be saved"):
        broken.save(path)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Can't write"):
        classifier().save(tmp_path / "file" / "weights.safetensors")


def test_bytes_hold_what_the_file_holds(path: Path, images: np.ndarray) -> None:
    saved = replace(classifier("mlp", hidden=[20]), head="sigmoid")
    content = saved.to_bytes()
    saved.save(path)
    for loaded in (Classifier.from_bytes(content), Classifier.from_bytes(path.read_bytes())):
        assert (loaded.model, loaded.head) == ("mlp", "sigmoid")
        assert loaded.arguments == {"hidden": [20]}
        assert loaded.classes == tuple(CLASSES)
        assert np.array_equal(loaded.logits(images), saved.logits(images))
    path.write_bytes(content)
    assert np.array_equal(Classifier.load(path).logits(images), saved.logits(images))


def test_bytes_that_are_no_whole_weights_are_refused() -> None:
    content = classifier().to_bytes()
    for damaged in (b"", content[:5], content[:-1], b"\xff" * 100, content[8:]):
        with pytest.raises(InputError, match="What was given is no whole weights file"):
            Classifier.from_bytes(damaged)
    with pytest.raises(InputError, match="What was given holds no weights of glyphlab"):
        Classifier.from_bytes(save({"a": torch.zeros(2)}))


def test_bytes_of_another_model_or_of_the_users_need_their_module() -> None:
    content = classifier("mine:plain", nn.Sequential(nn.Flatten(), nn.Linear(784, 10))).to_bytes()
    with pytest.raises(InputError, match="pass it as module="):
        Classifier.from_bytes(content)
    other = nn.Sequential(nn.Flatten(), nn.Linear(784, 11))
    with pytest.raises(InputError, match="weights of another model"):
        Classifier.from_bytes(content, other)
    module = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    assert Classifier.from_bytes(content, module).module is module
