"""Several sharded Datasets, given together, are one sharded Dataset of which nothing is read."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.sharding import write_shards
from tests.toys import bars

import glyphlab
from glyphlab.data import sharded
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.formats import open_file, save_dataset
from glyphlab.data.sharded import ShardedDataset, open_shards
from glyphlab.data.shards import INDEX, read_index, write_index
from glyphlab.errors import InputError


@pytest.fixture
def wholes() -> list[Dataset]:
    return [bars(70, seed=1).renamed("one"), bars(50, seed=2).renamed("other")]


@pytest.fixture
def folders(wholes: list[Dataset], tmp_path: Path) -> list[Path]:
    return [write_shards(each, tmp_path / each.name, 30, mixed=False) for each in wholes]


@pytest.fixture
def joined(folders: list[Path]) -> ShardedDataset:
    return together(*folders)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The shards that were opened."""
    paths: list[Path] = []

    def opening(path: Path) -> Dataset:
        paths.append(path)
        return open_file(path)

    monkeypatch.setattr(sharded, "open_file", opening)
    return paths


def together(*folders: Path) -> ShardedDataset:
    joined = glyphlab.concatenate([open_shards(folder) for folder in folders])
    assert isinstance(joined, ShardedDataset)
    return joined


def test_it_holds_image_by_image_what_is_put_together_in_memory(
    wholes: list[Dataset], joined: ShardedDataset
) -> None:
    whole = glyphlab.concatenate(wholes)
    assert len(joined) == 120
    for number in range(120):
        assert np.array_equal(joined.images[number], whole.images[number])
        assert joined.labels[number] == whole.labels[number]
        assert joined.ids[number] == whole.ids[number]
    assert list(joined.ids) == list(whole.ids)
    assert np.array_equal(np.asarray(joined.images), whole.images)
    assert joined.class_counts.tolist() == whole.class_counts.tolist() == [41, 40, 39]
    for about in ("name", "classes", "source", "source_sha256", "skipped", "image_shape"):
        assert getattr(joined, about) == getattr(whole, about)


def test_a_subset_comes_from_all_parts(wholes: list[Dataset], joined: ShardedDataset) -> None:
    chosen = np.array([119, 0, 69, 70, 95, 31])
    subset, expected = joined.subset(chosen), glyphlab.concatenate(wholes).subset(chosen)
    assert np.array_equal(subset.images, expected.images)
    assert np.array_equal(subset.labels, expected.labels)
    assert list(subset.ids) == list(expected.ids)
    assert joined.ids[68:72] == list(glyphlab.concatenate(wholes).ids[68:72])


def test_nothing_is_opened_to_put_it_together(folders: list[Path], opened: list[Path]) -> None:
    joined = together(*folders)
    assert (len(joined), joined.images.shape) == (120, (120, 28, 28, 1))
    assert joined.class_counts.sum() == 120
    assert joined.fingerprint
    assert opened == []
    _ = joined.images[100]
    assert opened == [folders[1] / "00001.safetensors"]


def test_of_all_parts_together_only_a_few_shards_stay_open(
    folders: list[Path], opened: list[Path]
) -> None:
    joined = together(*folders)
    for image in (0, 30, 60, 70, 100):
        _ = joined.images[image]
    assert len(opened) == 5
    _ = joined.images[100], joined.images[70]
    assert len(opened) == 5
    _ = joined.images[0]
    assert len(opened) == 6


def test_shards_of_the_same_name_are_told_apart(
    folders: list[Path], joined: ShardedDataset
) -> None:
    files = [shard.file for shard in joined.shards.index.shards]
    expected = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    assert files == [f"{folders[part]}/{number:05}.safetensors" for part, number in expected]


def test_a_missing_shard_is_named_with_its_own_folder(
    folders: list[Path], joined: ShardedDataset
) -> None:
    missing = folders[1] / "00001.safetensors"
    missing.unlink()
    assert joined.images[50].shape == (28, 28, 1)
    with pytest.raises(InputError) as caught:
        _ = joined.labels
    assert str(missing) in str(caught.value)


def test_a_shard_of_other_images_is_named_with_its_own_folder(
    folders: list[Path], joined: ShardedDataset
) -> None:
    shutil.copy(folders[0] / "00000.safetensors", folders[1] / "00001.safetensors")
    with pytest.raises(InputError, match="but the index promises") as caught:
        _ = joined.images[110]
    assert str(caught.value).startswith(str(folders[1] / "00001.safetensors"))


def test_its_fingerprint_is_that_of_the_content(
    wholes: list[Dataset], folders: list[Path], joined: ShardedDataset, tmp_path: Path
) -> None:
    copies = [shutil.copytree(folder, tmp_path / f"copy-{folder.name}") for folder in folders]
    assert together(*copies).fingerprint == joined.fingerprint
    assert together(*reversed(folders)).fingerprint != joined.fingerprint
    assert open_shards(folders[0]).fingerprint != joined.fingerprint
    changed = wholes[1].subset(np.arange(49, -1, -1))
    others = write_shards(changed, tmp_path / "changed", 30, mixed=False)
    assert together(folders[0], others).fingerprint != joined.fingerprint


