"""An address is told from a path, names a file, and is shown without what gives access."""

import subprocess
import sys
from pathlib import Path

import pytest

from glyphlab.data.stores import file_name, is_remote, join, shown
from glyphlab.data.stores.address import local_path, without_secrets
from glyphlab.errors import InputError


@pytest.mark.parametrize(
    "address",
    [
        "s3://bucket/letters",
        "gs://bucket/letters.zip",
        "https://host/letters.zip:train",
        "HTTP://host/x",
        "file:///home/me/letters",
        "memory://x",
        "abfs://container/x",
    ],
)
def test_what_has_a_scheme_is_an_address(address: str) -> None:
    assert is_remote(address)


@pytest.mark.parametrize(
    "source",
    ["letters", "letters:train", "C:\\letters", "C:/letters", "C://letters", "./a://b", "a/b", ""],
)
def test_paths_and_names_are_no_addresses(source: str) -> None:
    assert not is_remote(source)


def test_asking_imports_no_package_of_stores() -> None:
    code = (
        "import sys; from glyphlab.data.stores import fetch, is_remote, join; "
        "is_remote('s3://x'); join('s3://x', 'y'); import glyphlab.data.ingest; "
        "sys.exit(bool({'fsspec', 'aiohttp', 's3fs'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("folder", "name", "file"),
    [
        ("s3://bucket/letters", "index.json", "s3://bucket/letters/index.json"),
        ("s3://bucket/letters/", "a b#1.zip", "s3://bucket/letters/a b#1.zip"),
        ("https://host", "train/index.json", "https://host/train/index.json"),
        ("https://host/x/?token=a/b", "a b?.zip", "https://host/x/a%20b%3F.zip?token=a/b"),
        ("file:///x", "a b", "file:///x/a%20b"),
    ],
)
def test_a_file_of_a_folder_has_an_address(folder: str, name: str, file: str) -> None:
    assert join(folder, name) == file


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("https://me:pass@host/x.zip", "https://host/x.zip"),
        ("https://me:p@ss@host:8080/@x/y.zip", "https://host:8080/@x/y.zip"),
        ("https://host/x.zip?token=abc&more=1", "https://host/x.zip?…"),
        ("https://host/x.zip#part", "https://host/x.zip?…"),
        ("s3://key:secret@bucket/x", "s3://bucket/x"),
        ("https://host/x.zip", "https://host/x.zip"),
        ("a/path?with=this", "a/path?with=this"),
        ("glyphs:train", "glyphs:train"),
    ],
)
def test_an_address_is_shown_without_what_gives_access(source: str, said: str) -> None:
    assert shown(source) == said


def test_addresses_in_a_text_lose_it_too() -> None:
    text = "500, message='no', url='https://me:pass@host/x?sig=abc' then http://b/?k=1"
    assert without_secrets(text) == "500, message='no', url='https://host/x?…' then http://b/?…"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://host/a/letters.tar.gz?token=x/y.zip", "letters.tar.gz"),
        ("https://host/a%20b.zip", "a-b.zip"),
        ("https://host/..%2F..%2Fetc%2Fpasswd", "-..-etc-passwd"),
        ("https://host/..", "file"),
        ("https://host/.bashrc", "bashrc"),
        ("https://host", "file"),
        ("https://host/letters/", "letters"),
        ("s3://bucket/a/..\\x%2F.zip", "-x-2F.zip"),
        ("s3://bucket", "bucket"),
        ("https://host/" + "x" * 300 + ".zip", "x" * 56 + ".zip"),
    ],
)
def test_a_file_is_called_as_its_address_ends_if_that_is_harmless(address: str, name: str) -> None:
    assert file_name(address) == name


def test_a_file_of_this_machine_has_a_path(tmp_path: Path) -> None:
    place = tmp_path / "a b%20#?.zip"
    assert local_path(place.as_uri()) == place
    assert local_path(f"file://localhost{tmp_path.as_posix()}") == tmp_path


def test_a_file_of_another_machine_has_none() -> None:
    with pytest.raises(InputError, match=r"^file://elsewhere/x names another machine"):
        local_path("file://me:secret@elsewhere/x")
