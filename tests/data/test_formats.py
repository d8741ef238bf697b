"""The Dataset file."""

import contextlib
import json
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors import safe_open
from safetensors.numpy import save_file

from glyphlab.data import formats
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.formats import looks_like_dataset, save_dataset
from glyphlab.data.opening import open_dataset
from glyphlab.errors import InputError

IN_TMP_PATH = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def small() -> Dataset:
    return Dataset(
        images=np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4, 1),
        labels=np.array([1, 0]),
        ids=["top/Ж/1.png", "top/A/2.png"],
        classes=["A", "Ж"],
        name="two",
        source="two.zip",
        source_sha256="ab" * 32,
        skipped=[Skipped("top/A/3.png", "empty (0 bytes)")],
    )


def rewritten(path: Path, change: Any) -> None:
    """Write the file anew with a header that `change` got its hands on."""
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header = change(header) or header
    encoded = json.dumps(header).encode()
    path.write_bytes(len(encoded).to_bytes(8, "little") + encoded + content[end:])


def put_in(path: Path, place: int, moved: set[str]) -> None:
    """Put eight bytes into the data, and move the places of some arrays behind them."""
    content = path.read_bytes()
    at = 8 + int.from_bytes(content[:8], "little") + place
    path.write_bytes(content[:at] + bytes(8) + content[at:])

    def move(header: Any) -> None:
        for name in moved:
            start, end = header[name]["data_offsets"]
            header[name]["data_offsets"] = [start + 8, end + 8]

    rewritten(path, move)


def by_another_writer(path: Path, **arrays: np.ndarray) -> Path:
    """What `small` holds, or other arrays, as the package safetensors writes it."""
    usual: dict[str, np.ndarray] = {
        "labels": np.array([1, 0]),
        "id_offsets": np.array([0, 12, 23]),
        "images": np.asarray(small().images),
        "id_bytes": np.frombuffer("top/Ж/1.pngtop/A/2.png".encode(), np.uint8),
    }
    metadata = {"format": "glyphlab.dataset", "format_version": "1", "classes": '["A", "Ж"]'}
    save_file(usual | arrays, path, metadata)
    return path


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "two.safetensors"
    save_dataset(small(), path)
    opened = open_dataset(path)
    assert opened.fingerprint == small().fingerprint
    assert list(opened.ids) == ["top/Ж/1.png", "top/A/2.png"]
    assert (opened.name, opened.source, opened.source_sha256) == ("two", "two.zip", "ab" * 32)
    assert opened.skipped == (("top/A/3.png", "empty (0 bytes)"),)
    assert list(path.parent.iterdir()) == [path]


def test_other_readers_of_safetensors_find_what_the_design_names(tmp_path: Path) -> None:
    save_dataset(small(), tmp_path / "two.safetensors")
    with safe_open(tmp_path / "two.safetensors", "np") as file:
        assert set(file.keys()) == {"images", "labels", "id_bytes", "id_offsets"}
        assert file.get_tensor("images").shape == (2, 3, 4, 1)
        assert file.get_tensor("labels").tolist() == [1, 0]
        assert file.get_tensor("id_offsets").tolist() == [0, 12, 23]
        metadata = file.metadata()
    assert metadata["format"] == "glyphlab.dataset"
    assert metadata["format_version"] == "1"
    assert json.loads(metadata["classes"]) == ["A", "Ж"]
    assert metadata["sha256"] == "ab" * 32


