"""From sources to Datasets."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.builders import (
    Files,
    class_files,
    encoded,
    idx,
    pixels,
    write_folder,
    write_tar,
    write_zip,
)

from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.ingest import TrainTest, load

WRITERS = {"folder": write_folder, "a.tar.gz": write_tar, "a.zip": write_zip}


def one(loaded: Dataset | TrainTest) -> Dataset:
    assert isinstance(loaded, Dataset)
    return loaded


def both(loaded: Dataset | TrainTest) -> TrainTest:
    assert isinstance(loaded, TrainTest)
    return loaded


def reversed_files(files: Files) -> Files:
    return dict(reversed(files.items()))


@pytest.mark.parametrize("kind", list(WRITERS))
@pytest.mark.parametrize("top", ["", "top/", "a/b/c/"])
def test_class_folders_at_any_depth_become_classes(tmp_path: Path, kind: str, top: str) -> None:
    files = reversed_files(class_files(top, "CAB", each=2))
    dataset = one(load(WRITERS[kind](tmp_path / kind, files)))
    assert dataset.classes == ("A", "B", "C")
    assert dataset.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert list(dataset.ids) == sorted(files)
    assert np.array_equal(dataset.images[3, :, :, 0], pixels(201))
    assert dataset.name == kind.partition(".")[0]
    assert dataset.skipped == ()


def test_order_and_content_do_not_depend_on_the_kind_of_source(tmp_path: Path) -> None:
    files = class_files()
    prints = {
        one(load(write(tmp_path / kind, files))).fingerprint for kind, write in WRITERS.items()
    }
    assert len(prints) == 1


def test_the_working_folder_itself_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, class_files())
    monkeypatch.chdir(tmp_path)
    assert list(one(load(".")).ids) == sorted(class_files())


@pytest.mark.parametrize("kind", list(WRITERS))
@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Train", "TEST")])
def test_train_and_test_become_two_datasets(
    tmp_path: Path, kind: str, train: str, test: str
) -> None:
    files = class_files(f"top/{train}/") | class_files(f"top/{test}/", each=1, first=500)
    parts = both(load(WRITERS[kind](tmp_path / kind, files)))
    assert (len(parts.train), len(parts.test)) == (6, 2)
    assert parts.train.classes == parts.test.classes == ("A", "B")
    assert np.array_equal(parts.test.images[1, :, :, 0], pixels(600))
    assert parts.test.ids[1] == f"top/{test}/B/0.png"
    assert parts.train.name == f"{kind.partition('.')[0]}:train"


def test_a_part_can_be_asked_for(tmp_path: Path) -> None:
    files = class_files("train/") | class_files("test/", each=1)
    path = write_zip(tmp_path / "a.zip", files)
    assert len(one(load(f"{path}:test"))) == 2
    assert len(one(load(f"{path}:train", name="mine"))) == 6
    assert one(load(f"{path}:train", name="mine")).name == "mine"


def test_a_class_that_only_train_has_is_a_class_of_both(tmp_path: Path) -> None:
    files = class_files("train/", "ABC") | class_files("test/", "AC")
    parts = both(load(write_folder(tmp_path, files)))
    assert parts.test.classes == ("A", "B", "C")
    assert parts.test.class_counts.tolist() == [3, 0, 3]


def test_train_alone_is_one_dataset(tmp_path: Path) -> None:
    assert len(one(load(write_folder(tmp_path, class_files("train/"))))) == 6


def test_classes_may_be_called_train_and_test(tmp_path: Path) -> None:
    files = class_files("train/", "A") | class_files("test/", "A")
    files = {name.replace("/A/", "/"): content for name, content in files.items()}
    assert one(load(write_folder(tmp_path, files))).classes == ("test", "train")


@pytest.mark.parametrize("kind", list(WRITERS))
def test_what_is_skipped_is_listed_by_path_and_reason(tmp_path: Path, kind: str) -> None:
    files = class_files("top/", each=50) | {
        "top/A/empty.png": b"",
        "top/A/half.png": encoded(pixels())[:200],
        "top/B/text.png": b"this is text",
        "top/B/flipped.png": encoded(pixels())[:100] + b"?" + encoded(pixels())[101:],
        "top/A/.DS_Store": b"x",
        "top/A/._1.png": b"x",
        "top/B/Thumbs.db": b"x",
        "top/README": b"read me",
        "top/B/image.txt": encoded(pixels()),
        "top/stray.png": encoded(pixels()),
    }
    dataset = one(load(WRITERS[kind](tmp_path / kind, files)))
    assert dict(dataset.skipped) == {
        "top/A/empty.png": "empty (0 bytes)",
        "top/A/half.png": "truncated",
        "top/B/text.png": "named as an image, but its content is none",
        "top/B/flipped.png": "damaged",
        "top/A/.DS_Store": "hidden",
        "top/A/._1.png": "hidden",
        "top/B/Thumbs.db": "hidden",
        "top/README": "not an image",
        "top/B/image.txt": "an image, but not named as one",
        "top/stray.png": "outside the class folders",
    }
    assert len(dataset) == 100
    assert list(dataset.skipped) == sorted(dataset.skipped)


def test_macos_leftovers_in_a_zip_are_hidden(tmp_path: Path) -> None:
    files = class_files() | {"__MACOSX/A/._0.png": b"x", "__MACOSX/A/0.png": b"x"}
    dataset = one(load(write_zip(tmp_path / "a.zip", files)))
    assert {entry.reason for entry in dataset.skipped} == {"hidden"}


def test_skipped_files_are_listed_with_their_part(tmp_path: Path) -> None:
    files = class_files("train/") | class_files("test/", each=30) | {"test/A/x.png": b""}
    parts = both(load(write_folder(tmp_path, files)))
    assert [entry.path for entry in parts.test.skipped] == ["test/A/x.png"]
    assert parts.train.skipped == ()


def test_a_png_called_jpg_is_read_by_its_content(tmp_path: Path) -> None:
    files = {name.replace(".png", ".JPG"): c for name, c in class_files().items()}
    assert len(one(load(write_folder(tmp_path, files)))) == 6


def test_of_a_path_twice_in_an_archive_the_later_counts(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", class_files(), "w")
    write_tar(path, {"A/0.png": encoded(pixels(77))}, "a")
    dataset = one(load(path))
    assert len(dataset) == 6
    assert np.array_equal(dataset.images[0, :, :, 0], pixels(77))
    assert dataset.skipped == (("A/0.png", "replaced by a later file of the same path"),)


def test_size_and_mode_are_as_asked(tmp_path: Path) -> None:
    write_folder(tmp_path, class_files())
    assert one(load(tmp_path, size=32)).image_shape == (32, 32, 1)
    assert one(load(tmp_path, size=14, mode="rgb")).image_shape == (14, 14, 3)
    assert one(load(tmp_path, name="mine")).name == "mine"


def test_sources_and_their_checksums_are_kept(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tgz", class_files())
    dataset = one(load(path))
    assert dataset.source == str(path)
    assert dataset.source_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_kind_is_known_by_content_not_by_name(tmp_path: Path) -> None:
    assert len(one(load(write_zip(tmp_path / "images.tar.gz", class_files())))) == 6
    assert len(one(load(write_tar(tmp_path / "images", class_files())))) == 6


def test_more_images_than_one_block_and_one_chunk_hold_stay_in_order(tmp_path: Path) -> None:
    gradient = np.zeros((100, 1, 1), np.uint8) + np.arange(100, dtype=np.uint8)[:, None, None]
    files = {
        f"{name}/{i:03}.png": encoded(np.full((2, 2), i + 100 * (name == "B"), np.uint8))
        for name in "BA"
        for i in reversed(range(100))
    }
    dataset = one(load(write_zip(tmp_path / "a.zip", files), size=1_024))
    assert np.array_equal(dataset.images[:100, ::1_023, 0], np.repeat(gradient, 2, axis=1))
    assert dataset.images[150, 500, 500] == 150


def test_progress_ends_at_the_number_of_files(tmp_path: Path) -> None:
    calls: list[tuple[int, int | None]] = []
    load(write_folder(tmp_path, class_files()), progress=lambda *call: calls.append(call))
    assert calls[-1] == (6, 6)


def test_a_mixture_of_formats_and_sizes_becomes_one_dataset(tmp_path: Path) -> None:
    files = {
        "A/1.jpg": encoded(pixels(1, 40, 30, 3), "JPEG"),
        "A/2.gif": encoded(pixels(2), "GIF"),
        "B/1.bmp": encoded(pixels(3, 5, 5), "BMP"),
        "B/2.png": encoded(Image.new("RGBA", (28, 28))),
    }
    assert len(one(load(write_folder(tmp_path, files)))) == 4


def write_idx(folder: Path, part: str, n: int, size: int = 28, ending: str = "") -> Path:
    import gzip

    pack = gzip.compress if ending else bytes
    folder.mkdir(exist_ok=True)
    images = folder / f"{part}-images-idx3-ubyte{ending}"
    images.write_bytes(pack(idx(np.arange(n * size * size).reshape(n, size, size) % 251)))
    labels = folder / f"{part}-labels-idx1-ubyte{ending}"
    labels.write_bytes(pack(idx(np.arange(n) % 3)))
    return images


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_an_idx_pair_is_one_dataset(tmp_path: Path, ending: str) -> None:
    path = write_idx(tmp_path, "t10k", 7, ending=ending)
    dataset = one(load(path))
    assert dataset.classes == ("0", "1", "2")
    assert dataset.labels.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert dataset.ids[6] == "t10k-images-idx3-ubyte/00006"
    expected = np.arange(784, 2 * 784).reshape(28, 28) % 251
    assert np.array_equal(dataset.images[1, :, :, 0], expected)
    labels = str(path).replace("images-idx3", "labels-idx1")
    assert one(load(labels)).fingerprint == dataset.fingerprint


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_an_idx_folder_gives_training_and_test(tmp_path: Path, ending: str) -> None:
    write_idx(tmp_path / "idx", "train", 6, ending=ending)
    write_idx(tmp_path / "idx", "t10k", 4, ending=ending)
    parts = both(load(tmp_path / "idx"))
    assert (len(parts.train), len(parts.test)) == (6, 4)
    assert parts.test.name == "idx:test"


def test_a_single_idx_pair_in_a_folder_and_other_sizes(tmp_path: Path) -> None:
    write_idx(tmp_path, "emnist-letters-train", 6, size=14)
    assert one(load(tmp_path)).image_shape == (28, 28, 1)
    assert one(load(tmp_path, size=14)).image_shape == (14, 14, 1)


def test_idx_labels_that_begin_at_one_keep_their_names(tmp_path: Path) -> None:
    images = write_idx(tmp_path, "train", 4)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(np.array([1, 26, 2, 1])))
    dataset = one(load(images))
    assert dataset.classes == ("1", "2", "26")
    assert dataset.labels.tolist() == [0, 2, 1, 0]


@pytest.mark.parametrize(("images", "labels"), [("images", "labels"), ("x", "y"), ("X", "y")])
def test_an_npz_of_images_and_labels(tmp_path: Path, images: str, labels: str) -> None:
    path = tmp_path / "some.npz"
    x = pixels(5, 84, 28).reshape(3, 28, 28)
    np.savez_compressed(path, **{images: x, labels: np.array([[5], [9], [5]])})
    dataset = one(load(path))
    assert dataset.classes == ("5", "9")
    assert dataset.labels.tolist() == [0, 1, 0]
    assert np.array_equal(dataset.images[:, :, :, 0], x)
    assert (dataset.name, dataset.ids[2]) == ("some", f"{images}/00002")


def test_an_npz_of_training_and_test_with_class_names(tmp_path: Path) -> None:
    x = np.linspace(0, 1, 2 * 784, dtype=np.float32).reshape(2, 28, 28, 1)
    arrays = {"x_train": x, "y_train": [1, 0], "x_test": x[:1], "y_test": [1]}
    np.savez(tmp_path / "a.npz", classes=["no", "yes"], **arrays)
    parts = both(load(tmp_path / "a.npz"))
    assert parts.test.classes == ("no", "yes")
    assert parts.test.labels.tolist() == [1]
    assert np.array_equal(parts.train.images, np.rint(x * 255).astype(np.uint8))


def test_npz_labels_may_be_words_and_pixels_wider_integers(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=np.full((2, 28, 28), 255), labels=["dog", "cat"])
    dataset = one(load(tmp_path / "a.npz"))
    assert dataset.classes == ("cat", "dog")
    assert (dataset.images == 255).all()


def test_a_dataset_file_and_folders_of_them_are_opened(tmp_path: Path) -> None:
    dataset = one(load(write_folder(tmp_path / "images", class_files()), name="mine"))
    save_dataset(dataset, tmp_path / "one" / "x.safetensors")
    assert one(load(tmp_path / "one" / "x.safetensors")).name == "mine"
    assert one(load(tmp_path / "one", name="yours")).name == "yours"
    for part in ("train", "test"):
        save_dataset(dataset.renamed(part), tmp_path / "two" / f"{part}.safetensors")
    assert both(load(tmp_path / "two")).test.name == "test"


def test_stored_names_go_before_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from glyphlab.data.catalog import add

    files = class_files("train/") | class_files("test/", each=1)
    add(write_folder(tmp_path / "images", files), name="digits")
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "digits", class_files(each=9))
    assert len(both(load("digits")).train) == 6
    assert len(one(load("digits:test"))) == 2
    assert len(one(load("./digits"))) == 18
    assert len(one(load(Path("digits")))) == 18


def test_real_notmnist_is_read_and_its_empty_files_are_listed(shared_data: Path) -> None:
    large = one(load(shared_data / "notMNIST_large_sample.tar.gz"))
    small = one(load(shared_data / "notMNIST_small_half.tar.gz"))
    assert (len(large), len(small)) == (5_143, 9_399)
    assert large.classes == small.classes == tuple("ABCDEFGHIJ")
    assert [entry.reason for entry in small.skipped] == ["empty (0 bytes)"] * 2
    assert small.skipped[0].path.startswith("notMNIST_small/A/RGVtb2NyYXR")
    assert large.skipped == ()


def test_real_mnist_is_read_whole(shared_data: Path) -> None:
    parts = both(load(shared_data / "mnist_png.tar.gz"))
    assert (len(parts.train), len(parts.test)) == (60_000, 10_000)
    published = [980, 1_135, 1_032, 1_010, 982, 892, 958, 1_028, 974, 1_009]
    assert parts.test.class_counts.tolist() == published
