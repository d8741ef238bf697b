"""Sources that can't be used: one sentence with what is wrong and where, and nothing is kept."""

import contextlib
import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.data.builders import (
    class_files,
    encoded,
    idx,
    pixels,
    png_claiming,
    write_folder,
    write_tar,
    write_zip,
)

from glyphlab.data.ingest import load
from glyphlab.errors import InputError

IN_TMP_PATH = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def refused(source: Path | str, problem: str, **options: Any) -> None:
    with pytest.raises(InputError, match=problem) as refusal:
        load(source, **options)
    message = str(refusal.value)
    assert "\n" not in message
    assert message.endswith(".")


def test_no_such_path(tmp_path: Path) -> None:
    refused(tmp_path / "none.zip", "There is no file, folder or stored Dataset '.*none.zip'")
    refused("no-such-name:train", "There is no file, folder or stored Dataset 'no-such-name'")


def test_an_empty_folder(tmp_path: Path) -> None:
    refused(tmp_path, "holds no images")
    (tmp_path / "A").mkdir()
    refused(tmp_path, "holds no images")


def test_an_archive_without_images(tmp_path: Path) -> None:
    refused(write_zip(tmp_path / "a.zip", {}), "holds no images")
    refused(write_zip(tmp_path / "b.zip", {"README": b"x"}), "holds no images")


def test_one_class(tmp_path: Path) -> None:
    refused(write_folder(tmp_path, class_files("", "A")), "one class only \\('A'\\)")


def test_images_without_class_folders(tmp_path: Path) -> None:
    refused(write_folder(tmp_path, {"1.png": encoded(pixels())}), "in class folders")


def test_class_folders_at_different_depths(tmp_path: Path) -> None:
    files = class_files("", "AB") | class_files("deeper/", "CD", each=1)
    refused(write_folder(tmp_path, files), "2 of 8 images lie outside .* 'deeper/C'")


@pytest.mark.parametrize("write", [write_folder, write_tar, write_zip])
def test_a_class_without_readable_images(tmp_path: Path, write: Any) -> None:
    files = class_files("top/", each=30) | {"top/C/1.png": b""}
    refused(write(tmp_path / "a", files), "class folder 'top/C' holds no readable image")


def test_an_empty_class_folder(tmp_path: Path) -> None:
    write_folder(tmp_path, class_files())
    (tmp_path / "C").mkdir()
    refused(tmp_path, "class folder 'C' holds no readable image")