def test_the_header_comes_first_and_arrays_follow_it_without_a_gap(tmp_path: Path) -> None:
    save_dataset(small(), tmp_path / "a")
    content = (tmp_path / "a").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert length % 8 == 0
    assert list(header.items()) == [
        (
            "__metadata__",
            {
                "format": "glyphlab.dataset",
                "format_version": "1",
                "name": "two",
                "classes": '["A", "\\u0416"]',
                "source": "two.zip",
                "skipped": '[["top/A/3.png", "empty (0 bytes)"]]',
                "sha256": "ab" * 32,
            },
        ),
        ("labels", {"dtype": "I64", "shape": [2], "data_offsets": [0, 16]}),
        ("id_offsets", {"dtype": "I64", "shape": [3], "data_offsets": [16, 40]}),
        ("images", {"dtype": "U8", "shape": [2, 3, 4, 1], "data_offsets": [40, 64]}),
        ("id_bytes", {"dtype": "U8", "shape": [23], "data_offsets": [64, 87]}),
    ]
    assert content[8 + length + 40 :] == bytes(range(24)) + "top/Ж/1.pngtop/A/2.png".encode()


def test_the_header_says_no_more_than_is_known(tmp_path: Path) -> None:
    save_dataset(Dataset(small().images, small().labels, small().ids, "AB"), tmp_path / "a")
    opened = open_dataset(tmp_path / "a")
    assert (opened.name, opened.source, opened.source_sha256) == ("unnamed", "", None)


def test_a_file_of_another_writer_opens_and_is_called_as_its_file(tmp_path: Path) -> None:
    path = by_another_writer(tmp_path / "letters.safetensors")
    opened = open_dataset(path)
    assert opened.fingerprint == small().fingerprint
    assert list(opened.ids) == list(small().ids)
    assert (opened.name, opened.source) == ("letters", str(path))
    assert (opened.source_sha256, opened.skipped) == (None, ())


def assert_in_line(opened: Dataset) -> None:
    assert opened.labels.flags.aligned
    assert opened.fingerprint == small().fingerprint
    assert list(opened.ids) == list(small().ids)


def test_numbers_that_lie_askew_are_brought_in_line(tmp_path: Path) -> None:
    for more in range(8):
        path = tmp_path / f"{more}.safetensors"
        save_dataset(small(), path)
        rewritten(path, lambda header, n=more: header["__metadata__"].update(name="n" * n))
        assert_in_line(open_dataset(path))


def test_numbers_behind_bytes_are_brought_in_line(tmp_path: Path) -> None:
    order = {"id_bytes": 23, "labels": 16, "id_offsets": 24, "images": 24}
    for more in range(8):
        path = tmp_path / f"{more}.safetensors"
        save_dataset(small(), path)
        content = path.read_bytes()
        data = content[8 + int.from_bytes(content[:8], "little") :]
        old = {"labels": 0, "id_offsets": 16, "images": 40, "id_bytes": 64}
        pieces = [data[old[name] : old[name] + size] for name, size in order.items()]
        path.write_bytes(content[: -len(data)] + b"".join(pieces))

        def move(header: Any, more: int = more) -> None:
            end = 0
            for name, size in order.items():
                header[name]["data_offsets"] = [end, end + size]
                end += size
            header["__metadata__"].update(name="n" * more)

        rewritten(path, move)
        assert_in_line(open_dataset(path))


@pytest.mark.parametrize("block", [1, 12, 24, 25, 59])
def test_images_are_written_in_blocks_of_a_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    images = np.arange(5 * 12, dtype=np.uint8).reshape(5, 3, 4, 1)
    five = Dataset(images, np.array([0, 1, 0, 1, 1]), list("abcde"), "AB")
    save_dataset(five, tmp_path / "whole")
    monkeypatch.setattr(formats, "_BLOCK_BYTES", block)
    save_dataset(five, tmp_path / "blocks")
    assert (tmp_path / "blocks").read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.parametrize("image_shape", [(16_384, 1), (1, 16_384), (1, 1)])
def test_images_have_sides_of_1_to_16384_pixels(
    tmp_path: Path, image_shape: tuple[int, int]
) -> None:
    images = np.zeros((1, *image_shape, 1), np.uint8)
    save_dataset(Dataset(images, np.zeros(1, np.int64), ["x"], "A"), tmp_path / "a")
    assert open_dataset(tmp_path / "a").image_shape == (*image_shape, 1)


