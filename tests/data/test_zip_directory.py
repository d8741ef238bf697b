"""The directory of a zip is read entry by entry, as Python's own reader reads it whole."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from tests.data.builders import Files, class_files, write_zip

from glyphlab.data.zip_directory import find_directory, read_directory, read_entry

FACTS = (
    "filename",
    "file_size",
    "compress_size",
    "header_offset",
    "flag_bits",
    "compress_type",
    "CRC",
    "external_attr",
)
NAMES: Files = {
    "A/1.png": b"one" * 500,
    "A/": b"",
    "ж/ü é.png": b"",
    "a" * 300: b"x",
    **class_files(),
}


def facts(entry: zipfile.ZipInfo) -> list[object]:
    return [getattr(entry, fact) for fact in FACTS]


def own(path: Path) -> list[list[object]]:
    with path.open("rb") as file:
        return [facts(entry) for _, entry in read_directory(file, find_directory(file))]


def pythons(path: Path) -> list[list[object]]:
    with zipfile.ZipFile(path) as archive:
        return [facts(entry) for entry in archive.infolist()]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_entries_are_those_of_pythons_reader(tmp_path: Path, method: int) -> None:
    path = write_zip(tmp_path / "a.zip", NAMES, method)
    assert own(path) == pythons(path)
    assert len(own(path)) == len(NAMES)


def test_bytes_before_the_zip_and_a_comment_behind_it_change_nothing(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", NAMES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"said " * 1_000
    path.write_bytes(b"#!/bin/sh\n" * 100 + path.read_bytes())
    assert own(path) == pythons(path)


def test_the_longest_comment_is_looked_through(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": bytes(100_000)}, zipfile.ZIP_STORED)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"c" * 65_535
    assert own(path) == pythons(path)


def test_what_looks_like_an_end_inside_of_a_file_is_none(tmp_path: Path) -> None:
    files = {"A/1.png": b"PK\5\6" + bytes(100) + b"PK\6\6" + b"PK\6\7"}
    path = write_zip(tmp_path / "a.zip", files, zipfile.ZIP_STORED)
    assert own(path) == pythons(path)


def test_places_are_where_entries_begin(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", NAMES)
    content = path.read_bytes()
    with path.open("rb") as file:
        directory = find_directory(file)
        places = [place for place, _ in read_directory(file, directory)]
    assert places[0] == directory.start
    assert all(content[place : place + 4] == b"PK\1\2" for place in places)
    assert directory.start + directory.size == content.index(b"PK\5\6")
    assert (directory.entries, directory.shift) == (len(NAMES), 0)


def test_an_empty_zip_has_no_entries(tmp_path: Path) -> None:
    assert own(write_zip(tmp_path / "a.zip", {})) == []


def test_large_zips_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    path = write_zip(tmp_path / "a.zip", NAMES)
    assert b"PK\6\6" in path.read_bytes()
    assert own(path) == pythons(path)


def test_large_numbers_are_found_behind_other_facts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    time = struct.pack("<2HBL", 0x5455, 5, 3, 1_000_000_000)
    entry = zipfile.ZipInfo("A/1.png")
    entry.extra = time
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("A/0.png", bytes(range(200)))
        archive.writestr(entry, bytes(range(200)))
    content = path.read_bytes()
    at = content.rindex(b"A/1.png") + 7
    large = content[at : content.index(time, at)]
    assert large[:2] == b"\1\0"
    assert len(large) == 4 + 3 * 8
    path.write_bytes(content[:at] + time + large + content[at + len(time + large) :])
    assert own(path) == pythons(path)
    assert own(path)[1][1:4] == [200, 200, 200 + 30 + 7 + 20]


def test_large_numbers_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"one"})
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\1\2")
    content[entry + 24 : entry + 28] = b"\xff" * 4
    path.write_bytes(content)
    assert own(path)[0][1] == 0xFFFF_FFFF


def test_a_large_zip_whose_end_is_damaged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    content = write_zip(tmp_path / "a.zip", NAMES).read_bytes()
    wrong = content.replace(b"PK\6\6", b"PK\6\5")
    assert wrong != content
    with pytest.raises(zipfile.BadZipFile, match="no end of the large central directory"):
        find_directory(io.BytesIO(wrong))


def test_an_entry_is_read_again_by_its_place(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", NAMES)
    with path.open("rb") as file:
        directory = find_directory(file)
        for place, entry in list(read_directory(file, directory)):
            again, _ = read_entry(file, place, directory.shift)
            assert facts(again) == facts(entry)


@pytest.mark.parametrize("cut", [1, 10, 21, 30, 100, 400])
def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    whole = write_zip(tmp_path / "a.zip", NAMES).read_bytes()
    with pytest.raises(zipfile.BadZipFile):
        directory = find_directory(io.BytesIO(whole[:-cut]))
        list(read_directory(io.BytesIO(whole[:-cut]), directory))


def test_a_directory_that_lies_about_itself_is_refused(tmp_path: Path) -> None:
    whole = bytearray(write_zip(tmp_path / "a.zip", NAMES).read_bytes())
    end = whole.rfind(b"PK\5\6")
    for place, value in ((10, 200), (12, 255), (16, 255)):
        wrong = bytearray(whole)
        wrong[end + place] ^= value
        with pytest.raises(zipfile.BadZipFile):
            list(read_directory(io.BytesIO(wrong), find_directory(io.BytesIO(wrong))))
