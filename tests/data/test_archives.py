"""Members of folders, tars and zips."""

import contextlib
import gzip
import io
import os
import struct
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.data.builders import Files, write_folder, write_tar, write_zip

from glyphlab.data.archives import Bounds, Member, inner_path, inner_paths
from glyphlab.data.folders import folder_files, folder_members, listed_members, read_files
from glyphlab.data.members import is_archive, is_zip, open_members
from glyphlab.data.tar import looks_like_tar, tar_members, unpacked
from glyphlab.data.zips import check_zip_entry, zip_content, zip_entries, zip_members
from glyphlab.errors import InputError

IN_TMP_PATH = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = {
    "A/1.png": b"one",
    "A/empty.png": b"",
    "B/" + "long" * 60 + ".png": b"x" * 512,
    "B/Ж.png": b"y" * 513,
}


def read_tar(path: Path, bounds: Bounds | None = None) -> Files:
    return _content(list(tar_members(path, bounds or Bounds())))


def read_zip(path: Path, bounds: Bounds | None = None) -> Files:
    return _content(list(zip_members(path, zip_entries(path, bounds or Bounds()))))


def read_folder(path: Path) -> list[Member]:
    return list(folder_members(path, folder_files(path), Bounds()))


def _content(members: list[Member]) -> Files:
    return {member.path: member.content for member in members if member.content is not None}


