"""Which blocks of a tar are headers of plain files, and what they say."""

import tarfile

import pytest

from glyphlab.data.tar_headers import HeaderIndex, PlainFiles

LARGEST = 5_000


def entry(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, prefix: bytes = b"") -> bytes:
    """A file of a tar, with its content in whole blocks."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    header = changed(info.tobuf(tarfile.USTAR_FORMAT), 345, prefix)
    return header + (b"x" * size).ljust(-(-size // 512) * 512, b"\0")


def changed(header: bytes, place: int, content: bytes) -> bytes:
    """A header with other bytes at a place, and the checksum that belongs to them."""
    blank = header[:place] + content + header[place + len(content) :]
    blank = blank[:148] + b" " * 8 + blank[156:]
    return blank[:148] + b"%06o\0 " % sum(blank[:512]) + blank[156:]


def files(window: bytes, start: int = 0, largest: int = LARGEST) -> PlainFiles:
    return HeaderIndex(window, largest).files(start)


def is_plain(header: bytes) -> bool:
    found = files(header)
    assert found.end == (len(header) if found.names else 0)
    return bool(found.names)


THREE = entry("A/1.png", 512) + entry("A/2.png", 0) + entry("B/" + "n" * 98, 513)


def test_files_next_to_each_other_are_found() -> None:
    names = [b"A/1.png", b"A/2.png", b"B/" + b"n" * 98]
    assert files(THREE) == PlainFiles(names, [512, 1_536, 2_048], [512, 0, 513], 3_072)
    assert files(THREE, 1_024) == PlainFiles(names[1:], [1_536, 2_048], [0, 513], 3_072)


def test_there_is_none_at_the_end_of_the_window() -> None:
    index = HeaderIndex(THREE, LARGEST)
    assert index.files(3_072) == PlainFiles([], [], [], 3_072)
    assert index.cut_off(3_072)
    assert not any(index.cut_off(start) for start in (0, 1_024, 1_536))


@pytest.mark.parametrize("length", [2_048, 2_560, 3_071])
def test_a_file_that_the_window_cuts_off_is_left_for_later(length: int) -> None:
    index = HeaderIndex(THREE[:length], LARGEST)
    found = index.files(0)
    assert (found.names, found.end) == ([b"A/1.png", b"A/2.png"], 1_536)
    assert index.cut_off(1_536)


def test_the_search_ends_at_what_is_no_plain_file() -> None:
    window = entry("A/1.png", 1) + entry("A/link", kind=tarfile.SYMTYPE) + entry("A/2.png")
    index = HeaderIndex(window, LARGEST)
    assert index.files(0) == PlainFiles([b"A/1.png"], [512], [1], 1_024)
    assert not index.cut_off(1_024)
    assert index.files(1_536).names == [b"A/2.png"]


@pytest.mark.parametrize(
    ("size", "plain"), [(0, True), (LARGEST, True), (LARGEST + 1, False), (8**11 - 1, False)]
)
def test_files_that_are_too_large_are_not_plain(size: int, plain: bool) -> None:
    window = changed(entry("A/1.png"), 124, b"%011o\0" % size) + bytes(10 * 512)
    assert bool(files(window).names) is plain


@pytest.mark.parametrize("kind", [b"0", b"\0", b"7"])
@pytest.mark.parametrize("ending", [b" ", b"\0"])
def test_files_of_all_these_forms_are_plain(kind: bytes, ending: bytes) -> None:
    header = changed(changed(entry("A/1.png"), 156, kind), 135, ending)
    assert is_plain(header)
    assert is_plain(header[:154] + ending + header[155:])


@pytest.mark.parametrize("kind", [b"1", b"2", b"5", b"x", b"L", b"6", b"8", b"/"])
def test_what_is_no_file_is_not_plain(kind: bytes) -> None:
    assert not is_plain(changed(entry("A/1.png"), 156, kind))


@pytest.mark.parametrize(
    ("place", "content"),
    [
        (0, b"\0"),
        (0, b"A/1.png/"),
        (0, b"A/\0more"),
        (0, b"n" * 99 + b"/"),
        (124, b"0000000000x"),
        (124, b"8"),
        (134, b"8"),
        (124, b"/"),
        (124, b" "),
        (124, b"\x80"),
        (135, b"0"),
        (345, b"p"),
    ],
)
def test_a_header_that_says_something_else_is_not_plain(place: int, content: bytes) -> None:
    assert not is_plain(changed(entry("A/1.png"), place, content))


def test_a_file_may_be_called_by_one_sign_but_not_by_none() -> None:
    assert files(entry("A")).names == [b"A"]
    assert files(entry("\x01")).names == [b"\x01"]
    assert not is_plain(entry(""))


@pytest.mark.parametrize("place", [0, 99, 100, 147, 156, 344, 346, 511])
def test_every_byte_counts_in_the_checksum(place: int) -> None:
    header = entry("A" * 99 + "B")
    assert is_plain(header)
    assert not is_plain(header[:place] + bytes([header[place] ^ 1]) + header[place + 1 :])


@pytest.mark.parametrize(("place", "content"), [(148, b"x"), (154, b"1"), (153, b" ")])
def test_a_checksum_of_another_form_is_not_plain(place: int, content: bytes) -> None:
    header = entry("A/1.png")
    assert not is_plain(header[:place] + content + header[place + 1 :])


def test_bytes_behind_the_checksum_do_not_count_in_it() -> None:
    header = entry("A/1.png")
    assert is_plain(header[:155] + b"\0" + header[156:])


def test_names_may_have_any_bytes() -> None:
    header = changed(entry("A/1.png"), 0, "Ж/\x01".encode() + b"\xff.png")
    assert files(header).names == ["Ж/\x01".encode() + b"\xff.png"]


def test_a_window_without_a_whole_block_holds_nothing() -> None:
    assert files(b"") == files(bytes(511)) == PlainFiles([], [], [], 0)
    assert HeaderIndex(b"", LARGEST).cut_off(0)
