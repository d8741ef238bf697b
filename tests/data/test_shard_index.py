"""The index of a sharded Dataset, by itself: what it holds, and what it may not say."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glyphlab.data import shards
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.formats import save_dataset
from glyphlab.data.shards import (
    INDEX,
    ShardIndex,
    ShardInfo,
    check_shard,
    describe_shard,
    read_index,
    write_index,
)
from glyphlab.errors import InputError

TWO = ShardIndex(
    name="letters",
    classes=("A", "Ж\udcff", "C"),
    image_shape=(28, 20, 3),
    shards=(
        ShardInfo("0.safetensors", 3, (3, 0, 0), 3 * 28 * 20 * 3, "a" * 64),
        ShardInfo("1.safetensors", 1, (0, 0, 1), 9_000, "b" * 64),
    ),
    source="letters.zip",
    source_sha256="c" * 64,
    skipped=(Skipped("A/\udcff.png", "empty (0 bytes)"),),
)


def shard(images: int = 3) -> Dataset:
    pixels = np.zeros((images, 28, 20, 3), np.uint8)
    return Dataset(pixels, np.zeros(images, np.int64), ["x"] * images, TWO.classes)


def told(folder: Path, **change: Any) -> Path:
    """The file of an index of which something is changed; None takes it out."""
    write_index(TWO, folder)
    path = folder / INDEX
    content = json.loads(path.read_text()) | change
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not None}))
    return path


def told_of_shard(folder: Path, **change: Any) -> Path:
    """The file of an index in which something is changed of the first shard."""
    write_index(TWO, folder)
    first, second = json.loads((folder / INDEX).read_text())["shards"]
    first = {key: value for key, value in (first | change).items() if value is not None}
    return told(folder, shards=[first, second])


@pytest.mark.parametrize(
    "index",
    [
        TWO,
        replace(TWO, shards=TWO.shards[:1]),
        replace(TWO, source_sha256=None, image_shape=(1, 1, 1)),
    ],
)
def test_what_was_written_is_read(tmp_path: Path, index: ShardIndex) -> None:
    write_index(index, tmp_path)
    assert read_index(tmp_path / INDEX) == index


def test_it_is_json_with_stable_keys(tmp_path: Path) -> None:
    write_index(replace(TWO, shards=TWO.shards[1:]), tmp_path)
    text = (tmp_path / "index.json").read_bytes()
    assert text.isascii()
    assert text.startswith(b'{\n "format": "glyphlab.shards",\n')
    assert text.endswith(b"\n}\n")
    assert json.loads(text) == {
        "format": "glyphlab.shards",
        "format_version": "1",
        "name": "letters",
        "classes": ["A", "Ж\udcff", "C"],
        "image_shape": [28, 20, 3],
        "n": 1,
        "source": "letters.zip",
        "source_sha256": "c" * 64,
        "shards": [
            {
                "file": "1.safetensors",
                "n": 1,
                "class_counts": [0, 0, 1],
                "size": 9_000,
                "sha256": "b" * 64,
            }
        ],
        "skipped": [["A/\udcff.png", "empty (0 bytes)"]],
    }


def test_a_shard_is_described_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "00007.safetensors"
    save_dataset(shard(), path)
    content = path.read_bytes()
    assert describe_shard(path, shard()) == ShardInfo(
        "00007.safetensors", 3, (3, 0, 0), len(content), hashlib.sha256(content).hexdigest()
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"format": "glyphlab.dataset"}, "its format is not 'glyphlab.shards'"),
        ({"format": None}, "its format is not 'glyphlab.shards'"),
        ({"name": 7}, "a key is missing or of a wrong type"),
        ({"skipped": None}, "a key is missing or of a wrong type"),
        ({"classes": ["A", 1, "C"]}, "a key is missing or of a wrong type"),
        ({"image_shape": [0, 20, 3]}, "a key is missing or of a wrong type"),
        ({"image_shape": [28, 0, 3]}, "a key is missing or of a wrong type"),
        ({"image_shape": [28, 20, 2]}, "a key is missing or of a wrong type"),
        ({"classes": ["A", "A", "C"]}, "a class name occurs twice"),
        ({"shards": []}, "it names 0 shards, not 1 to 1,000,000"),
        ({"shards": [1, 2]}, "it describes a shard wrongly"),
        ({"n": 5}, "it promises 5 images, its shards 4"),
        ({"n": 3}, "it promises 3 images, its shards 4"),
        ({"skipped": [["x"]]}, "its 'skipped' is no list of path and reason"),
    ],
)
def test_an_index_that_makes_no_sense_is_refused(
    tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    path = told(tmp_path, **change)
    with pytest.raises(InputError) as refusal:
        read_index(path)
    assert str(refusal.value).startswith(f"{path} is no index of a sharded Dataset: {problem};")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"file": "../0.safetensors"}, "is no name of a file beside it"),
        ({"file": ".0.safetensors"}, "is no name of a file beside it"),
        ({"file": "a\\0.safetensors"}, "is no name of a file beside it"),
        ({"file": "c:0.safetensors"}, "is no name of a file beside it"),
        ({"file": ""}, "is no name of a file beside it"),
        ({"file": "1.safetensors"}, "a shard stands twice"),
        ({"n": 4}, "contradicts itself"),
        ({"n": 0, "class_counts": [0, 0, 0]}, "contradicts itself"),
        ({"size": 7}, "contradicts itself"),
        ({"sha256": "a" * 63}, "contradicts itself"),
        ({"sha256": "a" * 65}, "contradicts itself"),
        ({"class_counts": [4, -1, 0]}, "it describes a shard wrongly"),
        ({"class_counts": [True, 2, 0]}, "it describes a shard wrongly"),
        ({"class_counts": [3, 0]}, "it describes a shard wrongly"),
        ({"size": None}, "it describes a shard wrongly"),
    ],
)
def test_what_makes_no_sense_of_a_shard_is_refused(
    tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    path = told_of_shard(tmp_path, **change)
    with pytest.raises(InputError, match=problem) as refusal:
        read_index(path)
    assert str(refusal.value).startswith(f"{path} is no index")


def test_so_many_shards_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_index(TWO, tmp_path)
    monkeypatch.setattr(shards, "_MOST_SHARDS", 2)
    assert len(read_index(tmp_path / INDEX).shards) == 2
    monkeypatch.setattr(shards, "_MOST_SHARDS", 1)
    with pytest.raises(InputError, match="it names 2 shards, not 1 to 1;"):
        read_index(tmp_path / INDEX)


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_index(TWO, tmp_path)
    monkeypatch.setattr(shards, "_MOST_BYTES", 100)
    with pytest.raises(InputError, match="which no index is"):
        read_index(tmp_path / INDEX)


def test_a_file_that_is_not_there_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Can't read the index .*No such file"):
        read_index(tmp_path / INDEX)


def test_a_newer_version_asks_for_an_update(tmp_path: Path) -> None:
    path = told(tmp_path, format_version="2")
    with pytest.raises(InputError, match=r"index\.json has format version '2'.*update glyphlab"):
        read_index(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [("", "it is no JSON"), ("[]", "its format is not"), ("[" * 100_000, "it is no JSON")],
)
def test_an_index_elsewhere_is_called_by_its_place_there(
    tmp_path: Path, content: str, problem: str
) -> None:
    (tmp_path / "copy").write_text(content)
    with pytest.raises(InputError) as refusal:
        read_index(tmp_path / "copy", "s3://letters/index.json")
    message = str(refusal.value)
    assert message.startswith(
        f"s3://letters/index.json is no index of a sharded Dataset: {problem}"
    )


def test_a_shard_that_is_as_promised_is_let_through() -> None:
    check_shard(shard(), TWO.shards[0], TWO, "0")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ["A", "B", "C"]}, "0 holds the classes A, B, C, but the index promises A, Ж"),
        (
            {"images": np.zeros((3, 28, 28, 3), np.uint8)},
            r"0 holds images of \(28, 28, 3\), but the index promises \(28, 20, 3\)",
        ),
        (
            {"labels": np.array([0, 0, 1])},
            "0 holds 3 images, not all, but the index promises 3 of certain classes",
        ),
    ],
)
def test_a_shard_that_is_not_as_promised_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_shard(replace(shard(), **change), TWO.shards[0], TWO, "0")
