"""The Dataset file."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors import safe_open

from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.formats import save_dataset
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


def test_paths_that_are_no_utf8_survive(tmp_path: Path) -> None:
    odd = Dataset(
        np.zeros((1, 1, 1, 1), np.uint8),
        np.zeros(1, np.int64),
        ["A/\udcff.png"],
        ["A\udcfe"],
        source="x\udcff",
        skipped=[Skipped("\udcff", "hidden")],
    )
    save_dataset(odd, tmp_path / "a")
    opened = open_dataset(tmp_path / "a")
    assert (opened.ids[0], opened.classes[0]) == ("A/\udcff.png", "A\udcfe")
    assert opened.skipped[0].path == "\udcff"


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


def _lies() -> dict[str, Any]:
    def tensor(name: str, **fields: Any) -> Any:
        return lambda header: header[name].update(fields)

    def metadata(**fields: Any) -> Any:
        return lambda header: header["__metadata__"].update(fields)

    return {
        "offsets beyond the file": tensor("images", data_offsets=[40, 10**15]),
        "offsets that overlap": tensor("images", data_offsets=[0, 24]),
        "offsets backwards": tensor("images", data_offsets=[64, 40]),
        "negative offsets": tensor("labels", data_offsets=[-16, 0]),
        "another dtype": tensor("labels", dtype="F64"),
        "a huge count": tensor("images", shape=[10**18, 3, 4, 1]),
        "a huge count of nothing": tensor("images", shape=[10**18, 0, 4, 1]),
        "true as a number": tensor("images", shape=[True, 24, 1, 1]),
        "three dimensions": tensor("images", shape=[2, 3, 4]),
        "two channels": tensor("images", shape=[2, 3, 2, 2]),
        "another number of labels": tensor("labels", shape=[3]),
        "no shape": tensor("labels", shape=None),
        "no such array": lambda header: header.pop("labels") and None,
        "one array more": lambda header: header.update(more=header["labels"]),
        "an array that is a number": lambda header: header.update(labels=3),
        "no metadata": lambda header: header.pop("__metadata__") and None,
        "metadata of numbers": metadata(classes=3),
        "weights": metadata(format="glyphlab.weights"),
        "classes that are no list": metadata(classes="{}"),
        "classes that are numbers": metadata(classes="[1, 2]"),
        "too few classes": metadata(classes='["A"]'),
        "a class twice": metadata(classes='["A", "A"]'),
        "skipped that is no list": metadata(skipped="[[1]]"),
        "deep nesting": metadata(classes="[" * 200_000),
        "a list as header": lambda header: [header],
    }


@pytest.mark.parametrize("lie", list(_lies()))
def test_a_header_that_lies_is_refused(tmp_path: Path, lie: str) -> None:
    path = tmp_path / "a.safetensors"
    save_dataset(small(), path)
    rewritten(path, _lies()[lie])
    with pytest.raises(InputError, match=r"safetensors|two"):
        open_dataset(path)


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


def test_a_header_of_rubbish_or_boundless_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    for content in (b"", b"1234567", b"\xff" * 100, (90).to_bytes(8, "little") + b"{" * 90):
        path.write_bytes(content)
        with pytest.raises(InputError):
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
