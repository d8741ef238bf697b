"""Datasets of other tools become ours."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.data.builders import encoded, pixels, write_folder
from tests.data.interchange.toys import assert_equal, both, by_image, toy
from torch.utils.data import Dataset as TorchDataset
from torch.utils.data import IterableDataset, Subset

import glyphlab
from glyphlab.data import ingest
from glyphlab.data.archives import Bounds
from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError


class Items(TorchDataset[Any]):
    """Map-style: gives what it holds, or raises it."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        item = self.items[index]
        if isinstance(item, Exception):
            raise item
        return item


class LikeMnist(TorchDataset[Any]):
    """Keeps its images as torchvision's MNIST does, and counts how many items are asked for."""

    def __init__(self, dataset: Dataset, transform: Any = None) -> None:
        self.data = torch.from_numpy(dataset.images[..., 0].copy())
        self.targets = torch.from_numpy(dataset.labels.copy())
        self.classes = list(dataset.classes)
        self.transform = transform
        self.asked = 0

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> Any:
        self.asked += 1
        image = Image.fromarray(self.data[index].numpy())
        return self.transform(image) if self.transform else image, int(self.targets[index])


def load(source: Any, **options: Any) -> Dataset:
    loaded = glyphlab.load(source, **options)
    assert isinstance(loaded, Dataset)
    return loaded


def mode_of(channels: int) -> str:
    return "grey" if channels == 1 else "rgb"


FORMS = {
    "PIL image": lambda image: Image.fromarray(np.squeeze(image)),
    "uint8 tensor": lambda image: torch.from_numpy(image.transpose(2, 0, 1).copy()),
    "float tensor": lambda image: torch.from_numpy(image.transpose(2, 0, 1) / 255).float(),
    "float64 array": lambda image: image / 255,
    "array": np.asarray,
    "wide integers": lambda image: image.astype(np.int64),
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("form", list(FORMS))
def test_torch_items_of_any_form_are_the_same_images(form: str, channels: int) -> None:
    dataset = toy(channels=channels, classes="012")
    items = [(FORMS[form](i), int(k)) for i, k in zip(dataset.images, dataset.labels, strict=True)]
    calls: list[tuple[int, int | None]] = []
    loaded = load(Items(items), mode=mode_of(channels), progress=lambda *call: calls.append(call))
    assert_equal(loaded, dataset)
    assert (loaded.name, loaded.ids[3]) == ("Items", "Items/00003")
    assert calls[-1] == (9, 9)


def test_images_without_an_axis_of_channels_are_grey() -> None:
    images = [pixels(i) for i in range(4)]
    for items in (images, [torch.from_numpy(image) for image in images]):
        loaded = load(list(zip(items, "abab", strict=True)))
        assert np.array_equal(loaded.images[..., 0], images)
        assert loaded.classes == ("a", "b")


def test_size_and_mode_are_as_asked() -> None:
    items = Items([(pixels(i, 40, 30, 3), i % 2) for i in range(4)])
    assert load(items).image_shape == (28, 28, 1)
    assert load(items, size=14, mode="rgb").image_shape == (14, 14, 3)
    assert load(items, name="mine").name == "mine"


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("as_float", [True, False])
def test_to_torch_comes_back(channels: int, as_float: bool) -> None:
    dataset = toy(channels=channels)
    items = dataset.to_torch(as_float=as_float)
    assert_equal(load(items, mode=mode_of(channels)), dataset)
    order = np.array([8, 0, 1])
    part = load(Subset(items, order.tolist()), mode=mode_of(channels))
    assert_equal(part, dataset.subset(order))


def test_what_iterates_is_read_to_its_end() -> None:
    class Stream(IterableDataset[Any]):
        def __iter__(self) -> Iterator[Any]:
            return ((pixels(i), "ab"[i % 2]) for i in range(5))

    expected = load([(pixels(i), "ab"[i % 2]) for i in range(5)])
    assert len(expected) == 5
    assert_equal(load(Stream()), expected)
    assert_equal(load((pixels(i), "ab"[i % 2]) for i in range(5)), expected)


def test_a_set_that_keeps_arrays_is_read_from_these() -> None:
    dataset = toy(50, classes=["0 - zero", "1 - one", "2 - two"])
    source = LikeMnist(dataset)
    assert_equal(load(source), dataset)
    assert source.asked == 16


def test_what_is_done_to_the_items_counts() -> None:
    dataset = toy(5)
    source = LikeMnist(dataset, transform=lambda image: Image.fromarray(255 - np.asarray(image)))
    loaded = load(source)
    assert np.array_equal(loaded.images, 255 - dataset.images)

    class Inverted(LikeMnist):
        def __getitem__(self, index: int) -> Any:
            return Image.fromarray(255 - self.data[index].numpy()), int(self.targets[index])

    assert np.array_equal(load(Inverted(dataset)).images, 255 - dataset.images)


def test_arrays_of_which_some_items_differ_are_not_read() -> None:
    dataset = toy(50)

    class Cleaned(LikeMnist):
        def __getitem__(self, index: int) -> Any:
            image, label = super().__getitem__(index)
            return (Image.new("L", (28, 28)), label) if 10 <= index < 20 else (image, label)

    loaded = load(Cleaned(dataset))
    assert not loaded.images[10:20].any()
    assert np.array_equal(loaded.images[20:], dataset.images[20:])


def test_what_has_no_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "Bounds", lambda: Bounds(entries=20))
    items = (pixels(0), "a"), (pixels(1), "b")
    assert len(load(islice(cycle(items), 20))) == 20
    with pytest.raises(InputError, match=r"cycle gives more than 20 items, .*islice\.$"):
        glyphlab.load(cycle(items))


