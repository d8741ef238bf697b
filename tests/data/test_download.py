"""Public data sets come by name, from servers that the test runs."""

import gzip
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

import numpy as np
import pytest
from tests.data.builders import Files, class_files, idx, write_tar
from tests.data.server import Server, dropping_after, running_server

from glyphlab.data import catalog
from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset
from glyphlab.data.download import SOURCES, get
from glyphlab.data.transfer import DownloadError, RemoteFile
from glyphlab.errors import InputError

AT_ONCE = (0.0, 0.0)


def _idx_files() -> Files:
    """The four files of an MNIST-like set, by name."""
    files = {}
    for part, count in (("train", 6), ("t10k", 4)):
        images, labels = np.zeros((count, 28, 28)), np.arange(count) % 2
        files[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(idx(images), mtime=0)
        files[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(idx(labels), mtime=0)
    return files


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture
def letters(server: Server, tmp_path: Path) -> dict[str, tuple[RemoteFile, ...]]:
    """A data set of one archive."""
    content = write_tar(tmp_path / "letters.tar.gz", class_files()).read_bytes()
    server.files["letters.tar.gz"] = content
    return {"letters": (RemoteFile(server.address("letters.tar.gz"), size=len(content)),)}


@pytest.fixture
def digits(server: Server) -> dict[str, tuple[RemoteFile, ...]]:
    """A data set of four IDX files."""
    server.files.update(_idx_files())
    return {
        "digits": tuple(
            RemoteFile(server.address(name), md5=md5(content).hexdigest())
            for name, content in _idx_files().items()
        )
    }


def test_an_archive_is_downloaded_and_read(
    letters: dict[str, tuple[RemoteFile, ...]], server: Server, own_home: Path
) -> None:
    server.answers = [dropping_after(100)]
    stored = get("letters", sources=letters, pauses=AT_ONCE)
    opened = catalog.open_stored("letters")
    assert isinstance(opened, Dataset)
    assert opened.class_counts.tolist() == [3, 3]
    assert stored.parts == catalog.stored("letters")
    kept = own_home / "downloads" / "letters" / "letters.tar.gz"
    assert kept.read_bytes() == server.files["letters.tar.gz"]


def test_four_idx_files_give_training_and_test(
    digits: dict[str, tuple[RemoteFile, ...]],
) -> None:
    get("digits", sources=digits)
    opened = catalog.open_stored("digits")
    assert isinstance(opened, TrainTest)
    assert (len(opened.train), len(opened.test)) == (6, 4)


def test_what_is_there_is_not_asked_for_again_unless_forced(
    letters: dict[str, tuple[RemoteFile, ...]], server: Server
) -> None:
    first = get("letters", sources=letters)
    assert get("letters", sources=letters) == first
    assert len(server.ranges) == 1
    get("letters", sources=letters, force=True)
    assert len(server.ranges) == 2


def test_files_that_arrived_whole_are_not_asked_for_again(
    digits: dict[str, tuple[RemoteFile, ...]], server: Server
) -> None:
    last = server.files.pop("t10k-labels-idx1-ubyte.gz")
    with pytest.raises(DownloadError, match="404"):
        get("digits", sources=digits)
    server.files["t10k-labels-idx1-ubyte.gz"] = last
    get("digits", sources=digits)
    assert len(server.ranges) == 5


def test_wrong_bytes_are_not_added(
    digits: dict[str, tuple[RemoteFile, ...]], server: Server
) -> None:
    server.files["t10k-labels-idx1-ubyte.gz"] = b"something else"
    with pytest.raises(DownloadError, match="MD5 checksum"):
        get("digits", sources=digits)
    assert catalog.names() == []


def test_without_network_one_sentence_says_how_to_add_by_hand() -> None:
    with running_server() as stopped:
        address = stopped.address("letters.tar.gz")
    with pytest.raises(DownloadError) as caught:
        get("letters", sources={"letters": (RemoteFile(address),)}, pauses=())
    sentence = str(caught.value)
    assert sentence.startswith(f"Can't download {address}: ")
    assert "`glyphlab data add letters.tar.gz --name letters`" in sentence
    assert sentence.count(". ") == 0


def test_of_several_files_all_are_named(digits: dict[str, tuple[RemoteFile, ...]]) -> None:
    gone = {"digits": tuple(RemoteFile(file.address + "x") for file in digits["digits"])}
    with pytest.raises(DownloadError, match="data add FOLDER --name digits") as caught:
        get("digits", sources=gone)
    for file in gone["digits"]:
        assert file.name in str(caught.value)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(InputError, match="notmnist-small, notmnist-large, mnist, fashion-mnist"):
        get("letters")


def test_the_public_sources_are_complete() -> None:
    assert list(SOURCES) == ["notmnist-small", "notmnist-large", "mnist", "fashion-mnist", "kmnist"]
    assert [f.size for name in list(SOURCES)[:2] for f in SOURCES[name]] == [8_458_043, 247_336_696]
    for name, files in SOURCES.items():
        assert catalog.check_name(name)
        for file in files:
            assert file.address.startswith("http")
            assert file.size or (file.md5 and len(file.md5) == 32)