def tar_of(path: Path, *entries: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as archive:
        for entry in entries:
            archive.addfile(entry, io.BytesIO(bytes(entry.size)))
    return path


def entry_of(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.size, entry.linkname = kind, size, "A/1.png"
    return entry


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tars_of_every_kind_are_read(tmp_path: Path, form: int, mode: str) -> None:
    names = dict(NAMES)
    if form == tarfile.USTAR_FORMAT:
        names = {
            ("d" * 90 + "/") + name[-60:].lstrip("/"): content for name, content in NAMES.items()
        }
    assert read_tar(write_tar(tmp_path / "a", names, mode, form)) == names


def test_pax_headers_with_times_and_sizes_are_understood(tmp_path: Path) -> None:
    entry = entry_of("A/1.png", size=5)
    entry.mtime = 1.5
    entry.pax_headers = {"size": "5", "comment": "a=b\nc"}
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry, io.BytesIO(b"hello"))
    assert read_tar(tmp_path / "a.tar") == {"A/1.png": b"hello"}


@IN_TMP_PATH
@given(
    files=st.dictionaries(
        st.text(
            st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1
        ).filter(lambda name: name not in (".", "..")),
        st.binary(max_size=1_500),
        max_size=5,
    ),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_any_tar_is_read_as_pythons_own_reader_does(
    tmp_path: Path, files: Files, form: int
) -> None:
    files = {f"d/{name}": content for name, content in files.items()}
    assert read_tar(write_tar(tmp_path / "a.tgz", files, form=form)) == files


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_many_files_with_large_and_odd_ones_between_are_all_read(tmp_path: Path, form: int) -> None:
    random = np.random.default_rng(0)
    sizes = random.integers(0, 2_000, 3_000)
    sizes[[700, 1_500]] = 3_000_000, 1_500_000
    files = {
        f"{'d' * (90 if i % 500 == 0 else 1)}/A/{i}{'-' * (i % 90)}.png": random.bytes(size)
        for i, size in enumerate(sizes)
    }
    assert read_tar(write_tar(tmp_path / "a.tgz", files, form=form)) == files


def test_a_name_is_what_stands_before_its_first_nul(tmp_path: Path) -> None:
    header = bytearray(entry_of("A/1.png", size=5).tobuf(tarfile.GNU_FORMAT))
    header[10:13] = b"x/y"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a.tar").write_bytes(bytes(header) + b"hello".ljust(512, b"\0") + bytes(1_024))
    assert read_tar(tmp_path / "a.tar") == {"A/1.png": b"hello"}


def test_damage_in_a_gzip_is_noticed(tmp_path: Path) -> None:
    content = bytearray(write_tar(tmp_path / "a.tgz", NAMES).read_bytes())
    for position in (20, -8):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        (tmp_path / "b.tgz").write_bytes(damaged)
        with pytest.raises(InputError, match="is damaged"):
            read_tar(tmp_path / "b.tgz")


def test_folders_are_told_from_files_and_dots_are_left_out(tmp_path: Path) -> None:
    path = tar_of(
        tmp_path / "a.tar",
        entry_of("./", tarfile.DIRTYPE),
        entry_of("./A/", tarfile.DIRTYPE),
        entry_of("./A/1.png", size=3),
    )
    members = list(tar_members(path, Bounds()))
    assert [member.path for member in members] == ["/", "A/", "A/1.png"]
    assert [member.content for member in members] == [None, None, bytes(3)]


def test_gzip_files_put_end_to_end_are_one(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", NAMES, "w")
    content = (tmp_path / "a.tar").read_bytes()
    packed = gzip.compress(content[:700]) + gzip.compress(content[700:]) + bytes(100)
    (tmp_path / "b").write_bytes(packed)
    assert read_tar(tmp_path / "b") == NAMES


@pytest.mark.parametrize("name", ["../1.png", "A/../../1.png", "/etc/1.png", "A/..", "c:/1.png"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_paths_that_leave_the_archive_are_refused(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / "a"
    with pytest.raises(InputError, match=r"absolute path|outside the archive") as refusal:
        if kind == "tar":
            read_tar(tar_of(path, entry_of(name)))
        else:
            read_zip(write_zip(path, {name: b""}))
    assert name in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}: its member ")


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "is a link"),
        (tarfile.LNKTYPE, "is a link"),
        (tarfile.CHRTYPE, "is a device"),
        (tarfile.BLKTYPE, "is a device"),
        (tarfile.FIFOTYPE, "is neither a file nor a folder"),
        (b"S", "is neither a file nor a folder"),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes, what: str) -> None:
    with pytest.raises(InputError, match=f"'A/2.png' {what}"):
        read_tar(tar_of(tmp_path / "a.tar", entry_of("A/2.png", kind)))


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("A/2.png")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="is a link or a device"):
        read_zip(tmp_path / "a.zip")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(write_zip(tmp_path / "a.zip", {"A/1.png": b"x"}).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(InputError, match="is encrypted"):
        read_zip(tmp_path / "a.zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zips_are_read(tmp_path: Path, method: int) -> None:
    assert read_zip(write_zip(tmp_path / "a.zip", NAMES, method)) == NAMES


def test_a_zip_with_backslashes_or_something_before_it_is_read(tmp_path: Path) -> None:
    content = write_zip(tmp_path / "a.zip", {"A\\1.png": b"x"}).read_bytes()
    (tmp_path / "b.zip").write_bytes(b"#!/bin/sh\n" + content)
    assert read_zip(tmp_path / "b.zip") == {"A/1.png": b"x"}


def test_other_methods_of_compression_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", NAMES, zipfile.ZIP_BZIP2)
    problem = "is compressed by another method than deflate, so the archive is not read"
    with pytest.raises(InputError, match=f"^{path}: its member 'A/1.png' {problem}"):
        read_zip(path)


@pytest.mark.parametrize("reader", [read_tar, read_zip])
def test_archives_over_the_bounds_are_refused(tmp_path: Path, reader: object) -> None:
    files = {f"A/{i}.png": bytes(1_000) for i in range(20)}
    read = read_tar if reader is read_tar else read_zip
    path = (write_tar if reader is read_tar else write_zip)(tmp_path / "a", files)
    assert len(read(path, Bounds(entries=20, total_bytes=60_000, file_bytes=1_000))) == 20
    for bounds, problem in (
        (Bounds(entries=19), "more than 19 entries"),
        (Bounds(total_bytes=19_999), "more than 19,999 bytes"),
        (Bounds(file_bytes=999), "of 1,000 bytes"),
        (Bounds(ratio=5, ratio_floor=10_000), "over 5 times its size"),
    ):
        with pytest.raises(InputError, match=f"^{path} .*{problem}"):
            read(path, bounds)


def test_a_gzip_bomb_is_refused_at_the_default_bounds(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.tgz", "wb", compresslevel=1) as file:
        file.write(entry_of("README", size=60 << 20).tobuf(tarfile.GNU_FORMAT))
        for _ in range(60):
            file.write(bytes(1 << 20))
        file.write(entry_of("README2", size=60 << 20).tobuf(tarfile.GNU_FORMAT))
        for _ in range(60):
            file.write(bytes(1 << 20))
    with pytest.raises(InputError, match="as bombs do"):
        list(tar_members(tmp_path / "a.tgz", Bounds()))


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_cut_anywhere_is_refused(tmp_path: Path, mode: str) -> None:
    content = write_tar(tmp_path / "a", NAMES, mode).read_bytes()
    end = len(content) if mode == "w:gz" else content.rindex(b"y" * 513) + 1_024
    for length in range(2, end, max(1, end // 150)):
        (tmp_path / "b").write_bytes(content[:length])
        with pytest.raises(InputError, match="cut off"):
            read_tar(tmp_path / "b")


def test_a_zip_cut_anywhere_is_refused(tmp_path: Path) -> None:
    content = write_zip(tmp_path / "a.zip", NAMES).read_bytes()
    for length in range(0, len(content), 7):
        (tmp_path / "b").write_bytes(content[:length])
        with pytest.raises(InputError):
            read_zip(tmp_path / "b")


def test_damage_in_a_zip_is_noticed_by_its_checksum(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"hello"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"hello", b"jello"))
    with pytest.raises(InputError, match=f"^{path}: its member 'A/1.png' is damaged"):
        read_zip(path)


def test_folders_of_a_zip_have_no_content(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/": b"", "A/1.png": b"x", "B\\": b""})
    members = list(zip_members(path, zip_entries(path, Bounds())))
    assert members == [Member("A/", None), Member("A/1.png", b"x"), Member("B/", None)]


def test_content_that_nothing_unpacks_is_damage(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"hello" * 9})
    content = bytearray(path.read_bytes())
    content[37] = 7  # a block of a kind that there is not
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}: its member 'A/1.png' is damaged, so"):
        read_zip(path)


def test_a_damaged_tar_header_is_noticed_by_its_checksum(tmp_path: Path) -> None:
    content = bytearray(write_tar(tmp_path / "a", NAMES, "w").read_bytes())
    content[0] ^= 1
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        read_tar(tmp_path / "a")


@IN_TMP_PATH
@given(
    kind=st.sampled_from(["w", "w:gz", "zip"]),
    changes=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=4),
    rubbish=st.none() | st.binary(max_size=1_600),
)
def test_damaged_archives_and_rubbish_never_end_in_another_error(
    tmp_path: Path, kind: str, changes: list[tuple[int, int]], rubbish: bytes | None
) -> None:
    path = tmp_path / "a"
    content = bytearray(
        (write_zip(path, NAMES) if kind == "zip" else write_tar(path, NAMES, kind)).read_bytes()
    )
    for position, value in changes:
        content[position % len(content)] = value
    path.write_bytes(content if rubbish is None else rubbish)
    with contextlib.suppress(InputError):
        read_zip(path) if kind == "zip" else read_tar(path)


def test_a_folder_lists_files_empty_folders_and_what_cannot_be_read(tmp_path: Path) -> None:
    write_folder(tmp_path, {"A/1.png": b"x", "A/notes.txt": b"t" * 99, ".git/config": b"y"})
    (tmp_path / "B").mkdir()
    (tmp_path / "A" / "linked").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "A" / "pipe.png")
    members = {member.path: member for member in read_folder(tmp_path)}
    assert set(members) == {"A/1.png", "A/notes.txt", "A/linked", "A/pipe.png", "B/", ".git"}
    assert members["A/1.png"].content == b"x"
    assert members["A/notes.txt"].content == b"t" * 32
    assert members["A/linked"].problem == "a linked folder"
    assert members["A/pipe.png"].problem == "no regular file"
    assert members["B/"].content is None


@pytest.mark.parametrize(
    ("field", "value"), [(0, 1 << 40), (0, 1 << 63), (1, 1 << 40), (1, 1 << 63)]
)
def test_a_zip_whose_entry_lies_outside_is_refused(tmp_path: Path, field: int, value: int) -> None:
    content = write_zip(tmp_path / "a.zip", {"A/1.png": b"x"}).read_bytes()
    entry = content.index(b"PK\1\2")
    numbers = [int.from_bytes(content[entry + at :][:4], "little") for at in (20, 42)]
    numbers[field] = value
    extra = struct.pack("<2H2Q", 1, 16, *numbers)
    head = bytearray(content[entry : entry + 46])
    head[20:24] = head[42:46] = b"\xff" * 4
    head[30:32] = len(extra).to_bytes(2, "little")
    end = bytearray(content[content.index(b"PK\5\6") :])
    end[12:16] = (46 + 7 + len(extra)).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(content[:entry] + head + b"A/1.png" + extra + end)
    with pytest.raises(InputError, match=r"'A/1\.png' lies outside the archive"):
        read_zip(tmp_path / "a.zip")


@pytest.mark.parametrize("key", ["size", "path"])
def test_a_pax_header_of_thousands_of_digits_is_damaged(tmp_path: Path, key: str) -> None:
    entry = entry_of("A/1.png", size=5)
    entry.pax_headers = {key: "9" * 5_000}
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry, io.BytesIO(b"hello"))
    content = (tmp_path / "a.tar").read_bytes()
    if key == "path":  # The length before the record has so many digits instead.
        content = content.replace(b" path=" + b"9" * 4_900, b"9" * 4_906)
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        read_tar(tmp_path / "a.tar")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("A/1.png", "A/1.png"),
        ("./A/1.png", "A/1.png"),
        ("A//1.png", "A/1.png"),
        ("A/./1.png", "A/1.png"),
        ("./", ""),
        ("A/", "A/"),
        ("./A/", "A/"),
        ("", ""),
        (".", ""),
        (".hidden/..x", ".hidden/..x"),
        ("A/1:2.png", "A/1:2.png"),
        ("Ac:/1.png", "Ac:/1.png"),
        ("A/...png", "A/...png"),
        ("A/x..", "A/x.."),
        ("A..//./B:1", "A../B:1"),
    ],
)
def test_paths_are_brought_to_their_plain_form(name: str, plain: str) -> None:
    assert inner_path(name, Path("a.zip")) == plain
    assert inner_paths(["B/2.png", name, "C"], Path("a.zip")) == ["B/2.png", plain, "C"]