def test_a_stream_that_breaks_off_is_refused() -> None:
    def stream() -> Iterator[Any]:
        yield pixels(), 0
        raise OSError("cannot identify image file")

    with pytest.raises(InputError, match=r"item 1 can't be read \(cannot identify image file\)"):
        glyphlab.load(stream())


def test_the_arrays_given_stay_the_users_own() -> None:
    images = np.stack([pixels(i) for i in range(4)])
    loaded = load((images, [0, 1, 0, 1]))
    images[0] = 7
    assert np.array_equal(loaded.images[0, ..., 0], pixels(0))


@pytest.mark.parametrize("channels", [1, 3])
def test_to_numpy_comes_back(channels: int) -> None:
    dataset = toy(channels=channels, classes="012")
    assert_equal(load(dataset.to_numpy(), mode=mode_of(channels)), dataset)
    images, labels = dataset.to_numpy()
    tensors = (torch.tensor(images).permute(0, 3, 1, 2), torch.tensor(labels))
    assert_equal(load(tensors, mode=mode_of(channels)), dataset)
    words = (images / 255, [f"class {label}" for label in labels])
    assert load(words, mode=mode_of(channels)).classes == ("class 0", "class 1", "class 2")


@pytest.mark.parametrize("channels", [1, 3])
def test_to_huggingface_comes_back(channels: int) -> None:
    dataset = toy(channels=channels)
    calls: list[tuple[int, int | None]] = []
    loaded = load(
        dataset.to_huggingface(),
        mode=mode_of(channels),
        progress=lambda *call: calls.append(call),
    )
    assert_equal(loaded, dataset)
    assert list(loaded.ids) == list(dataset.ids)
    assert calls[-1] == (9, 9)


def test_chosen_and_formatted_rows_of_hugging_face_are_read_in_their_order() -> None:
    dataset = toy()
    chosen = dataset.to_huggingface().select([7, 0, 2, 4]).with_format("torch")
    assert_equal(load(chosen), dataset.subset(np.array([7, 0, 2, 4])))


def test_splits_of_hugging_face_become_train_and_test() -> None:
    one, other = toy(9), toy(6)
    splits = {"test": other, "train": one, "validation": toy(3)}
    given_on = datasets.DatasetDict({key: some.to_huggingface() for key, some in splits.items()})
    loaded = both(glyphlab.load(given_on, name="mine"))
    assert_equal(loaded.train, one)
    assert_equal(loaded.test, other)
    assert loaded.test.name == "mine:test"
    assert loaded.train.skipped == (("validation", "a split beside train and test"),)
    assert_equal(load(datasets.DatasetDict(all=given_on["train"])), one)


@given(
    st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=5, unique=True),
    st.sampled_from(["huggingface", "torch"]),
)
@settings(max_examples=15, deadline=None)
def test_class_names_come_back_whatever_they_are(names: list[str], tool: str) -> None:
    dataset = toy(len(names), classes=names)
    assert_equal(load(getattr(dataset, f"to_{tool}")()), dataset)


def test_hugging_face_labels_may_be_words_or_numbers_and_images_files(tmp_path: Path) -> None:
    write_folder(tmp_path, {f"{i}.png": encoded(pixels(i)) for i in range(4)})
    files = [str(tmp_path / f"{i}.png") for i in range(4)]
    table = {"picture": files, "name": list("baba"), "caption": list("wxyz"), "y": [5, 9, 5, 9]}
    given_on = datasets.Dataset.from_dict(table).cast_column("picture", datasets.Image())
    loaded = load(given_on)
    assert loaded.classes == ("5", "9")
    assert list(loaded.ids) == files
    assert np.array_equal(loaded.images[3, ..., 0], pixels(3))
    words = load(given_on, label_column="name")
    assert (words.classes, words.labels.tolist()) == (("a", "b"), [1, 0, 1, 0])


