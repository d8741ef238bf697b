"""Bytes of files that hold the same."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import numpy as of_numpy
from safetensors import safe_open
from safetensors import torch as of_torch

from glyphlab import files
from glyphlab.tensor_files import with_sorted_metadata, write_tensors

ARRAYS = {"b": np.arange(6, dtype=np.int64), "a": np.ones((2, 3), np.float32)}
TENSORS = {"w": torch.arange(4.0), "half": torch.ones(3, dtype=torch.bfloat16)}
METADATA = {name: name.upper() for name in "hgfedcba"}

texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(("save", "tensors"), [(of_numpy.save, ARRAYS), (of_torch.save, TENSORS)])
def test_equal_content_is_equal_bytes(save: Any, tensors: Any, tmp_path: Path) -> None:
    whole = set()
    for number in range(20):
        path = tmp_path / str(number)
        write_tensors(save(tensors, METADATA), path)
        whole.add(path.read_bytes())
    assert len(whole) == 1


def test_metadata_stand_in_the_order_of_their_names_and_tensors_where_they_were() -> None:
    content = of_numpy.save(ARRAYS, METADATA)
    ordered = with_sorted_metadata(content)
    length = int.from_bytes(ordered[:8], "little")
    header = json.loads(ordered[8 : 8 + length])
    assert list(header["__metadata__"].items()) == [(n, n.upper()) for n in "abcdefgh"]
    assert ordered[8 + length :] == content[8 + length :]
    assert {n: h for n, h in header.items() if n in ARRAYS} == {
        "b": {"dtype": "I64", "shape": [6], "data_offsets": [0, 48]},
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [48, 72]},
    }


@given(st.dictionaries(texts, texts, min_size=2))
def test_any_text_is_read_back_and_in_order(metadata: dict[str, str]) -> None:
    content = of_numpy.save(ARRAYS, metadata)
    ordered = with_sorted_metadata(content)
    assert len(ordered) == len(content)
    length = int.from_bytes(ordered[:8], "little")
    found = json.loads(ordered[8 : 8 + length])["__metadata__"]
    assert list(found.items()) == sorted(metadata.items())
    read = of_numpy.load(ordered)
    assert all(np.array_equal(read[name], array) for name, array in ARRAYS.items())


def test_a_file_is_read_as_before(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_tensors(of_torch.save(TENSORS, METADATA | {"Ж": 'a"\\\n\x01\x7f\u2028'}), path)
    with safe_open(path, framework="pt") as file:
        assert file.metadata() == METADATA | {"Ж": 'a"\\\n\x01\x7f\u2028'}
        assert all(torch.equal(file.get_tensor(name), TENSORS[name]) for name in TENSORS)


def test_all_that_a_kill_can_leave_is_the_part_that_the_next_process_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    monkeypatch.setattr(files, "bring_to_disk", lambda path: seen.extend(tmp_path.iterdir()))
    write_tensors(of_torch.save(TENSORS, METADATA), tmp_path / "a.safetensors")
    assert seen == [files.part_beside(tmp_path / "a.safetensors")]