@pytest.mark.parametrize("image_shape", [(16_385, 1), (1, 16_385), (0, 1), (1, 0)])
def test_images_of_other_sides_are_refused(tmp_path: Path, image_shape: tuple[int, int]) -> None:
    images = np.zeros((1, *image_shape, 1), np.uint8)
    save_dataset(Dataset(images, np.zeros(1, np.int64), ["x"], "A"), tmp_path / "a")
    height, width = image_shape
    with pytest.raises(InputError, match=f"a can't be opened .*: its images are {height}×{width};"):
        open_dataset(tmp_path / "a")


@pytest.mark.parametrize("offsets", [[], [0, 23], [0, 12, 12, 23]])
def test_another_number_of_ids_than_of_images_is_refused(
    tmp_path: Path, offsets: list[int]
) -> None:
    path = by_another_writer(tmp_path / "a", id_offsets=np.array(offsets, np.int64))
    with pytest.raises(InputError, match=r"a can't be opened .*: it does not have one id for each"):
        open_dataset(path)


def test_data_that_no_array_owns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for place, moved in (
        (0, {"labels", "id_offsets", "images", "id_bytes"}),
        (16, {"id_offsets", "images", "id_bytes"}),
        (64, {"id_bytes"}),
    ):
        save_dataset(small(), path)
        put_in(path, place, moved)
        with pytest.raises(InputError, match=r"a can't be opened .* overlapping or scattered data"):
            open_dataset(path)
    save_dataset(small(), path)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(InputError, match=r"a can't .* promises 87 bytes of data, it has 88"):
        open_dataset(path)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ((100).to_bytes(8, "little") + b'{"a', True),
        ((100).to_bytes(8, "little") + b"{", True),
        ((100_000_000).to_bytes(8, "little") + b"{", True),
        ((100_000_001).to_bytes(8, "little") + b"{", False),
        ((100).to_bytes(8, "little"), False),
        ((100).to_bytes(8, "little") + b"[", False),
        (b"{" * 9, False),
        (b"", False),
    ],
)
def test_a_file_is_known_by_its_first_bytes(head: bytes, expected: bool) -> None:
    assert looks_like_dataset(head) is expected


def test_an_id_may_be_empty(tmp_path: Path) -> None:
    save_dataset(Dataset(small().images, small().labels, ["", "x"], "AB"), tmp_path / "a")
    assert list(open_dataset(tmp_path / "a").ids) == ["", "x"]


@pytest.mark.parametrize("offsets", [[1, 12, 23], [0, 24, 23], [0, 12, 22]])
def test_ids_out_of_order_are_called_so(tmp_path: Path, offsets: list[int]) -> None:
    path = by_another_writer(tmp_path / "a", id_offsets=np.array(offsets))
    with pytest.raises(InputError, match=r"a can't be opened .*: its ids are out of order"):
        open_dataset(path)


def test_ids_that_end_beyond_all_numbers_are_out_of_order_too(tmp_path: Path) -> None:
    path = by_another_writer(
        tmp_path / "a",
        labels=np.array([1, 0, 1]),
        images=np.zeros((3, 3, 4, 1), np.uint8),
        id_offsets=np.array([0, 2**63 - 1, -2, 23]),  # the second step down is one up in 64 bits
    )
    with pytest.raises(InputError, match=r"a can't be opened .*: its ids are out of order"):
        open_dataset(path)


def test_a_place_may_be_given_as_text(tmp_path: Path) -> None:
    save_dataset(small(), f"{tmp_path}/two.safetensors")
    assert open_dataset(tmp_path / "two.safetensors").fingerprint == small().fingerprint