@pytest.mark.parametrize("name", ["/", "/A", "c:/A", "Z:\\A", "../A", "A/..", "A/../B", ".."])
def test_paths_out_of_the_archive_are_refused_alone_and_among_others(name: str) -> None:
    for ask in (inner_path, lambda name, archive: inner_paths(["B/2.png", name], archive)):
        problem = "(has an absolute path|points outside the archive), so the archive is not read"
        with pytest.raises(InputError, match=rf"^a\.zip: its member '.*' {problem}"):
            ask(name, Path("a.zip"))


def test_many_paths_at_once_are_none_more_than_there_are() -> None:
    assert inner_paths([], Path("a.zip")) == []
    assert inner_paths(["A", "A/1"], Path("a.zip")) == ["A", "A/1"]


def test_bounds_are_reached_but_not_passed() -> None:
    bounds = Bounds(entries=3, total_bytes=1_000, file_bytes=100, ratio=5, ratio_floor=200)
    path = Path("a.zip")
    bounds.check_entries(3, path)
    bounds.check_file(100, "x", path)
    bounds.check_total(1_000, 200, path)  # five times its size
    bounds.check_total(200, 1, path)  # more than that, but not above the floor
    for passed, problem in (
        (lambda: bounds.check_entries(4, path), "holds more than 3 entries"),
        (lambda: bounds.check_file(101, "x", path), "holds 'x' of 101 bytes"),
        (lambda: bounds.check_total(1_001, 1_001, path), "unpacks to more than 1,000 bytes"),
        (lambda: bounds.check_total(201, 40, path), "unpacks to over 5 times its size"),
    ):
        with pytest.raises(InputError, match=f"^a.zip {problem}"):
            passed()


