"""Processes that decode beside this one."""

import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.data.builders import class_files, encoded, pixels, write_tar

from glyphlab.data import collect
from glyphlab.data.dataset import Dataset
from glyphlab.data.helpers import Helper
from glyphlab.data.ingest import load
from glyphlab.data.serve import serve

CONTENTS = [encoded(pixels(0)), b"", encoded(pixels(1), "BMP")]


@pytest.fixture
def helper() -> Iterator[Helper]:
    helper = Helper()
    yield helper
    helper.close()


def started(helper: Helper) -> Helper:
    helper.start()
    assert helper.wait()
    return helper


def decoded(helper: Helper) -> tuple[np.ndarray, dict[int, str]]:
    result = np.zeros((3, 28, 28, 1), np.uint8)
    problems = helper.decode(CONTENTS, result)
    return result[[0, 2], :, :, 0], problems


def test_a_task_is_answered_with_reasons_and_pixels() -> None:
    lengths = np.array([len(content) for content in CONTENTS], np.uint64)
    task = struct.pack("<QQQ", 3, 28, 1) + lengths.tobytes() + b"".join(CONTENTS)
    results = io.BytesIO()
    with pytest.raises(EOFError):
        serve(io.BytesIO(task * 2), results)
    reasons = json.dumps({"1": "empty (0 bytes)"}).encode()
    images = pixels(0).tobytes() + bytes(28 * 28) + pixels(1).tobytes()
    answer = struct.pack("<Q", len(reasons)) + reasons + images
    assert results.getvalue() == b"\x06" + answer * 2


@pytest.mark.parametrize("where", ["before the start", "in the process", "after its death"])
def test_the_result_is_the_same_wherever_it_is_made(helper: Helper, where: str) -> None:
    if where != "before the start":
        started(helper)
    if where == "after its death":
        helper.kill()
    images, problems = decoded(helper)
    assert np.array_equal(images, [pixels(0), pixels(1)])
    assert problems == {1: "empty (0 bytes)"}


def test_where_no_process_can_be_started_this_one_decodes(
    helper: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    helper.start()
    assert not helper.wait()
    assert decoded(helper)[1] == {1: "empty (0 bytes)"}


def test_a_dataset_is_the_same_with_helpers_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = class_files(each=150) | {"A/x.png": b"", "B/y.png": encoded(pixels(5))[:-20]}
    path = write_tar(tmp_path / "a.tgz", files)
    monkeypatch.setattr(collect, "_CHUNK_IMAGES", 7)
    datasets = []
    for cores, waiting in ((1, 10**6), (3, 0), (2, 5)):
        monkeypatch.setattr(collect, "cores", lambda cores=cores: cores)
        monkeypatch.setattr(collect, "_CHUNKS_BEFORE_HELP", waiting)
        datasets.append(load(path))
    first = datasets[0]
    assert isinstance(first, Dataset)
    assert len(first) == 300
    assert [entry.path for entry in first.skipped] == ["A/x.png", "B/y.png"]
    for other in datasets[1:]:
        assert isinstance(other, Dataset)
        assert other.fingerprint == first.fingerprint
        assert list(other.ids) == list(first.ids)
        assert other.skipped == first.skipped