def test_the_same_dataset_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_dataset(small(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_images_stay_on_disk_and_cannot_be_written(tmp_path: Path) -> None:
    save_dataset(small(), tmp_path / "a")
    opened = open_dataset(tmp_path / "a")
    assert not opened.images.flags.owndata
    assert not opened.images.flags.writeable
    assert opened.labels.flags.aligned
    for array in (opened.images, opened.labels):
        owner: Any = array
        while isinstance(owner, np.ndarray):
            owner = owner.base
        assert isinstance(owner, mmap.mmap | memoryview)


def test_paths_that_are_no_utf8_survive(tmp_path: Path) -> None:
    odd = Dataset(
        np.zeros((1, 1, 1, 1), np.uint8),
        np.zeros(1, np.int64),
        ["A/\udcff.png"],
        ["A\udcfe"],
        name="n\udcff",
        source="x\udcff",
        skipped=[Skipped("\udcff", "hidden")],
    )
    save_dataset(odd, tmp_path / "a")
    opened = open_dataset(tmp_path / "a")
    assert (opened.ids[0], opened.classes[0]) == ("A/\udcff.png", "A\udcfe")
    assert opened.skipped[0].path == "\udcff"
    assert (opened.name, opened.source) == ("n?", "x?")


@IN_TMP_PATH
@given(
    images=arrays.arrays(
        np.uint8,
        st.tuples(st.integers(0, 5), st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3])),
    ),
    data=st.data(),
)
def test_any_dataset_survives_the_round_trip(
    tmp_path: Path, images: np.ndarray, data: st.DataObject
) -> None:
    n = len(images)
    classes = data.draw(st.lists(st.text(), min_size=1, max_size=4, unique=True))
    labels = data.draw(arrays.arrays(np.int64, n, elements=st.integers(0, len(classes) - 1)))
    ids = data.draw(st.lists(st.text(), min_size=n, max_size=n))
    save_dataset(Dataset(images, labels, ids, classes), tmp_path / "a")
    opened = open_dataset(tmp_path / "a")
    assert np.array_equal(opened.images, images)
    assert np.array_equal(opened.labels, labels)
    assert list(opened.ids) == ids
    assert list(opened.classes) == classes


def test_a_folder_of_files_opens_as_one(tmp_path: Path) -> None:
    save_dataset(small(), tmp_path / "1.safetensors")
    save_dataset(small(), tmp_path / "2.safetensors")
    opened = open_dataset(tmp_path)
    assert len(opened) == 4
    assert opened.labels.tolist() == [1, 0, 1, 0]
    assert opened.ids[2] == "top/Ж/1.png"
    assert len(opened.skipped) == 2


