"""What is added under a name stays whole under it."""

from pathlib import Path

import numpy as np
import pytest
from tests.data.builders import class_files, idx, write_folder

from glyphlab.data import catalog
from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError


def _toy(value: int = 0) -> Dataset:
    return Dataset(
        images=np.full((4, 2, 2, 1), value, np.uint8),
        labels=np.array([0, 1, 0, 1]),
        ids=list("wxyz"),
        classes=["a", "b"],
        name="toy",
    )


def _value(name: str) -> int:
    opened = catalog.open_stored(name)
    assert isinstance(opened, Dataset)
    return int(opened.images[0, 0, 0, 0])


def test_home_is_where_the_environment_says(own_home: Path) -> None:
    assert catalog.home() == own_home


def test_without_environment_home_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLYPHLAB_HOME")
    assert catalog.home().name == "glyphlab"
    assert catalog.home().is_absolute()


def test_added_images_are_found_by_name(tmp_path: Path, own_home: Path) -> None:
    stored = catalog.add(write_folder(tmp_path / "My Letters", class_files()))
    assert stored.name == "my-letters"
    assert stored.parts == {"data": own_home / "datasets" / "my-letters" / "data.safetensors"}
    assert stored.bytes_on_disk == stored.parts["data"].stat().st_size
    assert catalog.names() == ["my-letters"]
    opened = catalog.open_stored("my-letters")
    assert isinstance(opened, Dataset)
    assert opened.name == "my-letters"
    assert opened.classes == ("A", "B")
    assert opened.class_counts.tolist() == [3, 3]


def test_images_are_opened_memory_mapped(tmp_path: Path) -> None:
    catalog.keep(_toy(), "toy")
    opened = catalog.open_stored("toy")
    assert isinstance(opened, Dataset)
    assert not opened.images.flags.owndata


def test_training_and_test_parts_are_kept_apart(tmp_path: Path) -> None:
    for part, count in (("train", 6), ("t10k", 4)):
        images, labels = np.zeros((count, 28, 28)), np.arange(count) % 2
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    stored = catalog.add(tmp_path, "digits")
    assert sorted(stored.parts) == ["test", "train"]
    opened = catalog.open_stored("digits")
    assert isinstance(opened, TrainTest)
    assert (len(opened.train), len(opened.test)) == (6, 4)
    assert (opened.train.name, opened.test.name) == ("digits:train", "digits:test")


def test_size_and_mode_are_passed_on(tmp_path: Path) -> None:
    catalog.add(write_folder(tmp_path / "x", class_files()), size=16, mode="rgb")
    opened = catalog.open_stored("x")
    assert isinstance(opened, Dataset)
    assert opened.image_shape == (16, 16, 3)


def test_nothing_is_found_under_an_unknown_name() -> None:
    assert catalog.names() == []
    assert catalog.stored("nothing") == {}
    assert catalog.open_stored("nothing") is None
    assert catalog.open_stored("../datasets") is None


def test_a_taken_name_is_kept_unless_forced(tmp_path: Path) -> None:
    catalog.keep(_toy(1), "toy")
    with pytest.raises(InputError, match="already a Dataset 'toy'; replace it with --force"):
        catalog.keep(_toy(2), "toy")
    with pytest.raises(InputError, match="--force"):
        catalog.add(write_folder(tmp_path / "x", class_files()), "toy")
    assert _value("toy") == 1
    catalog.keep(_toy(2), "toy", force=True)
    assert _value("toy") == 2


def test_replacing_leaves_no_part_of_the_old(own_home: Path) -> None:
    catalog.keep(TrainTest(_toy(1), _toy(2)), "toy")
    catalog.keep(_toy(3), "toy", force=True)
    assert [path.name for path in (own_home / "datasets").iterdir()] == ["toy"]
    assert sorted(catalog.stored("toy")) == ["data"]


def test_a_path_goes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog.keep(_toy(7), "x")
    write_folder(tmp_path / "x", class_files())
    monkeypatch.chdir(tmp_path)
    catalog.add("x", force=True)
    opened = catalog.open_stored("x")
    assert isinstance(opened, Dataset)
    assert opened.image_shape == (28, 28, 1)


def test_a_failed_add_leaves_the_old_one_whole(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.keep(_toy(1), "toy")
    with pytest.raises(InputError, match="no images"):
        catalog.add(write_folder(tmp_path / "empty", {"A/notes.txt": b"none"}), "toy", force=True)

    def disk_full(dataset: Dataset, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("glyphlab.data.formats.save_dataset", disk_full)
    with pytest.raises(InputError, match=r"Can't write .*toy: No space left on device"):
        catalog.keep(_toy(2), "toy", force=True)
    with pytest.raises(InputError, match="No space"):
        catalog.keep(_toy(2), "other")
    assert _value("toy") == 1
    assert catalog.names() == ["toy"]
    assert [path.name for path in (own_home / "datasets").iterdir()] == ["toy"]


def test_a_replacement_killed_between_its_renamings_is_undone(own_home: Path) -> None:
    catalog.keep(_toy(1), "toy")
    (own_home / "datasets" / "toy").rename(own_home / "datasets" / ".toy.old")
    assert _value("toy") == 1
    assert catalog.stored("toy")


def test_a_replacement_killed_after_its_renamings_is_finished_by_the_next(own_home: Path) -> None:
    catalog.keep(_toy(1), "toy")
    (own_home / "datasets" / "toy").rename(own_home / "datasets" / ".toy.old")
    (own_home / "datasets" / "toy").mkdir()
    catalog.keep(_toy(2), "toy", force=True)
    assert _value("toy") == 2
    assert [path.name for path in (own_home / "datasets").iterdir()] == ["toy"]


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", "/etc", "A", ".hidden", "a:train", "a b", "x" * 101, "ä"]
)
def test_a_name_that_could_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="can't be a name"):
        catalog.keep(_toy(), name)


def test_the_built_in_name_is_reserved() -> None:
    with pytest.raises(InputError, match="built-in"):
        catalog.keep(_toy(), "glyphs", force=True)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("somewhere/notMNIST_small.tar.gz", "notmnist_small"),
        ("x/My Letters.zip", "my-letters"),
        ("digits.npz", "digits"),
        ("v1.2", "v1.2"),
        ("-_x.tgz", "x"),
    ],
)
def test_a_source_gives_its_own_name(source: str, name: str) -> None:
    assert catalog.default_name(source) == name


def test_a_source_without_usable_letters_needs_a_name() -> None:
    with pytest.raises(InputError, match="choose one with --name"):
        catalog.default_name("буквы.zip")


def test_a_place_that_cannot_be_written_to_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GLYPHLAB_HOME", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"Can't write .* GLYPHLAB_HOME"):
        catalog.keep(_toy(), "toy")