def test_the_usual_bounds_are_those_that_are_documented() -> None:
    usual = Bounds()
    assert (usual.entries, usual.total_bytes, usual.file_bytes) == (5_000_000, 2**36, 2**26)
    assert (usual.ratio, usual.ratio_floor) == (200, 2**26)


@pytest.mark.parametrize("kind", ["folder", "tar", "tar.gz", "zip"])
def test_members_of_any_kind_of_source_are_opened(tmp_path: Path, kind: str) -> None:
    path, files = tmp_path / "source", {"B/1.png": b"one", "A/2.png": b"two", "C.png": b"three"}
    if kind == "folder":
        write_folder(path, files)
    elif kind == "zip":
        write_zip(path, files)
    else:
        write_tar(path, files, "w:gz" if kind == "tar.gz" else "w")
    members, count = open_members(path, Bounds())
    assert _content(list(members)) == files
    assert count == (None if "tar" in kind else 3)
    assert path.is_dir() or is_archive(path)
    assert path.is_dir() or is_zip(path) is (kind == "zip")


def test_files_of_a_folder_come_as_the_system_lists_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, dict.fromkeys(("1.png", "2.png", "3.png"), b"x"))
    listed = sorted(folder_files(tmp_path), key=os.fspath, reverse=True)
    monkeypatch.setattr("glyphlab.data.members.folder_files", lambda _: list(listed))
    members, _ = open_members(tmp_path, Bounds())
    assert [member.path for member in members] == ["3.png", "2.png", "1.png"]
    members, _ = open_members(tmp_path, Bounds(), by_name=True)
    assert [member.path for member in members] == ["1.png", "2.png", "3.png"]


def test_files_of_a_folder_come_in_the_order_of_their_paths_if_asked(tmp_path: Path) -> None:
    names = [f"{letter}/{i}.png" for letter in "BCA" for i in (2, 0, 1)]
    write_folder(tmp_path, dict.fromkeys(names, b"x"))
    members, _ = open_members(tmp_path, Bounds(), by_name=True)
    assert [member.path for member in members] == sorted(names)


@pytest.mark.parametrize("content", [b"", b"P", b"KP", b"hello" * 200, bytes(512)])
def test_what_is_no_archive_is_told_from_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert not is_archive(tmp_path / "a")
    assert not is_zip(tmp_path / "a")


