"""A Dataset given to other tools."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.data.interchange.toys import assert_equal, by_image, toy
from torch.utils.data import DataLoader

import glyphlab
from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.opening import open_dataset
from glyphlab.errors import InputError


def test_arrays_are_views_that_cannot_be_written_to() -> None:
    dataset = toy()
    images, labels = dataset.to_numpy()
    assert np.shares_memory(images, dataset.images)
    assert np.shares_memory(labels, dataset.labels)
    for array in (images, labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("channels", [1, 3])
def test_torch_items_are_channels_first_from_0_to_1(channels: int) -> None:
    dataset = toy(channels=channels)
    items = dataset.to_torch()
    image, label = items[4]
    assert (image.dtype, image.shape, label) == (torch.float32, (channels, 28, 28), 1)
    assert isinstance(label, int)
    expected = dataset.images[4].transpose(2, 0, 1).astype(np.float32) / 255
    np.testing.assert_allclose(image.numpy(), expected, rtol=1e-6)
    whole, _ = dataset.to_torch(as_float=False)[-1]
    assert whole.dtype == torch.uint8
    assert np.array_equal(whole.numpy(), dataset.images[8].transpose(2, 0, 1))


def test_torch_items_end_where_the_dataset_does() -> None:
    with pytest.raises(IndexError):
        toy().to_torch()[9]
    assert len(list(iter(toy().to_torch()))) == 9


def test_torch_images_stay_in_the_file_until_they_are_asked_for(tmp_path: Path) -> None:
    save_dataset(toy(), tmp_path / "toy.safetensors")
    opened = open_dataset(tmp_path / "toy.safetensors")
    assert np.shares_memory(opened.to_torch().data, opened.images)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_gives_batches_with_and_without_workers(workers: int) -> None:
    dataset = toy(10)
    loader = DataLoader(dataset.to_torch(), batch_size=4, num_workers=workers)
    batches = list(loader)
    assert [tuple(images.shape) for images, _ in batches] == [
        (4, 1, 28, 28),
        (4, 1, 28, 28),
        (2, 1, 28, 28),
    ]
    images, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert np.array_equal((images * 255).round().numpy()[:, 0], dataset.images[..., 0])
    assert labels.tolist() == dataset.labels.tolist()


def test_torch_images_can_be_pickled() -> None:
    items = toy().to_torch()
    again = pickle.loads(pickle.dumps(items))
    assert torch.equal(again[5][0], items[5][0])
    assert again.classes == ["A", "B", "C"]


@pytest.mark.parametrize("channels", [1, 3])
def test_hugging_face_has_the_same_images_class_names_and_ids(channels: int) -> None:
    dataset = toy(channels=channels)
    calls: list[tuple[int, int | None]] = []
    given_on = dataset.to_huggingface(progress=lambda *call: calls.append(call))
    assert {name: type(kind).__name__ for name, kind in given_on.features.items()} == {
        "image": "Image",
        "label": "ClassLabel",
        "id": "Value",
    }
    assert given_on.features["label"].names == ["A", "B", "C"]
    assert given_on["label"] == dataset.labels.tolist()
    assert given_on["id"] == list(dataset.ids)
    assert np.array_equal(np.asarray(given_on[7]["image"]), np.squeeze(dataset.images[7]))
    assert calls[-1] == (9, 9)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InputError, match=r"pip install 'glyphlab\[datasets\]'"):
        toy().to_huggingface()


def test_pandas_has_paths_and_classes() -> None:
    frame = toy(4).to_pandas()
    assert frame.path.tolist() == [f"some/{i:03}.png" for i in range(4)]
    assert frame.label.tolist() == ["A", "B", "C", "A"]
    assert frame.label.cat.categories.tolist() == ["A", "B", "C"]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_folder_holds_each_image_under_its_class_and_id(tmp_path: Path, channels: int) -> None:
    dataset = toy(channels=channels)
    calls: list[tuple[int, int | None]] = []
    paths = dataset.to_folder(tmp_path / "f", progress=lambda *call: calls.append(call))
    assert paths[:4] == ["A/000.png", "B/001.png", "C/002.png", "A/003.png"]
    assert sorted(paths) == sorted(
        str(path.relative_to(tmp_path / "f")) for path in (tmp_path / "f").glob("*/*")
    )
    with Image.open(tmp_path / "f" / paths[7]) as image:
        assert image.mode == ("L" if channels == 1 else "RGB")
        assert np.array_equal(np.asarray(image), np.squeeze(dataset.images[7]))
    assert calls[-1] == (9, 9)
    assert list(tmp_path.iterdir()) == [tmp_path / "f"]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_written_folder_is_read_as_the_same_dataset(tmp_path: Path, channels: int) -> None:
    dataset = toy(700, channels)
    paths = dataset.to_folder(tmp_path / "f")
    loaded = glyphlab.load(tmp_path / "f", mode="grey" if channels == 1 else "rgb")
    assert_equal(loaded, dataset.subset(np.argsort(paths)))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=300), min_size=3, max_size=20))
def test_hostile_ids_end_inside_the_folder_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str]
) -> None:
    dataset = toy(len(ids), ids=[text.encode(errors="replace").decode() for text in ids])
    folder = tmp_path_factory.mktemp("ids")
    dataset.to_folder(folder / "f")
    assert list(folder.iterdir()) == [folder / "f"]
    loaded = glyphlab.load(folder / "f")
    assert isinstance(loaded, Dataset)
    assert by_image(loaded) == by_image(dataset)
    assert loaded.skipped == ()


def test_names_of_classes_that_no_folder_can_have_are_made_safe(tmp_path: Path) -> None:
    classes = ("..", "a/b", "a\\b", "A", "a", ".x", "con", "x" * 400, "И")
    dataset = toy(18, classes=classes, ids=["../x", "/etc/x"] * 9)
    with pytest.warns(UserWarning) as warned:
        paths = dataset.to_folder(tmp_path / "f")
    folders = [path.partition("/")[0] for path in paths[:9]]
    assert folders == ["__", "a-b", "a-b_2", "A", "a_2", "_x", "_con", "x" * 180, "И"]
    loaded = glyphlab.load(tmp_path / "f")
    assert isinstance(loaded, Dataset)
    renamed = dict(zip(classes, folders, strict=True))
    assert by_image(loaded) == {image: renamed[of] for image, of in by_image(dataset).items()}
    (warning,) = warned
    assert warning.filename == __file__
    assert "'..' as '__', 'a/b' as 'a-b'" in str(warning.message)
    assert "'a' as 'a_2'" in str(warning.message)
    assert "'A' as" not in str(warning.message)
    order = str(warning.message).split("in the order ")[1]
    assert order == ", ".join(map(repr, loaded.classes)) + "."


def test_a_class_without_images_has_no_folder(tmp_path: Path) -> None:
    with pytest.warns(
        UserWarning, match="of toy is read without 'C', of which there are no images.$"
    ):
        toy(2).to_folder(tmp_path / "f")
    assert sorted(path.name for path in (tmp_path / "f").iterdir()) == ["A", "B"]


def test_classes_out_of_order_are_said_to_be_read_in_order(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="is read in the order 'A', 'b', 'c'.$"):
        toy(classes=("c", "A", "b")).to_folder(tmp_path / "f")
    loaded = glyphlab.load(tmp_path / "f")
    assert isinstance(loaded, Dataset)
    assert loaded.classes == ("A", "b", "c")
    assert loaded.labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_one_class_is_said_to_be_too_few_to_be_read(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="without 'B', 'C', .* of one class, where load wants two"):
        toy(1).to_folder(tmp_path / "f")
    with pytest.raises(InputError, match="holds one class only"):
        glyphlab.load(tmp_path / "f")


def test_what_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(InputError, match="exists already; give the path of a new folder"):
        toy().to_folder(tmp_path / "f")
    assert not list((tmp_path / "f").iterdir())
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists already"):
        toy().to_folder(tmp_path / "link")


def test_nothing_is_left_of_a_folder_that_could_not_be_finished(tmp_path: Path) -> None:
    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        toy().to_folder(tmp_path / "f", progress=stop)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="can't be a path; give one without a zero byte"):
        toy().to_folder(str(tmp_path / "a\0b"))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="Can't write"):
        toy().to_folder(tmp_path / "file" / "f")


def test_a_dataset_without_images_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no images"):
        toy().subset(np.array([], np.int64)).to_folder(tmp_path / "f")
