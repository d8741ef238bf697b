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


def entry_of(extra: bytes, comment: bytes = b"") -> io.BytesIO:
    """An entry of a directory that knows neither its size nor its place, and nothing behind it."""
    numbers = (20, 20, 0, 8, 0, 0, 7, 50, 0xFFFF_FFFF, 1, len(extra), len(comment), 0, 0, 0)
    head = struct.pack("<4s6H3L5H2L", b"PK\1\2", *numbers, 0xFFFF_FFFF)
    return io.BytesIO(head + b"A" + extra + comment)


TIME = struct.pack("<2HBL", 0x5455, 5, 3, 1_000_000_000)
OTHERS = struct.pack("<2H2Q", 1, 16, 7, 7)


@pytest.mark.parametrize(
    "before", [b"", TIME, TIME * 2, TIME + struct.pack("<2H", 0x7000, 40_000) + OTHERS * 2_000]
)
def test_large_numbers_are_found_behind_whatever_stands_before_them(before: bytes) -> None:
    entry, end = read_entry(entry_of(before + struct.pack("<2H2Q", 1, 16, 200, 300)), 0, 5)
    assert (entry.file_size, entry.compress_size, entry.header_offset) == (200, 50, 305)
    assert end == 46 + 1 + len(before) + 4 + 16


@pytest.mark.parametrize("before", [b"", TIME])
def test_of_more_large_numbers_than_there_is_room_for_those_there_are_count(before: bytes) -> None:
    entry, _ = read_entry(entry_of(before + struct.pack("<2HQ", 1, 24, 200)), 0, 0)
    assert (entry.file_size, entry.header_offset) == (200, 0xFFFF_FFFF)


def test_large_numbers_in_a_comment_are_none_and_the_next_entry_stands_behind_it() -> None:
    comment = struct.pack("<2H2Q", 1, 16, 200, 300)
    entry, end = read_entry(entry_of(b"", comment), 0, 0)
    assert (entry.file_size, entry.header_offset) == (0xFFFF_FFFF, 0xFFFF_FFFF)
    assert end == 46 + 1 + len(comment)


def test_comments_of_entries_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("A/1.png", "A/2.png"):
            entry = zipfile.ZipInfo(name)
            entry.comment = b"said of it"
            archive.writestr(entry, b"x")
    assert own(path) == pythons(path)


def test_names_without_the_mark_of_unicode_are_of_the_old_code_page(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/u.png": b"x"})
    path.write_bytes(path.read_bytes().replace(b"A/u.png", b"A/\x81.png"))
    assert own(path)[0][0] == "A/ü.png"
    assert own(path) == pythons(path)


def test_an_empty_large_zip_has_no_entries() -> None:
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 0, 0, 0, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    unknown = (0xFFFF, 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *unknown, 0)
    assert find_directory(io.BytesIO(large + locator + end)) == (0, 0, 0, 0)


def test_of_a_large_file_only_the_end_is_looked_through(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": bytes(300_000)}, zipfile.ZIP_STORED)
    read: list[int] = []

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            content = super().read(size)
            read.append(len(content))
            return content

    find_directory(Counted(path.read_bytes()))
    assert sum(read) <= 65_535 + 22 + 4


def test_a_large_zip_whose_end_is_damaged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    content = write_zip(tmp_path / "a.zip", NAMES).read_bytes()
    wrong = content.replace(b"PK\6\6", b"PK\6\5")
    assert wrong != content
    with pytest.raises(zipfile.BadZipFile, match=r"^no end of the large central directory$"):
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


@pytest.mark.parametrize("cut", [1, 40, 46, 66])
def test_an_entry_that_is_cut_off_is_damaged(cut: int) -> None:
    whole = entry_of(struct.pack("<2H2Q", 1, 16, 200, 300)).getvalue()
    with pytest.raises(zipfile.BadZipFile, match=r"^a damaged entry$"):
        read_entry(io.BytesIO(whole[:cut]), 0, 0)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (-22, b"PK\5\5", "no end of the central directory"),
        (-12, b"\3", "the central directory lies outside the file"),  # 3 entries of 46 bytes
        (-10, b"\xff\xff", "the central directory lies outside the file"),
        (-6, b"\xff\xff", "the central directory lies outside the file"),
        (-12, b"\1", "another number of entries than promised"),
        (-116, b"PK\1\3", "a damaged entry"),
        (-37, b"\3", "an entry ends beyond the central directory"),
    ],
)
def test_it_is_said_what_is_wrong_with_a_directory(
    tmp_path: Path, place: int, value: bytes, reason: str
) -> None:
    content = bytearray(write_zip(tmp_path / "a.zip", {"A": b"x", "B": b"y"}).read_bytes())
    assert content[-116:-112] == b"PK\1\2"
    content[len(content) + place : len(content) + place + len(value)] = value
    file = io.BytesIO(content)
    with pytest.raises(zipfile.BadZipFile, match=f"^{reason}$"):
        list(read_directory(file, find_directory(file)))


def test_a_directory_that_lies_about_itself_is_refused(tmp_path: Path) -> None:
    whole = bytearray(write_zip(tmp_path / "a.zip", NAMES).read_bytes())
    end = whole.rfind(b"PK\5\6")
    for place, value in ((10, 200), (12, 255), (16, 255)):
        wrong = bytearray(whole)
        wrong[end + place] ^= value
        with pytest.raises(zipfile.BadZipFile):
            list(read_directory(io.BytesIO(wrong), find_directory(io.BytesIO(wrong))))