def test_an_empty_class_folder_in_a_tar(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", class_files("top/"), "w")
    with tarfile.open(path, "a") as archive:
        for name in ("top", "top/C"):
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE
            archive.addfile(entry)
    refused(path, "class folder 'top/C' holds no readable image")


def test_a_test_part_with_a_class_of_its_own(tmp_path: Path) -> None:
    files = class_files("train/", "AB") | class_files("test/", "ABC")
    refused(write_folder(tmp_path, files), r"test has classes that train lacks \(C\)")


def test_more_than_five_per_cent_unreadable(tmp_path: Path) -> None:
    files = class_files(each=9) | {"A/x.png": b""}
    write_folder(tmp_path, files)
    refused(tmp_path, "1 of 19 image files are unreadable, such as 'A/x.png'.*allow-unreadable")
    assert len(load(tmp_path, allow_unreadable=True)) == 18


def test_up_to_five_per_cent_unreadable_is_read_and_hidden_files_do_not_count(
    tmp_path: Path,
) -> None:
    files = class_files(each=19) | {"A/x.png": b"", "B/y.png": b""}
    files |= {f"A/.{i}.png": b"" for i in range(9)} | {f"A/{i}.txt": b"" for i in range(9)}
    assert len(load(write_folder(tmp_path, files), allow_unreadable=True)) == 38
    (tmp_path / "B/y.png").unlink()
    assert len(load(tmp_path)) == 38


def test_a_png_that_claims_a_vast_size_is_one_skipped_file(tmp_path: Path) -> None:
    files = class_files(each=30) | {"A/bomb.png": png_claiming(100_000, 100_000)}
    dataset = load(write_folder(tmp_path, files))
    assert len(dataset) == 60
    assert not isinstance(dataset, tuple)
    assert dataset.skipped[0].reason == "claims 100,000×100,000 pixels, more than 64,000,000"


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_an_archive_cut_off_in_the_middle(tmp_path: Path, write: Any) -> None:
    path = write(tmp_path / "a", class_files())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    refused(path, "cut off")


@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_an_archive_that_points_outside(tmp_path: Path, write: Any) -> None:
    refused(write(tmp_path / "a", class_files("../")), r"member '\.\./A/0\.png'.*outside")
    refused(write(tmp_path / "b", class_files("/tmp/")), "absolute path")


def test_a_member_that_is_too_large(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", class_files() | {"A/big.png": bytes((1 << 26) + 1)})
    refused(path, "'A/big.png' of 67,108,865 bytes")


@pytest.mark.parametrize("content", [b"", b"hello", bytes(5_000), b"BZh91AY&SY" + bytes(99)])
def test_a_file_that_is_nothing_glyphlab_reads(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "thing").write_bytes(content)
    refused(tmp_path / "thing", "nothing that glyphlab reads; give a folder or an archive")
    (tmp_path / "thing.gz").write_bytes(gzip.compress(content))
    refused(tmp_path / "thing.gz", "nothing that glyphlab reads")


def test_a_size_or_mode_that_makes_no_sense(tmp_path: Path) -> None:
    write_folder(tmp_path, class_files())
    refused(tmp_path, "size of 0", size=0)
    refused(tmp_path, "size of 1025", size=1_025)
    refused(tmp_path, "no mode 'gray'", mode="gray")


def test_a_part_of_what_has_none(tmp_path: Path) -> None:
    write_folder(tmp_path / "a", class_files())
    refused(f"{tmp_path / 'a'}:test", "has no part 'test'")


def test_a_weights_file_in_place_of_a_dataset(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"w": np.zeros(3)}, tmp_path / "w.safetensors")
    refused(tmp_path / "w.safetensors", "metadata")


def idx_pair(folder: Path, images: bytes, labels: bytes | None) -> Path:
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(images)
    if labels is not None:
        (folder / "train-labels-idx1-ubyte").write_bytes(labels)
    return path


IMAGES, LABELS = idx(np.zeros((4, 28, 28))), idx(np.array([0, 1, 0, 1]))


@pytest.mark.parametrize(
    ("images", "labels", "problem"),
    [
        (b"\0\0\x0d\x03" + IMAGES[4:], LABELS, "begins with 00000d03, which is no IDX magic"),
        (b"", LABELS, "begins with nothing"),
        (IMAGES[:9], LABELS, "header promises 16 bytes, it has 9"),
        (IMAGES[:-1], LABELS, "header promises 3,136 bytes, it has 3,135"),
        (IMAGES + b"x", LABELS, "it has more"),
        (IMAGES, LABELS[:-1], "header promises 4 bytes, it has 3"),
        (IMAGES, idx(np.zeros(5)), "4 images and 5 labels"),
        (IMAGES, idx(np.zeros(4)), "one class only"),
        (IMAGES, IMAGES, "holds images, not labels"),
        (LABELS, LABELS, "holds labels, not images"),
        (IMAGES, None, "there is no train-labels-idx1-ubyte nor"),
        (idx(np.zeros((0, 28, 28))), idx(np.zeros(0)), "holds no pixels"),
        (b"\0\0\x08\x03" + struct.pack(">3I", 2**31, 2**15, 2**15), LABELS, "unpacks to more"),
        (b"\0\0\x08\x03" + struct.pack(">3I", 2**16, 2**9, 2**9), LABELS, "it has far less"),
        (idx(np.zeros((4, 28, 28, 2))), LABELS, "has 2 channels"),
    ],
)
def test_idx_that_is_damaged(
    tmp_path: Path, images: bytes, labels: bytes | None, problem: str
) -> None:
    refused(idx_pair(tmp_path, images, labels), problem)
    refused(tmp_path, problem)


def test_idx_packed_and_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx(pixels(0, 112, 28).reshape(4, 28, 28)))[:-100])
    refused(path, "labels beside it")
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(LABELS)
    refused(path, "cut off")


def test_a_folder_of_several_idx_sets(tmp_path: Path) -> None:
    for name in ("digits", "letters"):
        (tmp_path / f"{name}-train-images-idx3-ubyte").write_bytes(IMAGES)
    refused(tmp_path, "several IDX sets")


