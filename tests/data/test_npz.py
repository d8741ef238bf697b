"""Files of NumPy's `.npz`: which arrays are read, and which are not."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.builders import write_zip

from glyphlab.data.archives import Bounds
from glyphlab.data.npz import is_npz, read_npz
from glyphlab.errors import InputError

X, Y = np.zeros((2, 3, 4), np.uint8), np.array([0, 1])


def saved(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    "names",
    [
        ("images", "labels"),
        ("x", "y"),
        ("X", "y"),
        ("arr_0", "arr_1"),
        ("x_train", "y_train", "x_test", "y_test"),
        ("X_train", "y_train", "X_test", "y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
    ],
)
def test_arrays_are_known_by_their_names(tmp_path: Path, names: tuple[str, ...]) -> None:
    arrays = {name: (X, Y)[i % 2] + np.uint8(i) for i, name in enumerate(names)}
    found = read_npz(saved(tmp_path / "a.npz", **arrays), Bounds())
    assert [part.where for part in found.parts] == list(names[::2])
    assert [part.images[0, 0, 0] for part in found.parts] == [0, 2][: len(names) // 2]
    assert [part.labels.tolist() for part in found.parts] == [[1, 2], [3, 4]][: len(names) // 2]
    assert found.classes is None


def test_other_arrays_are_passed_over_and_parts_go_before_a_whole(tmp_path: Path) -> None:
    parts = {"x_train": X, "y_train": Y, "x_test": X, "y_test": Y}
    path = saved(tmp_path / "a.npz", images=X, labels=Y, more=np.array([object()]), **parts)
    assert len(read_npz(path, Bounds()).parts) == 2


@pytest.mark.parametrize(
    "labels",
    [Y, Y.astype(np.uint8), Y[:, None], np.array(["a", "b"]), np.array([["a"], ["b"]])],
)
def test_labels_may_be_numbers_or_words_in_one_column(tmp_path: Path, labels: np.ndarray) -> None:
    found = read_npz(saved(tmp_path / "a.npz", x=X, y=labels), Bounds())
    assert found.parts[0].labels.tolist() == labels.ravel().tolist()


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (Y * 1.0, r"float64 \[2\]"),
        (Y > 0, r"bool \[2\]"),
        (np.array([b"a", b"b"]), r"\|S1 \[2\]"),
        (np.zeros((2, 2), int), r"int64 \[2, 2\]"),
        (np.zeros((2, 1, 1), int), r"int64 \[2, 1, 1\]"),
        (np.int64(3), r"int64 \[\]"),
    ],
)
def test_labels_of_another_kind_are_refused(tmp_path: Path, labels: Any, kind: str) -> None:
    path = saved(tmp_path / "a.npz", x=X, y=labels)
    with pytest.raises(InputError, match=rf"a\.npz: y is {kind}; give one whole number"):
        read_npz(path, Bounds())


def test_images_of_another_kind_are_named_with_their_file(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", x=X[0], y=Y)
    with pytest.raises(InputError, match=rf"^{path}: x has the shape \[3, 4\]"):
        read_npz(path, Bounds())


def test_classes_are_read_as_text(tmp_path: Path) -> None:
    found = read_npz(saved(tmp_path / "a.npz", x=X, y=Y, classes=["no", "yes"]), Bounds())
    assert found.classes == ["no", "yes"]
    assert all(type(name) is str for name in found.classes)


@pytest.mark.parametrize("classes", [[1, 2], [["a", "b"]], [b"a", b"b"], "ab"])
def test_classes_of_another_kind_are_refused(tmp_path: Path, classes: Any) -> None:
    path = saved(tmp_path / "a.npz", x=X, y=Y, classes=classes)
    with pytest.raises(InputError, match=r"a\.npz: classes is no list of strings"):
        read_npz(path, Bounds())


@pytest.mark.parametrize(("arrays", "held"), [({}, "nothing"), ({"y": Y, "b": X}, "b, y")])
def test_a_file_without_these_names_says_what_it_holds(
    tmp_path: Path, arrays: dict[str, Any], held: str
) -> None:
    with pytest.raises(InputError, match=rf"a\.npz holds {held}; name the arrays images"):
        read_npz(saved(tmp_path / "a.npz", **arrays), Bounds())


def test_pickled_objects_are_told_from_damage(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.npz holds pickled objects, which are never loaded"):
        read_npz(saved(tmp_path / "a.npz", x=X, y=np.array([{}, {}])), Bounds())
    content = saved(tmp_path / "b.npz", x=X, y=Y).read_bytes()
    (tmp_path / "b.npz").write_bytes(content.replace(b"NUMPY", b"NUMPI"))
    with pytest.raises(InputError, match=r"b\.npz"):
        read_npz(tmp_path / "b.npz", Bounds())
    (tmp_path / "b.npz").write_bytes(content[:-30])
    with pytest.raises(InputError, match=r"b\.npz is cut off or damaged; copy or make it again"):
        read_npz(tmp_path / "b.npz", Bounds())


def test_what_it_may_hold_is_bounded(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", x=X, y=Y)
    with zipfile.ZipFile(path) as archive:
        total = sum(entry.file_size for entry in archive.infolist())
    assert len(read_npz(path, Bounds(entries=2, total_bytes=total)).parts) == 1
    with pytest.raises(InputError, match=f"^{path} holds more than 1 entries"):
        read_npz(path, Bounds(entries=1))
    with pytest.raises(InputError, match=f"^{path} unpacks to more than"):
        read_npz(path, Bounds(total_bytes=total - 1))
    np.savez_compressed(tmp_path / "b.npz", x=np.zeros((2, 100, 100), np.uint8), y=Y)
    with pytest.raises(InputError, match="as bombs do"):
        read_npz(tmp_path / "b.npz", Bounds(ratio=10, ratio_floor=1_000))


def test_it_is_known_by_what_it_holds_or_if_it_is_damaged_by_its_name(tmp_path: Path) -> None:
    array = saved(tmp_path / "a.npz", x=X).read_bytes()
    (tmp_path / "arrays").write_bytes(array)
    assert is_npz(tmp_path / "arrays")
    assert not is_npz(write_zip(tmp_path / "b.npz", {"x.npy": b"x", "y.png": b"y"}))
    assert not is_npz(write_zip(tmp_path / "c.npz", {}))
    for name, expected in (("d.npz", True), ("d.NPZ", True), ("d.zip", False), ("npz", False)):
        (tmp_path / name).write_bytes(array[:50])
        assert is_npz(tmp_path / name) is expected
    assert is_npz(tmp_path / "missing.npz")
    assert not is_npz(tmp_path / "missing")