def test_what_was_put_together_is_put_together_again(
    wholes: list[Dataset], folders: list[Path], joined: ShardedDataset
) -> None:
    more = glyphlab.concatenate([joined.renamed("both"), open_shards(folders[0])])
    whole = glyphlab.concatenate([glyphlab.concatenate(wholes).renamed("both"), wholes[0]])
    assert isinstance(more, ShardedDataset)
    assert list(more.ids) == list(whole.ids)
    assert np.array_equal(np.asarray(more.images), whole.images)
    assert more.shards.index.shards[4].file == f"{folders[1]}/00001.safetensors"
    assert more.shards.index.shards[5].file == f"{folders[0]}/00000.safetensors"


def test_the_same_images_twice_are_there_twice(folders: list[Path]) -> None:
    twice = together(folders[1], folders[1])
    assert len(twice) == 100
    assert twice.ids[0] == twice.ids[50] == "other/bars/0/0.png"


def test_files_that_were_left_out_are_listed_with_their_dataset(folders: list[Path]) -> None:
    index = read_index(folders[1] / INDEX)
    left_out = Skipped("a/bad.png", "it is empty")
    write_index(type(index)(**{**vars(index), "skipped": (left_out,)}), folders[1])
    assert together(*folders).skipped == (Skipped("other/a/bad.png", "it is empty"),)


@pytest.mark.parametrize(
    ("different", "message"), [({"classes": 2}, "has the classes"), ({"size": 20}, "images of")]
)
def test_other_classes_or_another_size_are_refused(
    folders: list[Path], tmp_path: Path, different: dict[str, Any], message: str
) -> None:
    third = write_shards(bars(40, **different), tmp_path / "third", 30)
    with pytest.raises(InputError, match=message):
        together(*folders, third)


def test_beside_a_dataset_in_one_file_it_is_put_together_in_memory(
    wholes: list[Dataset], folders: list[Path], tmp_path: Path
) -> None:
    save_dataset(wholes[1], tmp_path / "one-file.safetensors")
    mixed = glyphlab.concatenate(
        [open_shards(folders[0]), open_file(tmp_path / "one-file.safetensors")]
    )
    assert type(mixed) is Dataset
    assert np.array_equal(mixed.images, glyphlab.concatenate(wholes).images)
    assert list(mixed.ids) == list(glyphlab.concatenate(wholes).ids)


def test_it_is_saved_as_one_file(
    wholes: list[Dataset], joined: ShardedDataset, tmp_path: Path
) -> None:
    save_dataset(joined, tmp_path / "a.safetensors")
    save_dataset(glyphlab.concatenate(wholes), tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_of_nothing_nothing_is_put_together_and_one_stays_as_it_is(wholes: list[Dataset]) -> None:
    with pytest.raises(InputError, match=r"^There is no Dataset to concatenate; give at least one"):
        glyphlab.concatenate([])
    assert glyphlab.concatenate(wholes[:1]) is wholes[0]


def test_three_in_memory_keep_their_names_sources_and_what_was_left_out(
    wholes: list[Dataset],
) -> None:
    parts = [
        Dataset(
            each.images,
            each.labels,
            each.ids,
            each.classes,
            each.name,
            f"{each.name}.zip",
            skipped=[("x", f"bad in {each.name}")],
        )
        for each in (*wholes, wholes[0].renamed("third"))
    ]
    whole = glyphlab.concatenate(parts)
    assert (whole.name, whole.source) == ("one+other+third", "one.zip + other.zip + third.zip")
    assert whole.source_sha256 is None
    assert whole.skipped == tuple((f"{n}/x", f"bad in {n}") for n in ("one", "other", "third"))
    assert (whole.ids[0], whole.ids[70], whole.ids[189]) == (
        f"one/{wholes[0].ids[0]}",
        f"other/{wholes[1].ids[0]}",
        f"third/{wholes[0].ids[69]}",
    )
    assert np.array_equal(whole.images[120:], wholes[0].images)
    assert np.array_equal(whole.labels[70:120], wholes[1].labels)


def test_a_third_that_does_not_fit_is_refused_too(wholes: list[Dataset]) -> None:
    with pytest.raises(InputError, match=r"^one has images of 28×28 in grey, but bars of 20×20"):
        glyphlab.concatenate([*wholes, bars(9, size=20)])


def test_shards_say_of_which_folders_they_are(folders: list[Path], joined: ShardedDataset) -> None:
    assert joined.shards.where == f"{folders[0]} + {folders[1]}"
    assert [joined.shards.prefix(number) for number in range(5)] == ["one/"] * 3 + ["other/"] * 2
    assert (joined.name, joined.source, joined.renamed("y").name) == (
        "one+other",
        "bars + bars",
        "y",
    )