X, Y = np.zeros((2, 28, 28), np.uint8), np.array([0, 1])


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"images": X, "labels": Y[:1]}, "2 images and 1 labels"),
        ({"images": X, "labels": Y * 0}, "one class only"),
        ({"images": X}, "holds images; name the arrays"),
        ({"images": X[0], "labels": Y}, r"shape \[28, 28\]"),
        ({"images": np.zeros((2, 28, 28, 4)), "labels": Y}, "shape"),
        ({"images": X[:0], "labels": Y[:0]}, "holds no pixels"),
        ({"images": X + 0.5 * 3, "labels": Y}, "values that are no pixels"),
        ({"images": X + np.nan, "labels": Y}, "values that are no pixels"),
        ({"images": X.astype(int) - 1, "labels": Y}, "values that are no pixels"),
        ({"images": X.astype("M8[s]"), "labels": Y}, "values that are no pixels"),
        ({"images": X, "labels": Y * 1.0}, "one whole number or string"),
        ({"images": X, "labels": np.eye(2, dtype=int)}, "one whole number or string"),
        ({"images": X, "labels": Y, "classes": ["only"]}, "one class only"),
        ({"images": X, "labels": Y + 1, "classes": ["a", "b"]}, "labels run from 1 to 2"),
        ({"images": X, "labels": Y, "classes": [1, 2]}, "no list of strings"),
        ({"images": X, "labels": ["a", "b"], "classes": ["a", "b"]}, "must be integers"),
        ({"images": X, "labels": np.array([{}, {}])}, "pickled objects, which are never loaded"),
    ],
)
def test_npz_that_cannot_be_used(tmp_path: Path, arrays: dict[str, Any], problem: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    refused(tmp_path / "a.npz", problem)


def test_npz_cut_off_or_with_a_lying_shape(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=X, labels=Y)
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "b.npz").write_bytes(content[: len(content) // 2])
    refused(tmp_path / "b.npz", "cut off or damaged")
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 28, 28)}
    )
    lying = {"images.npy": buffer.getvalue(), "labels.npy": buffer.getvalue()}
    refused(write_zip(tmp_path / "c.npz", lying), "cut off or damaged")


def test_npz_bomb(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", images=np.zeros((100_000, 28, 28), np.uint8))
    refused(tmp_path / "a.npz", "as bombs do")


@IN_TMP_PATH
@given(
    name=st.sampled_from(["a.npz", "train-images-idx3-ubyte", "a.safetensors", "a.zip", "a.tar"]),
    start=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\0\0\x08\x03", b"\x1f\x8b\x08"]),
    rubbish=st.binary(max_size=700),
)
def test_rubbish_of_any_name_is_refused(
    tmp_path: Path, name: str, start: bytes, rubbish: bytes
) -> None:
    (tmp_path / name).write_bytes(start + rubbish)
    with pytest.raises(InputError):
        load(tmp_path / name)


@IN_TMP_PATH
@given(changes=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), max_size=4))
def test_a_damaged_npz_never_ends_in_another_error(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    np.savez(tmp_path / "a.npz", images=X[:, :20, :20], labels=Y)
    content = bytearray((tmp_path / "a.npz").read_bytes())
    for position, value in changes:
        content[position % len(content)] = value
    (tmp_path / "a.npz").write_bytes(content)
    with contextlib.suppress(InputError):
        load(tmp_path / "a.npz")


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    write_folder(tmp_path, class_files())
    monkeypatch.setattr("os.scandir", denied)
    refused(tmp_path, "Can't read .*Permission denied")


def test_an_npz_member_that_is_no_array(tmp_path: Path) -> None:
    good = io.BytesIO()
    np.save(good, np.zeros((2, 8, 8), np.uint8))
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", good.getvalue())
        archive.writestr("labels.npy", b"no array")
    refused(path, r"a\.npz: labels is no array, so it is damaged")


def test_small_images_that_would_become_more_than_is_held_at_once(tmp_path: Path) -> None:
    images, labels = np.zeros((70_000, 1, 1), np.uint8), np.arange(70_000) % 2
    np.savez(tmp_path / "a.npz", images=images, labels=labels)
    refused(tmp_path / "a.npz", "70,000 images of 1,048,576 bytes are more than", size=1_024)
    assert len(load(tmp_path / "a.npz", size=2)) == 70_000