def test_a_folder_without_dataset_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no Dataset file"):
        open_dataset(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        open_dataset(tmp_path / "a.safetensors")


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_dataset(small(), path)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(InputError):
            open_dataset(path)


def _lies() -> dict[str, tuple[Any, str]]:
    """What is said wrongly: how it gets into the header, and what is answered."""

    def tensor(name: str, **fields: Any) -> Any:
        return lambda header: header[name].update(fields)

    def metadata(**fields: Any) -> Any:
        return lambda header: header["__metadata__"].update(fields)

    def without(part: str, key: str) -> Any:
        return lambda header: header[part].pop(key) and None

    images, labels = "describes 'images' wrongly", "describes 'labels' wrongly"
    arrays = "must hold exactly id_bytes, id_offsets, images, labels"
    return {
        "offsets beyond the file": (tensor("images", data_offsets=[40, 10**15]), images),
        "offsets that overlap": (tensor("images", data_offsets=[0, 24]), "overlapping"),
        "offsets backwards": (tensor("images", data_offsets=[64, 40]), images),
        "negative offsets": (tensor("labels", data_offsets=[-16, 0]), labels),
        "three offsets": (tensor("labels", data_offsets=[0, 16, 16]), labels),
        "another dtype": (tensor("labels", dtype="F64"), labels),
        "another dtype of the same size": (tensor("id_bytes", dtype="I8"), "'id_bytes' wrongly"),
        "a huge count": (tensor("images", shape=[10**18, 3, 4, 1]), images),
        "a huge count of nothing": (tensor("images", shape=[10**18, 0, 4, 1]), images),
        "true as a number": (tensor("images", shape=[True, 24, 1, 1]), images),
        "three dimensions": (tensor("images", shape=[2, 3, 4]), images),
        "two channels": (tensor("images", shape=[2, 3, 2, 2]), "its images have 2 channels"),
        "another number of labels": (tensor("labels", shape=[3]), labels),
        "no shape": (tensor("labels", shape=None), labels),
        "no place": (without("labels", "data_offsets"), labels),
        "no such array": (lambda header: header.pop("labels") and None, arrays),
        "one array more": (lambda header: header.update(more=header["labels"]), arrays),
        "an array that is a number": (lambda header: header.update(labels=3), labels),
        "no metadata": (lambda header: header.pop("__metadata__") and None, "has no metadata"),
        "metadata of numbers": (metadata(classes=3), "has no metadata"),
        "weights": (metadata(format="glyphlab.weights"), "something else"),
        "classes that are no list": (metadata(classes="{}"), "'classes' is no JSON list"),
        "classes that are numbers": (metadata(classes="[1, 2]"), "'classes' is no list of names"),
        "no classes": (without("__metadata__", "classes"), "'classes' is no JSON list"),
        "too few classes": (metadata(classes='["A"]'), "labels run from 0 to 1"),
        "a class twice": (metadata(classes='["A", "A"]'), "a class name occurs twice"),
        "skipped that is no list": (metadata(skipped="[[1]]"), "no list of path and reason"),
        "skipped that is a number": (metadata(skipped="7"), "'skipped' is no JSON list"),
        "deep nesting": (metadata(classes="[" * 200_000), "'classes' is no JSON list"),
        "a list as header": (lambda header: [header], "header is no JSON object"),
    }


@pytest.mark.parametrize("lie", list(_lies()))
def test_a_header_that_lies_is_refused(tmp_path: Path, lie: str) -> None:
    path = tmp_path / "a.safetensors"
    save_dataset(small(), path)
    change, problem = _lies()[lie]
    rewritten(path, change)
    with pytest.raises(InputError, match=r"a\.safetensors|two") as refusal:
        open_dataset(path)
    assert problem in str(refusal.value)


def test_a_newer_version_asks_for_an_update(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_dataset(small(), path)
    rewritten(path, lambda header: header["__metadata__"].update(format_version="2"))
    with pytest.raises(InputError, match="update glyphlab"):
        open_dataset(path)


def test_ids_out_of_order_and_labels_out_of_range_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_dataset(small(), path)
    content = path.read_bytes()
    data = 8 + int.from_bytes(content[:8], "little")
    for number, value in ((0, 7), (0, -1), (2, 3), (3, 99), (4, 22)):
        broken = bytearray(content)
        at = data + 8 * number
        broken[at : at + 8] = value.to_bytes(8, "little", signed=True)
        path.write_bytes(broken)
        with pytest.raises(InputError):
            open_dataset(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "truncated"),
        (b"1234567", "truncated"),
        (bytes(7), "truncated"),
        (b"\xff" * 100, "truncated"),
        ((90).to_bytes(8, "little") + b"{" * 89, "truncated"),
        ((90).to_bytes(8, "little") + b"{" * 90, "no JSON"),
        ((10**5).to_bytes(8, "little") + b"[" * 10**5, "no JSON"),
    ],
)
def test_a_header_of_rubbish_or_boundless_length_is_refused(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.safetensors can't be opened .*: it.* {problem}"):
        open_dataset(path)


@IN_TMP_PATH
@given(position=st.integers(0, 700), value=st.integers(0, 255))
def test_a_changed_byte_never_ends_in_another_error(
    tmp_path: Path, position: int, value: int
) -> None:
    path = tmp_path / "a.safetensors"
    save_dataset(small(), path)
    content = bytearray(path.read_bytes())
    content[position % len(content)] = value
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        list(open_dataset(path).ids)


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(InputError, match="Can't write"):
        save_dataset(small(), tmp_path / "file" / "a.safetensors")
