"""Files of IDX, one by one: what they are known by, what they hold, what lies beside them."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from tests.data.builders import idx

from glyphlab.data.archives import Bounds
from glyphlab.data.idx import (
    find_idx_images,
    has_idx_name,
    looks_like_idx,
    read_idx,
    read_pair,
)
from glyphlab.errors import InputError

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def written(path: Path, array: np.ndarray) -> Path:
    content = idx(array)
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\0\0\x08\x01", True),
        (b"\0\0\x08\x03", True),
        (b"\0\0\x08\x04more", True),
        (b"\0\0\x08\x02", False),
        (b"\0\0\x08\x05", False),
        (b"\0\0\x09\x03", False),
        (b"\1\0\x08\x03", False),
        (b"\0\1\x08\x03", False),
        (b"\0\0\x08", False),
        (b"", False),
    ],
)
def test_a_file_is_known_by_its_magic(head: bytes, expected: bool) -> None:
    assert looks_like_idx(head) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("t10k-images-idx3-ubyte.gz", True),
        ("t10k-labels-idx1-ubyte", True),
        ("letters.idx", True),
        ("letters.idx.png", False),
        ("idx2", False),
    ],
)
def test_names_of_idx_files_are_known(name: str, expected: bool) -> None:
    assert has_idx_name(Path("idx3") / name) is expected


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("shape", [(5,), (5, 3, 2), (5, 3, 2, 3), (3, 900, 700)])
def test_arrays_come_back(tmp_path: Path, ending: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    found = read_idx(written(tmp_path / f"a{ending}", array), Bounds())
    assert found.dtype == np.uint8
    assert np.array_equal(found, array)


def test_what_it_may_hold_is_bounded(tmp_path: Path) -> None:
    path = written(tmp_path / "a", np.zeros((2, 3, 4)))
    assert read_idx(path, Bounds(total_bytes=24)).shape == (2, 3, 4)
    with pytest.raises(InputError, match=f"^{path} unpacks to more than 23 bytes"):
        read_idx(path, Bounds(total_bytes=23))


def test_what_is_packed_too_well_is_refused_as_a_bomb(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gz", np.zeros((100, 100, 1)))
    bounds = Bounds(ratio=-(-10_016 // path.stat().st_size), ratio_floor=1_000)
    assert read_idx(path, bounds).shape == (100, 100, 1)
    with pytest.raises(InputError, match=f"^{path} unpacks to over 5 times its size, as bombs do"):
        read_idx(path, Bounds(ratio=5, ratio_floor=1_000))


def test_a_bomb_is_refused_by_its_header_before_it_is_unpacked(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).bytes((1 << 20) + 1_000)
    header = b"\0\0\x08\x03" + struct.pack(">3I", 20, 1_000, 1_000)
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(header + pixels, 1))
    with pytest.raises(InputError, match=f"^{path} unpacks to over 5 times its size, as bombs do"):
        read_idx(path, Bounds(ratio=5, ratio_floor=1_000))


@pytest.mark.parametrize(("size", "held"), [(1_100 * 16, "0"), (1_100 * 16 + 1, "far less")])
def test_no_memory_is_taken_for_what_cannot_be_in_the_file(
    tmp_path: Path, size: int, held: str
) -> None:
    (tmp_path / "a").write_bytes(b"\0\0\x08\x03" + struct.pack(">3I", size, 1, 1))
    path = tmp_path / "a"
    promise = f"^{path} is cut off or damaged: its header promises {size:,} bytes, it has {held};"
    with pytest.raises(InputError, match=promise):
        read_idx(path, Bounds())


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_bytes_behind_the_last_pixel_are_damage(tmp_path: Path, ending: str) -> None:
    array = np.random.default_rng(0).integers(0, 256, (1_500, 1_000), dtype=np.uint8)
    path = written(tmp_path / f"a{ending}", array[:, :, None])
    content = idx(array[:, :, None]) + b"x"
    path.write_bytes(gzip.compress(content, 1) if ending else content)
    with pytest.raises(InputError, match=f"^{path} is .* promises 1,500,000 bytes, it has more;"):
        read_idx(path, Bounds())


def test_a_packed_file_that_is_cut_off_and_one_of_another_kind_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gz", np.random.default_rng(0).integers(0, 256, (30, 30, 30)))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=f"^{path} is cut off"):
        read_idx(path, Bounds())
    path.write_bytes(b"\0\0\x08\x03abcde")
    with pytest.raises(InputError, match=f"^{path} is .* its header promises 16 bytes, it has 9;"):
        read_idx(path, Bounds())
    path.write_bytes(b"\0\0\x0d\x03")
    with pytest.raises(InputError, match=f"^{path} begins with 00000d03, which is no IDX magic"):
        read_idx(path, Bounds())


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("beside", ["", ".gz"])
def test_either_of_a_pair_may_be_named(tmp_path: Path, ending: str, beside: str) -> None:
    images = written(tmp_path / f"{IMAGES}{ending}", np.full((2, 3, 4, 3), 7))
    labels = written(tmp_path / f"{LABELS}{beside}", np.array([1, 9]))
    for path in (images, labels):
        pair = read_pair(path, Bounds())
        assert pair.images.shape == (2, 3, 4, 3)
        assert pair.labels.tolist() == [1, 9]
        assert pair.where == IMAGES


def test_a_file_that_is_not_packed_goes_before_one_that_is(tmp_path: Path) -> None:
    images = written(tmp_path / IMAGES, np.zeros((2, 3, 4)))
    written(tmp_path / f"{LABELS}.gz", np.array([3, 4]))
    written(tmp_path / LABELS, np.array([1, 2]))
    assert read_pair(images, Bounds()).labels.tolist() == [1, 2]


def test_a_file_is_not_its_own_labels(tmp_path: Path) -> None:
    path = written(tmp_path / "letters.idx", np.zeros((2, 3, 4)))
    with pytest.raises(InputError, match=r"letters\.idx needs its labels beside it"):
        read_pair(path, Bounds())


def test_a_folder_in_place_of_the_labels_does_not_count(tmp_path: Path) -> None:
    path = written(tmp_path / IMAGES, np.zeros((2, 3, 4)))
    (tmp_path / LABELS).mkdir()
    with pytest.raises(InputError, match=f"there is no {LABELS} nor {LABELS}.gz"):
        read_pair(path, Bounds())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], []),
        ([IMAGES], [IMAGES]),
        ([IMAGES, f"{IMAGES}.gz"], [IMAGES]),
        (["t10k-images-idx3-ubyte", IMAGES], [IMAGES, "t10k-images-idx3-ubyte"]),
        (["a-test-images.idx", "z-images.idx"], ["z-images.idx", "a-test-images.idx"]),
        ([LABELS, f".{IMAGES}", "images.png"], []),
    ],
)
def test_images_in_a_folder_are_found_training_first(
    tmp_path: Path, names: list[str], expected: list[str]
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    assert find_idx_images(tmp_path) == [tmp_path / name for name in expected]


@pytest.mark.parametrize(
    "names",
    [
        ["a-images.idx", "b-images.idx"],
        ["a-test-images.idx", "b-test-images.idx"],
        ["a-images.idx", "b-images.idx", "test-images.idx"],
    ],
)
def test_several_sets_in_a_folder_are_refused_by_name(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match=rf"several IDX sets \({', '.join(names)}\)"):
        find_idx_images(tmp_path)
