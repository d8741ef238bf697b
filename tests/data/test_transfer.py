"""A download ends whole and checked, or not at all, whatever the server does."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.data.server import (
    Answer,
    Request,
    Server,
    announcing,
    dropping_after,
    endless,
    refusing,
    running_server,
    silent,
    without_length,
    without_ranges,
    wrong_span,
)

from glyphlab.data import transfer
from glyphlab.data.arriving import Arriving
from glyphlab.data.transfer import DownloadError, RemoteFile, fetch, is_whole
from glyphlab.errors import InputError, Interrupted

CONTENT = bytes(range(256)) * 2000
MD5 = hashlib.md5(CONTENT).hexdigest()
AT_ONCE = (0.0, 0.0, 0.0)


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as running:
        running.files["file.gz"] = CONTENT
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "downloads" / "file.gz"


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _leave(target: Path, content: bytes) -> None:
    """What an earlier try leaves."""
    target.parent.mkdir()
    with Arriving(target).written(0) as write:
        write(content)


def _published(server: Server) -> RemoteFile:
    return RemoteFile(server.address("file.gz"), size=len(CONTENT), md5=MD5)


def _bare(server: Server) -> RemoteFile:
    return RemoteFile(server.address("file.gz"))


def test_a_file_arrives_whole_and_says_how_far_it_is(server: Server, target: Path) -> None:
    said: list[tuple[int, int | None]] = []
    file = _published(server)
    assert fetch(file, target, lambda done, total: said.append((done, total))) == target
    assert target.read_bytes() == CONTENT
    assert said[0] == (0, len(CONTENT))
    assert said[-1] == (len(CONTENT), len(CONTENT))
    assert not _part(target).exists()
    assert is_whole(file, target)


def test_dropped_connections_are_taken_up_where_they_broke(server: Server, target: Path) -> None:
    server.answers = [dropping_after(200_000), silent, dropping_after(100_000)]
    fetch(_published(server), target, pauses=AT_ONCE)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=200000-", "bytes=200000-", "bytes=300000-"]


def test_a_file_of_unknown_size_is_taken_up_too(server: Server, target: Path) -> None:
    server.answers = [dropping_after(200_000)]
    fetch(_bare(server), target, pauses=AT_ONCE)
    assert target.read_bytes() == CONTENT


def test_an_earlier_try_is_taken_up(server: Server, target: Path) -> None:
    _leave(target, CONTENT[:1234])
    said: list[int] = []
    fetch(_published(server), target, lambda done, _: said.append(done))
    assert target.read_bytes() == CONTENT
    assert server.ranges == ["bytes=1234-"]
    assert said[0] == 1234


def test_what_was_lost_with_the_power_is_fetched_again(server: Server, target: Path) -> None:
    _leave(target, CONTENT[:100_000])
    with _part(target).open("ab") as part:
        part.write(bytes(50_000))  # written, and its bytes not brought to the disk
    fetch(_bare(server), target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == ["bytes=100000-"]
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("published", [_published, _bare])
def test_an_earlier_try_that_had_all_is_only_checked(
    published: Callable[[Server], RemoteFile], server: Server, target: Path
) -> None:
    _leave(target, CONTENT)
    fetch(published(server), target)
    assert target.read_bytes() == CONTENT


def test_a_server_without_ranges_sends_all_again(server: Server, target: Path) -> None:
    server.answers = [dropping_after(200_000), without_ranges]
    fetch(_published(server), target, pauses=AT_ONCE)
    assert target.read_bytes() == CONTENT


def test_a_part_that_the_server_cannot_go_on_from_is_dropped(server: Server, target: Path) -> None:
    _leave(target, CONTENT + b"more")
    fetch(_bare(server), target, pauses=AT_ONCE)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(CONTENT) + 4}-", None]


def test_a_part_larger_than_published_is_dropped(server: Server, target: Path) -> None:
    _leave(target, CONTENT + b"more")
    fetch(_published(server), target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None]


def test_another_range_than_asked_for_is_not_appended(server: Server, target: Path) -> None:
    server.answers = [dropping_after(200_000), wrong_span]
    fetch(_published(server), target, pauses=AT_ONCE)
    assert target.read_bytes() == CONTENT


def test_a_file_without_announced_length_is_taken_to_its_end(server: Server, target: Path) -> None:
    server.answers = [without_length]
    fetch(RemoteFile(server.address("file.gz"), md5=MD5), target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_in_trouble_is_asked_again(status: int, server: Server, target: Path) -> None:
    server.answers = [refusing(status), refusing(status)]
    fetch(_published(server), target, pauses=AT_ONCE)
    assert target.read_bytes() == CONTENT


def test_a_server_that_stays_in_trouble_is_given_up(server: Server, target: Path) -> None:
    server.answers = [refusing(500)] * 10
    with pytest.raises(DownloadError, match="the server answers 500") as caught:
        fetch(_published(server), target, pauses=AT_ONCE)
    assert len(server.ranges) == 1 + len(AT_ONCE)
    assert caught.value.exit_status == 1


def test_a_missing_file_is_not_asked_for_again(server: Server, target: Path) -> None:
    missing = RemoteFile(server.address("other.gz"), size=10)
    with pytest.raises(DownloadError, match=r"other\.gz: the server answers 404 \(Not Found\)\.$"):
        fetch(missing, target, pauses=AT_ONCE)
    assert len(server.ranges) == 1
    assert not target.exists()


@pytest.mark.parametrize("length", [len(CONTENT) - 100, len(CONTENT) + 100])
def test_an_announced_length_other_than_published_is_refused(
    length: int, server: Server, target: Path
) -> None:
    server.answers = [announcing(length)] * 10
    with pytest.raises(DownloadError, match=f"announces {length:,} bytes, but 512,000 are"):
        fetch(_published(server), target, pauses=AT_ONCE)
    assert list(target.parent.iterdir()) == []


def test_what_was_kept_survives_a_server_that_lies(server: Server, target: Path) -> None:
    server.answers = [dropping_after(200_000), announcing(100)]
    with pytest.raises(DownloadError, match="announces 100 bytes"):
        fetch(_published(server), target, pauses=AT_ONCE)
    assert _part(target).read_bytes() == CONTENT[:200_000]


def test_a_connection_that_always_breaks_is_given_up_and_its_bytes_kept(
    server: Server, target: Path
) -> None:
    server.answers = [dropping_after(1000), *[silent] * 10]
    with pytest.raises(DownloadError):
        fetch(_published(server), target, pauses=AT_ONCE)
    assert _part(target).read_bytes() == CONTENT[:1000]
    assert not target.exists()


def test_a_server_that_never_sends_all_does_not_keep_us_for_ever(
    server: Server, target: Path
) -> None:
    server.answers = [dropping_after(1)] * 1000
    with pytest.raises(DownloadError, match="the connection broke after 100 of 512,000 bytes"):
        fetch(_published(server), target, pauses=AT_ONCE)
    assert len(server.ranges) == transfer.MAXIMUM_TRIES


def test_an_endless_file_is_cut_at_the_published_size(server: Server, target: Path) -> None:
    server.answers = [endless]
    with pytest.raises(DownloadError, match="sends more than 512,000 bytes, so what arrived is"):
        fetch(_published(server), target, pauses=AT_ONCE)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("answer", [endless, announcing(200_000)])
def test_a_file_of_unknown_size_is_bounded(
    answer: Answer, server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MAXIMUM_BYTES", 100_000)
    server.answers = [answer]
    with pytest.raises(DownloadError, match="100,000"):
        fetch(_bare(server), target, pauses=AT_ONCE)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_wrong_bytes_are_removed(algorithm: str, server: Server, target: Path) -> None:
    right = hashlib.new(algorithm, CONTENT).hexdigest()
    server.files["file.gz"] = CONTENT[:-1] + b"x"
    file = _bare(server)._replace(**{algorithm: right})
    with pytest.raises(DownloadError, match=f"its {algorithm.upper()} checksum .*{right}"):
        fetch(file, target)
    assert list(target.parent.iterdir()) == []
    assert not is_whole(file, target)


def test_a_short_file_without_announced_length_is_no_whole_one(
    server: Server, target: Path
) -> None:
    server.files["file.gz"] = CONTENT[:1000]
    server.answers = [without_length] * 10
    with pytest.raises(DownloadError):
        fetch(_published(server), target, pauses=AT_ONCE)
    assert not target.exists()


def test_stopping_keeps_what_arrived(server: Server, target: Path) -> None:
    def stop_half_way(done: int, total: int | None) -> None:
        if done > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"bytes are kept in .*file\.gz\.part"):
        fetch(_published(server), target, stop_half_way)
    kept = _part(target).stat().st_size
    assert kept > 200_000
    fetch(_published(server), target)
    assert server.ranges == [None, f"bytes={kept}-"]
    assert target.read_bytes() == CONTENT


def test_nobody_listening_is_one_sentence(target: Path) -> None:
    with running_server() as stopped:
        address = stopped.address("file.gz")
    with pytest.raises(DownloadError, match=r"^Can't download http://127.* refused\.$"):
        fetch(RemoteFile(address), target, pauses=(0.0,))


def test_an_unknown_host_is_not_asked_again(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(DownloadError, match=r"http://nowhere\.invalid/x"):
        fetch(RemoteFile("http://nowhere.invalid/x"), target, pauses=(3600.0,))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "x.gz", ""])
def test_only_web_addresses_are_fetched(address: str, target: Path) -> None:
    with pytest.raises(InputError, match="no web address"):
        fetch(RemoteFile(address), target)


def test_a_redirection_out_of_the_web_is_not_followed(server: Server, target: Path) -> None:
    def elsewhere(request: Request) -> None:
        request.send_response(302)
        request.send_header("Location", "ftp://127.0.0.1/x")
        request.send_header("Content-Length", "0")
        request.end_headers()

    server.answers = [elsewhere] * 10
    with pytest.raises(DownloadError):
        fetch(_bare(server), target, pauses=())


def test_a_place_that_cannot_be_written_to_is_one_sentence(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="Can't write"):
        fetch(_published(server), tmp_path / "file" / "file.gz")