def test_unreadable_images_of_hugging_face_are_listed_and_nothing_is_downloaded() -> None:
    good = [{"bytes": encoded(pixels(i)), "path": None} for i in range(40)]
    bad = [{"bytes": None, "path": "https://example.org/x.png"}]
    features = datasets.Features(
        image=datasets.Image(), label=datasets.ClassLabel(names=["a", "b"])
    )
    table = {"image": good + bad, "label": [i % 2 for i in range(41)]}
    loaded = load(datasets.Dataset.from_dict(table, features=features))
    assert len(loaded) == 40
    assert loaded.skipped == (
        ("https://example.org/x.png", "not on this machine, and nothing is downloaded"),
    )


def frame_of(tmp_path: Path, n: int = 4) -> pd.DataFrame:
    write_folder(tmp_path, {f"{i}.png": encoded(pixels(i)) for i in range(n)})
    return pd.DataFrame({"file": [f"{i}.png" for i in range(n)], "class": ["b", "a"] * (n // 2)})


def test_a_frame_of_paths_is_read_from_its_root_or_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = frame_of(tmp_path)
    loaded = load(frame, root=tmp_path)
    assert (loaded.classes, loaded.labels.tolist()) == (("a", "b"), [1, 0, 1, 0])
    assert np.array_equal(loaded.images[..., 0], [pixels(i) for i in range(4)])
    assert list(loaded.ids) == ["0.png", "1.png", "2.png", "3.png"]
    monkeypatch.chdir(tmp_path)
    assert_equal(load(frame), loaded)
    frame["file"] = [tmp_path / name for name in frame["file"]]
    assert_equal(load(frame, root="elsewhere"), loaded)


def test_columns_of_a_frame_are_found_by_type_or_named(tmp_path: Path) -> None:
    frame = frame_of(tmp_path).rename(columns={"file": "where", "class": "what"})
    assert load(frame, root=tmp_path).classes == ("a", "b")
    frame["target"] = [3, 3, 4, 4]
    assert load(frame, root=tmp_path).classes == ("3", "4")
    named = load(frame, root=tmp_path, image_column="where", label_column="what")
    assert named.classes == ("a", "b")
    frame["kind"] = frame.pop("target")
    with pytest.raises(InputError, match="'where', 'what', 'kind'; name it with label_column=…"):
        glyphlab.load(frame, root=tmp_path)


@pytest.mark.parametrize("column", ["split", "when"])
def test_a_column_of_a_frame_may_tell_training_from_test(tmp_path: Path, column: str) -> None:
    frame = frame_of(tmp_path, 6)
    frame[column] = ["test", "Train", "train", "test", "dev", None]
    named = {} if column == "split" else {"split_column": column, "label_column": "class"}
    loaded = both(glyphlab.load(frame, root=tmp_path, **named))
    assert list(loaded.train.ids) == ["1.png", "2.png"]
    assert loaded.train.labels.tolist() == [0, 1]
    assert list(loaded.test.ids) == ["0.png", "3.png"]
    assert [entry.path for entry in loaded.train.skipped] == ["4.png", "5.png"]
    assert loaded.train.skipped[0].reason == "of 'dev', not train or test"


def test_rows_of_one_part_are_one_dataset_and_a_part_without_its_other_is_refused(
    tmp_path: Path,
) -> None:
    frame = frame_of(tmp_path)
    assert len(load(frame.assign(split="train"), root=tmp_path)) == 4
    assert len(load(frame.assign(split=list("wxyz")), root=tmp_path, label_column="class")) == 4
    halves = frame.assign(split=["train", "train", "val", "val"])
    with pytest.raises(InputError, match="'split' has 'train', 'val', but not both of"):
        glyphlab.load(halves, root=tmp_path)
    with pytest.raises(InputError, match="has no column 'x'; give one of these: 'file', 'class'"):
        glyphlab.load(frame, root=tmp_path, split_column="x")


def test_categories_of_a_frame_are_the_classes_in_their_order(tmp_path: Path) -> None:
    frame = frame_of(tmp_path)
    frame["class"] = pd.Categorical(frame["class"], ["c", "b", "a"])
    loaded = load(frame, root=tmp_path)
    assert (loaded.classes, loaded.labels.tolist()) == (("c", "b", "a"), [1, 2, 1, 2])
    frame["class"] = pd.Categorical([7, 5, 7, 5], [9, 7, 5])
    assert load(frame, root=tmp_path).classes == ("5", "7")


def test_a_missing_label_is_named_though_it_makes_floats_of_the_others(tmp_path: Path) -> None:
    frame = frame_of(tmp_path).assign(**{"class": [1.0, 2.0, 1.0, 2.0]})
    assert load(frame, root=tmp_path).classes == ("1", "2")
    frame.loc[2, "class"] = np.nan
    with pytest.raises(InputError, match=r"the label of 2\.png is missing"):
        glyphlab.load(frame, root=tmp_path)


def test_to_folder_and_to_pandas_come_back(tmp_path: Path) -> None:
    toy(12).to_folder(tmp_path / "f")
    dataset = load(tmp_path / "f")
    frame = dataset.to_pandas()
    loaded = load(frame, root=tmp_path / "f")
    assert_equal(loaded, dataset)
    assert list(loaded.ids) == list(dataset.ids)


def test_unreadable_files_of_a_frame_are_listed_or_refused(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, 40)
    (tmp_path / "7.png").write_bytes(encoded(pixels())[:100])
    (tmp_path / "9.png").unlink()
    loaded = load(frame, root=tmp_path)
    assert loaded.skipped == (("7.png", "truncated"), ("9.png", "there is no such file"))
    assert len(loaded) == 38
    assert "7.png" not in list(loaded.ids)
    few = frame.head(10)
    with pytest.raises(InputError, match=r"2 of 10 image files .* allow_unreadable=True"):
        glyphlab.load(few, root=tmp_path)
    assert len(load(few, root=tmp_path, allow_unreadable=True)) == 8
    with pytest.raises(InputError, match="no image of class 'a' is readable"):
        glyphlab.load(frame.iloc[[0, 9]], root=tmp_path, allow_unreadable=True)


def test_items_that_cannot_be_read_are_listed_or_refused() -> None:
    good: list[Any] = [(pixels(i), i % 2) for i in range(30)]
    loaded = load(Items([*good[:5], OSError("cannot identify image file"), *good[5:]]))
    assert loaded.skipped == (("Items/00005", "cannot identify image file"),)
    assert loaded.ids[5] == "Items/00006"
    assert np.array_equal(loaded.images[5, ..., 0], pixels(5))
    with pytest.raises(InputError, match="1 of 3 image files are unreadable"):
        glyphlab.load(Items([*good[:2], OSError("gone")]))
    with pytest.raises(InputError, match="no image can be read, such as Items/00000"):
        glyphlab.load(Items([OSError("gone")]))


IMAGE = pixels()
BAD: dict[str, tuple[Any, str]] = {
    "a triple": (Items([(IMAGE, 0, "x")]), r"item 0 is a tuple of 3; give pairs"),
    "a dict": (Items([{"image": IMAGE}]), "item 0 is a dict; give pairs"),
    "four channels": (Items([(torch.zeros(4, 9, 9), 0)]), r"item 0 has the shape \[1, 4, 9, 9\]"),
    "a batch": (Items([(torch.zeros(2, 1, 9, 9), [0, 1])]), r"Tensor of shape \[2, 1, 9, 9\]"),
    "a word for an image": (Items([("x.png", 0)]), "the image of item 0 is a str; give a PIL"),
    "normalised": (Items([(torch.full((1, 9, 9), -0.5), 0)]), "item 0 .* 0 to 1"),
    "too bright": (([[[1.5]]] * np.ones((2, 1, 1)), [0, 1]), "images .* 0 to 1"),
    "not a number": ((np.full((2, 3, 3), np.nan), [0, 1]), "images .* 0 to 1"),
    "no label": (Items([(IMAGE, None)]), "label of Items/00000 is missing"),
    "label nan": (Items([(IMAGE, 0), (IMAGE, float("nan"))]), "label of Items/00001 is missing"),
    "label of 70 bits": (Items([(IMAGE, 0), (IMAGE, 2**70)]), "Items/00001 is 118059"),
    "label -1": (Items([(IMAGE, -1)]), "is -1, which stands for none"),
    "label 1.5": (Items([(IMAGE, 1.5)]), r"is 1\.5; give each image a whole number"),
    "label one-hot": (Items([(IMAGE, torch.eye(3)[0])]), r"is tensor\(.*; give each image"),
    "mixed labels": (Items([(IMAGE, 1), (IMAGE, "a")]), "numbers and strings as labels"),
    "one class": (Items([(IMAGE, 1)]), "one class only"),
    "empty": (Items([]), "Items is empty"),
    "empty list": ([], "list is empty"),
    "empty arrays": ((np.zeros((0, 3, 3)), []), "images holds no pixels"),
    "more labels": ((np.zeros((2, 3, 3)), [0, 1, 0]), "2 images and 3 labels"),
    "labels no list": ((np.zeros((2, 3, 3)), 7), "the labels are a int"),
    "a number": (5, "A int is no dataset; give a path"),
    "nothing": (None, "A NoneType is no dataset"),
    "a mapping": ({"images": IMAGE}, "A dict is no dataset"),
    "bytes": (b"x", "A bytes is no dataset"),
    "images alone": (np.zeros((2, 3, 3)), "A ndarray is no dataset"),
    "a series": (pd.Series(["a.png"]), "A Series is no dataset|item 0 is a str"),
    "an empty frame": (pd.DataFrame({"path": [], "label": []}), "frame is empty"),
    "no paths": (pd.DataFrame({"a": [1], "b": [2]}), "which column holds the images, of 'a', 'b'"),
    "no label in a frame": (pd.DataFrame({"path": ["x"], "label": [pd.NA]}), "of x is missing"),
    "no image in a table": (datasets.Dataset.from_dict({"a": [1]}), "the images, of 'a'"),
    "an empty table": (datasets.Dataset.from_dict({}), "is empty"),
    "splits": (
        datasets.DatasetDict(a=toy().to_huggingface(), b=toy().to_huggingface()),
        "splits 'a', 'b', but not train and test",
    ),
    "a stream": (toy().to_huggingface().to_iterable_dataset(), "without streaming"),
}


@pytest.mark.parametrize("what", list(BAD))
def test_what_is_no_dataset_is_refused_in_one_sentence(what: str) -> None:
    source, words = BAD[what]
    with pytest.raises(InputError, match=words) as refused:
        glyphlab.load(source)
    assert "\n" not in str(refused.value)


def test_names_of_columns_are_for_tables_only(tmp_path: Path) -> None:
    for source in ([(IMAGE, 1)], tmp_path):
        with pytest.raises(InputError, match="are for tables, not for"):
            glyphlab.load(source, label_column="x")
    with pytest.raises(InputError, match="frame has no column 'x'; give one of these: 'path', 'la"):
        glyphlab.load(toy().to_pandas(), label_column="x")


def test_class_names_of_train_and_test_are_the_same() -> None:
    splits = {"train": toy(classes="AB"), "test": toy(classes="BA")}
    given_on = datasets.DatasetDict({key: some.to_huggingface() for key, some in splits.items()})
    with pytest.raises(InputError, match="different class names"):
        glyphlab.load(given_on)


def test_other_tools_are_not_imported_for_what_is_not_theirs() -> None:
    code = (
        "import sys, numpy as np, glyphlab\n"
        "glyphlab.load([(np.zeros((9, 9), np.uint8), label) for label in 'ab'])\n"
        "print([name for name in ('torch', 'pandas', 'datasets') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_module_of_the_users_own_may_be_called_datasets(tmp_path: Path) -> None:
    (tmp_path / "datasets.py").write_text(
        "import numpy as np, torch\n"
        "class Letters(torch.utils.data.Dataset):\n"
        "    def __len__(self): return 4\n"
        "    def __getitem__(self, i): return np.full((9, 9), i, np.uint8), 'ab'[i % 2]\n"
    )
    code = "import datasets, glyphlab; print(len(glyphlab.load(datasets.Letters())))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=False
    )
    assert (done.stdout, done.returncode) == (b"4\n", 0), done.stderr.decode()


@pytest.mark.parametrize("tool", ["torch", "numpy", "huggingface"])
def test_real_images_go_to_each_tool_and_back(shared_data: Path, tool: str) -> None:
    real = load(shared_data / "notMNIST_large_sample.tar.gz")
    dataset = real.subset(np.arange(0, len(real), 5))
    loaded = load(getattr(dataset, f"to_{tool}")())
    assert np.array_equal(loaded.images, dataset.images)
    assert np.array_equal(loaded.labels, dataset.labels)
    assert tool == "numpy" or loaded.classes == dataset.classes


def test_real_images_go_to_a_folder_and_back(shared_data: Path, tmp_path: Path) -> None:
    real = load(shared_data / "notMNIST_large_sample.tar.gz")
    dataset = real.subset(np.arange(0, len(real), 5))
    dataset.to_folder(tmp_path / "f")
    assert_equal(load(tmp_path / "f"), dataset)
    assert by_image(load(tmp_path / "f")) == by_image(dataset)