def test_a_packed_file_that_is_cut_off_at_its_start_is_named(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar.gz", NAMES)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match=f"^{path} is cut off in the middle"):
        is_archive(path)


def test_what_is_opened_is_bounded(tmp_path: Path) -> None:
    files = {"A/1.png": bytes(100)}
    for path in (
        write_folder(tmp_path / "folder", files),
        write_tar(tmp_path / "a.tar", files, "w"),
        write_zip(tmp_path / "a.zip", files),
    ):
        try:
            members, _ = open_members(path, Bounds(file_bytes=99))
            assert [member.problem for member in members] == ["larger than 99 bytes"]
        except InputError as error:
            assert "of 100 bytes" in str(error)


def header_of(
    name: str, size: bytes = b"00000000005\0", kind: bytes = b"0", magic: bytes = b"ustar\x0000"
) -> bytes:
    """One header, field by field."""
    header = bytearray(512)
    header[: len(name)] = name.encode()
    header[124 : 124 + len(size)], header[156:157] = size, kind
    header[257 : 257 + len(magic)] = magic
    return summed(header)


def summed(header: bytes) -> bytes:
    """The header with a right checksum."""
    blank = header[:148] + b" " * 8 + header[156:]
    return blank[:148] + b"%06o\0 " % sum(blank) + blank[156:]


def block(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def pax(*records: tuple[bytes, bytes], kind: bytes = b"x") -> bytes:
    """A header with what it says of the next member."""
    lines = b""
    for key, value in records:
        rest = b" " + key + b"=" + value + b"\n"
        length = next(n for n in range(1, 99) if len(str(n)) + len(rest) == n)
        lines += str(length).encode() + rest
    return header_of("pax", b"%011o\0" % len(lines), kind) + block(lines)


END = bytes(1_024)
HELLO = header_of("A/1.png") + block(b"hello")


def written(path: Path, *pieces: bytes) -> Path:
    path.write_bytes(b"".join(pieces))
    return path


def test_gzip_files_far_apart_with_zeros_between_them_are_one(tmp_path: Path) -> None:
    content = write_tar(tmp_path / "a.tar", NAMES, "w").read_bytes()
    packed = gzip.compress(content[:700]) + bytes(600_000) + gzip.compress(content[700:])
    assert read_tar(written(tmp_path / "b", packed, bytes(600_000))) == NAMES
    with pytest.raises(InputError, match="is damaged"):
        read_tar(written(tmp_path / "b", packed, bytes(600_000), b"x" * 99))


@pytest.mark.parametrize("level", [0, 1, 9])
def test_a_gzip_is_unpacked_piece_by_piece_up_to_its_bound_and_no_byte_more(level: int) -> None:
    content = bytes(1_500_000) + np.random.default_rng(0).bytes(700_000) + bytes(2_500_000)
    packed, path = gzip.compress(content, level), Path("a.gz")
    bounds = Bounds(total_bytes=len(content))
    assert unpacked(io.BytesIO(packed), path, bounds).read() == content
    with pytest.raises(InputError, match=r"^a\.gz unpacks to more than 4,699,999 bytes"):
        unpacked(io.BytesIO(packed), path, Bounds(total_bytes=len(content) - 1)).read()
    assert unpacked(io.BytesIO(content), path, Bounds(total_bytes=1)).read() == content


def test_a_gzip_may_begin_with_a_long_name() -> None:
    name = b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 600_000 + b"\0"
    packed = name + gzip.compress(b"hello")[10:]
    assert unpacked(io.BytesIO(packed), Path("a.gz"), Bounds()).read() == b"hello"
    with pytest.raises(InputError, match=r"^a\.gz is cut off in the middle"):
        unpacked(io.BytesIO(name), Path("a.gz"), Bounds()).read()


@pytest.mark.parametrize("cut", [10, 511, 512, 700, 1_023, 1_024, 1_300])
@pytest.mark.parametrize("packed", [False, True])
def test_a_tar_without_its_end_is_cut_off(tmp_path: Path, cut: int, packed: bool) -> None:
    content = (HELLO + header_of("A/2.png") + block(b"hello"))[:cut]
    path = written(tmp_path / "a.tar", gzip.compress(content) if packed else content)
    with pytest.raises(InputError, match=f"^{path} is cut off in the middle"):
        read_tar(path)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_member_lies_where_it_says(tmp_path: Path, form: int) -> None:
    names = [f"{'d' * (90 if i % 3 == 0 else 1)}/{i}{'-' * (i % 70)}.png" for i in range(9)]
    sizes = [3, 700_000, 0, 512, 1_500_000, 1, 2_200_000, 600_000, 5]
    random = np.random.default_rng(0)
    files = {name: random.bytes(size) for name, size in zip(names, sizes, strict=True)}
    path = write_tar(tmp_path / "a.tar", files, "w", form)
    content = path.read_bytes()
    members = list(tar_members(path, Bounds()))
    assert [member.path for member in members] == names
    for member in members:
        assert member.content == files[member.path]
        assert content[member.place : member.place + len(files[member.path])] == member.content


def test_files_and_folders_of_old_tars_are_told_apart_by_the_slash(tmp_path: Path) -> None:
    folder = header_of("A/", b"00000000000\0", b"\0", b"")
    named = header_of("B", b"00000000000\0", b"5")
    file = header_of("A/1.png", kind=b"\0", magic=b"") + block(b"hello")
    members = list(tar_members(written(tmp_path / "a.tar", folder, named, file, END), Bounds()))
    assert [(m.path, m.content) for m in members] == [
        ("A/", None),
        ("B/", None),
        ("A/1.png", b"hello"),
    ]


def test_sizes_may_be_binary_numbers(tmp_path: Path) -> None:
    header = header_of("A/1.png", b"\x80" + (600).to_bytes(11, "big"))
    path = written(tmp_path / "a.tar", header, block(b"h" * 600), HELLO, END)
    assert [m.content for m in tar_members(path, Bounds())] == [b"h" * 600, b"hello"]


@pytest.mark.parametrize(
    "size", [b"-0000000001\0", b"0000000000x\0", b"00000000008\0", b"\xff" * 12]
)
def test_sizes_that_are_none_are_damage(tmp_path: Path, size: bytes) -> None:
    path = written(tmp_path / "a.tar", header_of("A/1.png", size), block(b"hello"), END)
    with pytest.raises(InputError, match=f"^{path} is damaged; download it again, or make it anew"):
        read_tar(path)


def test_a_header_may_give_the_next_member_another_name_and_size(tmp_path: Path) -> None:
    empty = header_of("x", b"00000000000\0")
    facts = pax((b"path", b"B/\xd0\x96=1.png"), (b"size", b"5"))
    path = written(tmp_path / "a.tar", facts, empty, block(b"hello"), HELLO, END)
    assert read_tar(path) == {"B/Ж=1.png": b"hello", "A/1.png": b"hello"}
    path = written(tmp_path / "a.tar", pax((b"size", b"5")), empty, block(b"hello"), HELLO, END)
    assert read_tar(path) == {"x": b"hello", "A/1.png": b"hello"}
    long_name = header_of("L", b"00000000013\0", b"L") + block(b"C/long.png\0")
    path = written(tmp_path / "a.tar", long_name, HELLO, HELLO, END)
    assert read_tar(path) == {"C/long.png": b"hello", "A/1.png": b"hello"}


def test_headers_for_all_members_and_for_links_say_nothing_of_the_next(tmp_path: Path) -> None:
    everywhere = pax((b"path", b"B/all.png"), kind=b"g")
    link = header_of("K", b"00000000013\0", b"K") + block(b"C/long.png\0")
    path = written(tmp_path / "a.tar", everywhere, link, HELLO, END)
    assert read_tar(path) == {"A/1.png": b"hello"}


def test_sparse_files_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tar", pax((b"GNU.sparse.major", b"1")), HELLO, END)
    with pytest.raises(InputError, match=f"^{path} holds sparse files; download it again"):
        read_tar(path)


@pytest.mark.parametrize(
    "lines",
    [
        b"12 path=B.png",
        b"13 path=B.png",
        b"13 path:B.png\n",
        b"x path=B.png\n",
        b"99 path=B.png\n\n",
        b"0 path=B.png\n",
        b"-1 path=B.png\n",
        b"13 path=B.png\n7 size=5\n",
    ],
)
def test_facts_of_the_next_member_that_are_no_lines_are_damage(
    tmp_path: Path, lines: bytes
) -> None:
    facts = header_of("pax", b"%011o\0" % len(lines), b"x") + block(lines)
    path = written(tmp_path / "a.tar", facts, HELLO, END)
    with pytest.raises(InputError, match=f"^{path} is damaged"):
        read_tar(path)


@pytest.mark.parametrize("size", [b"-5", b"5x", b"", b"9" * 21])
def test_a_size_of_the_next_member_that_is_none_is_damage(tmp_path: Path, size: bytes) -> None:
    path = written(tmp_path / "a.tar", pax((b"size", size)), HELLO, END)
    with pytest.raises(InputError, match=f"^{path} is damaged"):
        read_tar(path)


def test_a_size_of_20_digits_is_a_number_and_too_large(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tar", pax((b"size", b"9" * 20)), HELLO, END)
    with pytest.raises(InputError, match=r"'A/1.png' of 99,999,999,999,999,999,999 bytes"):
        read_tar(path)


def test_headers_of_more_than_a_megabyte_are_damage_and_larger_than_a_file_too_large(
    tmp_path: Path,
) -> None:
    for size, bounds, problem in (
        (1 << 20, Bounds(), None),
        ((1 << 20) + 1, Bounds(), "is damaged"),
        ((1 << 20) + 1, Bounds(file_bytes=1 << 20), "holds 'a header' of 1,048,577 bytes"),
    ):
        facts = header_of("L", b"%011o\0" % size, b"L") + block(b"B.png".ljust(size, b"\0"))
        path = written(tmp_path / "a.tar", facts, HELLO, END)
        if problem is None:
            assert read_tar(path, bounds) == {"B.png": b"hello"}
        else:
            with pytest.raises(InputError, match=f"^{path} {problem}"):
                read_tar(path, bounds)


def test_headers_count_as_entries_and_their_content_as_bytes(tmp_path: Path) -> None:
    facts = pax((b"path", b"B.png"))
    path = written(tmp_path / "a.tar", facts, HELLO, header_of("x/", b"00000000000\0"), HELLO, END)
    assert len(read_tar(path, Bounds(entries=4, total_bytes=14 + 2 * 5))) == 2
    with pytest.raises(InputError, match="more than 3 entries"):
        read_tar(path, Bounds(entries=3))
    with pytest.raises(InputError, match="more than 23 bytes"):
        read_tar(path, Bounds(total_bytes=23))


def test_only_a_ustar_header_has_the_beginning_of_a_name_at_its_end(tmp_path: Path) -> None:
    found = {}
    for magic in (b"ustar\x0000", b"ustar  \0"):
        header = bytearray(header_of("1.png", magic=magic))
        header[345:350] = b"d/e/f"
        path = written(tmp_path / "a.tar", summed(bytes(header)), block(b"hello"), END)
        found[magic[5:6]] = list(read_tar(path))
    assert found == {b"\0": ["d/e/f/1.png"], b" ": ["1.png"]}


def test_a_name_of_a_hundred_bytes_has_no_end(tmp_path: Path) -> None:
    header = bytearray(header_of("n" * 100))
    header[100:108], header[345:501] = b"0000644\0", b"d" * 155 + b"x"
    path = written(tmp_path / "a.tar", summed(bytes(header)), block(b"hello"), END)
    assert read_tar(path) == {"d" * 155 + "/" + "n" * 100: b"hello"}


def test_names_that_are_no_unicode_are_kept_wherever_they_stand(tmp_path: Path) -> None:
    plain, begun = (bytearray(header_of("A/1.png")) for _ in range(2))
    plain[2] = begun[2] = 0xFF
    begun[345] = ord("d")
    file = block(b"hello")
    path = written(
        tmp_path / "a.tar",
        *(summed(bytes(plain)), file, summed(bytes(begun)), file),
        *(pax((b"path", b"B/\xff")), HELLO),
        *(header_of("L", b"00000000006\0", b"L") + block(b"C/\xffX\0"), HELLO, END),
    )
    assert list(read_tar(path)) == ["A/\udcff.png", "d/A/\udcff.png", "B/\udcff", "C/\udcffX"]


def test_a_refused_member_is_called_by_its_long_name(tmp_path: Path) -> None:
    long_name = header_of("L", b"00000000013\0", b"L") + block(b"C/long.png\0")
    link = header_of("x", b"00000000000\0", b"2")
    path = written(tmp_path / "a.tar", long_name, link, END)
    with pytest.raises(InputError, match=f"^{path}: its member 'C/long.png' is a link"):
        read_tar(path)
    path = written(tmp_path / "a.tar", long_name.replace(b"C/l", b"../"), HELLO, END)
    with pytest.raises(InputError, match=f"^{path}: its member '../ong.png' points outside"):
        read_tar(path)


@pytest.mark.parametrize("content", [bytes(512), HELLO[:511], b"\1" + HELLO[1:], b"x" * 512])
def test_what_begins_with_no_header_is_no_tar(content: bytes) -> None:
    assert looks_like_tar(HELLO[:512])
    assert not looks_like_tar(content)


def test_damage_behind_the_end_of_a_packed_tar_is_noticed(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(HELLO + END + np.random.default_rng(0).bytes(3_000_000), 1))
    content[2_000_000] ^= 1
    with pytest.raises(InputError, match="is damaged"):
        read_tar(written(tmp_path / "a.tgz", bytes(content)))


# Zips


def entry_in(path: Path, number: int = 0) -> zipfile.ZipInfo:
    with zipfile.ZipFile(path) as archive:
        return archive.infolist()[number]


@pytest.mark.parametrize("mode", [0, 0o100644, 0o100755, 0o40755])
def test_files_and_folders_of_a_zip_are_read(tmp_path: Path, mode: int) -> None:
    entry = zipfile.ZipInfo("A/1.png")
    entry.create_system, entry.external_attr = 3, mode << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, b"x")
    entry = entry_in(tmp_path / "a.zip")
    entry.external_attr = mode << 16
    check_zip_entry(entry, tmp_path / "a.zip", 1_000, Bounds())


@pytest.mark.parametrize("mode", [0o120777, 0o60644, 0o20644, 0o10644, 0o140644])
def test_all_other_kinds_in_a_zip_are_refused(mode: int) -> None:
    entry = zipfile.ZipInfo("A/1.png")
    entry.external_attr = mode << 16
    with pytest.raises(InputError, match=r"^a\.zip: its member 'A/1\.png' is a link or a device"):
        check_zip_entry(entry, Path("a.zip"), 1_000, Bounds())


def test_an_entry_of_a_zip_ends_where_the_zip_does_at_the_latest() -> None:
    entry = zipfile.ZipInfo("A\\1.png")
    entry.header_offset, entry.compress_size = 50, 7
    check_zip_entry(entry, Path("a.zip"), 87, Bounds())
    with pytest.raises(
        InputError, match=r"^a\.zip: its member 'A\\\\1\.png' lies outside the arch"
    ):
        check_zip_entry(entry, Path("a.zip"), 86, Bounds())
    entry.filename = "A\\..\\..\\1.png"
    with pytest.raises(InputError, match="points outside the archive"):
        check_zip_entry(entry, Path("a.zip"), 87, Bounds())
    entry.filename, entry.file_size = "B.png", 9
    with pytest.raises(InputError, match=r"^a\.zip holds 'B\.png' of 9 bytes"):
        check_zip_entry(entry, Path("a.zip"), 87, Bounds(file_bytes=8))


@pytest.mark.parametrize("flag", [1, 1 | 0x800])
def test_an_encrypted_entry_is_named(flag: int) -> None:
    entry = zipfile.ZipInfo("A/1.png")
    entry.flag_bits, entry.header_offset = flag, 0
    with pytest.raises(InputError, match=r"^a\.zip: its member 'A/1\.png' is encrypted"):
        check_zip_entry(entry, Path("a.zip"), 1_000, Bounds())
    entry.flag_bits = flag - 1
    check_zip_entry(entry, Path("a.zip"), 1_000, Bounds())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("longer", [-1, 1, 3])
def test_content_of_another_length_than_promised_is_damage(
    tmp_path: Path, method: int, longer: int
) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"hello"}, method)
    entry = entry_in(path)
    with path.open("rb") as file:
        assert zip_content(file, entry, path) == b"hello"
        entry.file_size += longer
        with pytest.raises(InputError, match=f"^{path}: its member 'A/1.png' is damaged"):
            zip_content(file, entry, path)


