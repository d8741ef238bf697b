"""A Dataset in many files is used as one in a single file."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.sharding import write_shards
from tests.toys import bars

import glyphlab
from glyphlab.data import sharded
from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.ids import Ids
from glyphlab.data.sharded import ShardedDataset, open_shards
from glyphlab.data.shards import INDEX
from glyphlab.errors import InputError


@pytest.fixture
def whole() -> Dataset:
    return bars(100)


@pytest.fixture
def folder(whole: Dataset, tmp_path: Path) -> Path:
    return write_shards(whole, tmp_path / "shards", 30, mixed=False)


def test_it_is_loaded_as_any_other_and_holds_the_same(whole: Dataset, folder: Path) -> None:
    loaded = glyphlab.load(folder)
    assert isinstance(loaded, ShardedDataset)
    assert len(loaded) == 100
    assert loaded.image_shape == whole.image_shape
    assert loaded.images.shape == whole.images.shape
    assert list(loaded.ids) == list(whole.ids)
    assert loaded.classes == whole.classes
    assert np.array_equal(loaded.class_counts, whole.class_counts)
    assert np.array_equal(loaded.labels, whole.labels)
    assert np.array_equal(np.asarray(loaded.images), whole.images)


@pytest.mark.parametrize(
    "key",
    [
        5,
        -1,
        slice(25, 65),
        slice(None, None, 7),
        np.array([99, 0, 31, 31]),
        np.arange(100) % 3 == 0,
        (3, slice(None), slice(None), 0),
        (slice(28, 33), slice(2, 4)),
        [1, 50],
    ],
)
def test_images_are_indexed_as_an_array(whole: Dataset, folder: Path, key: Any) -> None:
    assert np.array_equal(open_shards(folder).images[key], whole.images[key])


def test_a_subset_is_a_dataset_in_memory(whole: Dataset, folder: Path) -> None:
    chosen = np.array([88, 3, 29, 30])
    subset, expected = open_shards(folder).subset(chosen), whole.subset(chosen)
    assert type(subset) is Dataset
    assert np.array_equal(subset.images, expected.images)
    assert np.array_equal(subset.labels, expected.labels)
    assert list(subset.ids) == list(expected.ids)
    assert isinstance(subset.ids, Ids)


def test_ids_and_names(whole: Dataset, folder: Path) -> None:
    sharded = open_shards(folder)
    assert sharded.ids[59] == whole.ids[59]
    assert sharded.ids[28:32] == list(whole.ids[28:32])
    assert sharded.renamed("other").name == "other"
    assert [len(row) for row in sharded.images][:2] == [len(row) for row in whole.images][:2]


def test_its_fingerprint_is_that_of_the_content(
    whole: Dataset, folder: Path, tmp_path: Path
) -> None:
    again = write_shards(whole, tmp_path / "again", 30, mixed=False)
    other = write_shards(whole.subset(np.arange(99)), tmp_path / "other", 30, mixed=False)
    assert open_shards(folder).fingerprint == open_shards(again).fingerprint
    assert open_shards(folder).fingerprint != open_shards(other).fingerprint


def test_a_folder_with_both_parts_in_shards_is_loaded_as_both(
    whole: Dataset, tmp_path: Path
) -> None:
    for part, rows in (("train", np.arange(80)), ("test", np.arange(80, 100))):
        write_shards(whole.subset(rows), tmp_path / "both" / part, 30)
    loaded = glyphlab.load(tmp_path / "both")
    assert isinstance(loaded, glyphlab.TrainTest)
    assert (len(loaded.train), len(loaded.test)) == (80, 20)
    assert isinstance(glyphlab.load(f"{tmp_path / 'both'}:test"), ShardedDataset)


def test_a_missing_shard_is_named(folder: Path) -> None:
    (folder / "00001.safetensors").unlink()
    with pytest.raises(InputError, match=r"00001\.safetensors is missing; bring it back"):
        glyphlab.load(folder)


def test_a_truncated_shard_is_named(folder: Path) -> None:
    path = folder / "00002.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InputError, match=r"00002\.safetensors has .* bytes, not"):
        glyphlab.load(folder)


def test_a_shard_of_other_classes_is_refused(whole: Dataset, folder: Path) -> None:
    path = folder / "00000.safetensors"
    renamed = [name.swapcase() for name in whole.classes]
    size = path.stat().st_size
    save_dataset(
        Dataset(whole.images[:30], whole.labels[:30], whole.ids[:30], renamed, whole.name), path
    )
    if path.stat().st_size != size:
        _tell(folder, 0, size=path.stat().st_size)
    with pytest.raises(InputError, match="but the index promises"):
        np.asarray(open_shards(folder).images)


def test_an_index_that_counts_wrongly_is_found_out(folder: Path) -> None:
    counts = json.loads((folder / INDEX).read_text())["shards"][0]["class_counts"]
    counts[0], counts[1] = counts[0] + 1, counts[1] - 1
    _tell(folder, 0, class_counts=counts)
    with pytest.raises(InputError, match="of certain classes"):
        _ = open_shards(folder).labels


@pytest.mark.parametrize(
    "change",
    [
        {"n": 99},
        {"n": "100"},
        {"format": "something"},
        {"format_version": "2"},
        {"classes": ["a", "a", "b"]},
        {"classes": [1, 2, 3]},
        {"image_shape": [28, 28, 2]},
        {"image_shape": [0, 28, 1]},
        {"shards": []},
        {"shards": [7]},
        {"skipped": ["no"]},
        {"source": None},
    ],
)
def test_an_index_that_contradicts_itself_is_refused(folder: Path, change: dict[str, Any]) -> None:
    path = folder / INDEX
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=r"index\.json"):
        glyphlab.load(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../00000.safetensors"},
        {"file": "/etc/passwd"},
        {"file": ".hidden"},
        {"file": "00001.safetensors"},
        {"n": 31},
        {"n": -1},
        {"size": "big"},
        {"sha256": "short"},
        {"class_counts": [30]},
    ],
)
def test_an_entry_that_contradicts_itself_is_refused(folder: Path, change: dict[str, Any]) -> None:
    _tell(folder, 0, **change)
    with pytest.raises(InputError, match=r"index\.json"):
        glyphlab.load(folder)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"[" * 100_000, b"null"])
def test_rubbish_is_no_index(folder: Path, content: bytes) -> None:
    (folder / INDEX).write_bytes(content)
    with pytest.raises(InputError, match=r"index\.json"):
        glyphlab.load(folder)


def _tell(folder: Path, number: int, **change: object) -> None:
    path = folder / INDEX
    content = json.loads(path.read_text())
    content["shards"][number] |= change
    path.write_text(json.dumps(content))


# One by one


def test_images_say_how_many_they_are_without_being_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharded, "open_file", lambda path: pytest.fail("opened"))
    images = open_shards(folder).images
    assert (len(images), images.shape, images.ndim) == (100, (100, 28, 28, 1), 4)
    assert (images.size, images.nbytes, images.dtype) == (78_400, 78_400, np.uint8)


def test_images_become_an_array_of_any_kind_but_not_without_a_copy(
    whole: Dataset, folder: Path
) -> None:
    images = open_shards(folder).images
    floats = np.asarray(images, np.float32)
    assert floats.dtype == np.float32
    assert np.array_equal(floats, whole.images)
    assert np.asarray(images).dtype == np.uint8
    assert np.array_equal(images.view(), whole.images)
    assert np.array_equal([*images], whole.images)
    with pytest.raises(
        ValueError, match=r"^Images in many files can't be one array without a copy"
    ):
        np.asarray(images, copy=False)


def test_places_count_from_the_end_too_and_there_is_none_beyond(
    whole: Dataset, folder: Path
) -> None:
    opened = open_shards(folder)
    for place in (0, 29, 30, 99, -1, -100, -70, -71):
        assert np.array_equal(opened.images[place], whole.images[place])
        assert np.array_equal(opened.images[np.int64(place), 3], whole.images[place, 3])
        assert opened.ids[place] == whole.ids[place]
    for place in (100, -101):
        with pytest.raises(IndexError):
            opened.images[place]
        with pytest.raises(IndexError):
            opened.ids[place]


def test_nothing_of_it_is_nothing(folder: Path) -> None:
    none = np.arange(0)
    opened = open_shards(folder)
    assert opened.images[none].shape == (0, 28, 28, 1)
    assert list(opened.ids[5:5]) == []
    assert len(opened.subset(none)) == 0


def test_the_two_shards_used_last_stay_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    opening = sharded.open_file

    def noted(path: Path) -> Dataset:
        read.append(path.name[:5])
        return opening(path)

    monkeypatch.setattr(sharded, "open_file", noted)
    images = open_shards(folder).images
    for place in (0, 30, 0, 60, 0, 30, 60):
        _ = images[place]
    assert read == ["00000", "00001", "00002", "00001", "00002"]


def test_a_subset_keeps_what_is_known_of_the_whole(whole: Dataset, folder: Path) -> None:
    path = folder / INDEX
    about = {"source": "a.zip", "source_sha256": "ab" * 32, "skipped": [["x", "empty"]]}
    path.write_text(json.dumps(json.loads(path.read_text()) | about))
    opened = open_shards(folder)
    assert (opened.name, opened.renamed("y").name) == ("bars", "y")
    for dataset in (opened, opened.renamed("y"), opened.subset(np.array([1, 50]))):
        assert (dataset.source, dataset.source_sha256) == ("a.zip", "ab" * 32)
        assert dataset.skipped == (("x", "empty"),)
        assert dataset.classes == whole.classes
    assert opened.subset(np.array([1])).name == "bars"
    assert opened.subset(np.array([1]), "one").name == "one"
    assert list(opened.subset([5, 3]).ids) == [whole.ids[5], whole.ids[3]]  # type: ignore[arg-type]


def test_labels_are_read_once_and_cannot_be_changed(folder: Path) -> None:
    opened = open_shards(folder)
    labels = opened.labels
    assert opened.labels is labels
    with pytest.raises(ValueError, match="read-only"):
        labels[0] = 1


def test_its_fingerprint_is_of_the_index_alone(folder: Path) -> None:
    index = json.loads((folder / INDEX).read_text())
    shas = [hashlib.sha256((folder / s["file"]).read_bytes()).hexdigest() for s in index["shards"]]
    described = repr((100, (28, 28, 1), ("bar0", "bar1", "bar2"), shas))
    expected = hashlib.sha256(described.encode()).hexdigest()
    assert open_shards(folder).fingerprint == expected
    open_shards(folder).check_unchanged()


def test_counts_of_classes_are_whole_numbers_of_the_index(folder: Path) -> None:
    counts = open_shards(folder).class_counts
    assert (counts.tolist(), counts.dtype) == ([34, 33, 33], np.int64)


@pytest.mark.parametrize("place", [0, 2])
def test_a_shard_of_another_length_is_named_with_both(folder: Path, place: int) -> None:
    path = folder / f"{place:05}.safetensors"
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"x")
    message = f"^The shard {path} has {size + 1:,} bytes, not {size:,}; bring it back, or make"
    with pytest.raises(InputError, match=message):
        open_shards(folder)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=f"^The shard {path} is missing; bring it back, or make"):
        open_shards(folder)