@pytest.mark.parametrize("place", [0, 3, 30 + 7 + 1, 30 + 7 + 3])
def test_damage_in_an_entry_of_a_zip_is_noticed(tmp_path: Path, place: int) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"hello" * 9})
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    with pytest.raises(InputError, match=f"^{path}: its member 'A/1.png' is damaged"):
        zip_content(io.BytesIO(content), entry_in(path), path)
    with pytest.raises(InputError, match=f"^{path}: its member 'A/1.png' is damaged"):
        zip_content(io.BytesIO(content[:29]), entry_in(path), path)


def test_other_facts_in_front_of_a_files_content_are_passed_over(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"hello"}, zipfile.ZIP_STORED)
    content = path.read_bytes()
    extra = bytes(300)  # in two bytes; the directory need not have the same
    changed = content[:28] + len(extra).to_bytes(2, "little") + content[30:37] + extra + b"hello"
    assert zip_content(io.BytesIO(changed), entry_in(path), path) == b"hello"
    changed = content[:26] + (307).to_bytes(2, "little") + content[28:37] + extra + b"hello"
    assert zip_content(io.BytesIO(changed), entry_in(path), path) == b"hello"


def test_an_entry_that_unpacks_to_more_than_promised_is_not_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"A/1.png": bytes(20_000_000)})
    entry = entry_in(path)
    entry.file_size = 10
    tracemalloc.start()
    try:
        with path.open("rb") as file, pytest.raises(InputError, match="is damaged"):
            zip_content(file, entry, path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


# Folders


def test_a_folder_is_listed_without_reading_its_images(tmp_path: Path) -> None:
    write_folder(tmp_path / "a", {"A/1.png": b"x" * 9, "A/2.png": b"x" * 10, "B.txt": b"t" * 33})
    (tmp_path / "a" / "C").mkdir()
    (tmp_path / "a" / "A" / "broken.png").symlink_to("nowhere")
    (tmp_path / "a" / "A" / "again.png").symlink_to("1.png")
    (tmp_path / "a" / "A" / "linked.png").symlink_to(tmp_path)
    listed = list(listed_members(tmp_path / "a", Bounds(file_bytes=9)))
    assert {member.path: member[1:3] for member, _ in listed} == {
        "A/1.png": (b"", None),
        "A/2.png": (None, "larger than 9 bytes"),
        "A/again.png": (b"", None),
        "A/broken.png": (None, "no regular file"),
        "A/linked.png": (None, "a linked folder"),
        "B.txt": (None, "larger than 9 bytes"),
        "C/": (None, None),
    }
    sizes = {member.path: status.st_size for member, status in listed if status is not None}
    assert sizes == {"A/1.png": 9, "A/again.png": 9}


def test_files_are_read_by_their_paths_in_the_order_asked_for(tmp_path: Path) -> None:
    write_folder(tmp_path, {"A/1.png": b"x" * 10, "A/2.png": b"x" * 9, "B.txt": b"t" * 33})
    paths = ["B.txt", "A/2.png", "A/1.png", "A/gone.png"]
    assert list(read_files(tmp_path, paths, Bounds(file_bytes=40))) == [
        Member("B.txt", b"t" * 32),
        Member("A/2.png", b"x" * 9),
        Member("A/1.png", b"x" * 10),
        Member("A/gone.png", None, "can't be read: No such file or directory"),
    ]
    (found,) = read_files(tmp_path, ["A/1.png"], Bounds(file_bytes=9))
    assert found == Member("A/1.png", None, "larger than 9 bytes")


def test_hidden_folders_are_not_looked_into_but_named(tmp_path: Path) -> None:
    write_folder(tmp_path, {".git/x.png": b"x", "A/.b/c/1.png": b"y", "A/2.png": b"z"})
    (tmp_path / ".empty").mkdir()
    assert {member.path for member in read_folder(tmp_path)} == {
        ".git",
        "A/.b",
        "A/2.png",
        ".empty",
    }


def test_paths_inside_do_not_depend_on_how_the_folder_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path, {"a/A/1.png": b"x", "a/B/2.png": b"y"})
    monkeypatch.chdir(tmp_path / "a")
    for folder in (Path(), Path("../a"), Path("/").joinpath(tmp_path, "a")):
        assert {member.path for member in read_folder(folder)} == {"A/1.png", "B/2.png"}


def test_an_empty_folder_has_no_members(tmp_path: Path) -> None:
    assert read_folder(tmp_path) == []
