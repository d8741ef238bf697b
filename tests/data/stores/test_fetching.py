"""A file of a store comes whole and checked or not at all, whatever the store does."""

import hashlib
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
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
from tests.data.stores.answers import (
    Listener,
    encoded,
    for_user,
    gibberish,
    page,
    redirecting,
    unnamed_page,
    waiting,
)

from glyphlab.data.stores import fetch
from glyphlab.data.stores.cache import Cache
from glyphlab.data.stores.fetching import PAUSES, Wanted, fetch_into
from glyphlab.data.stores.trouble import NoPermissionError, NothingThereError, StoreError
from glyphlab.errors import InputError
from glyphlab.progress import Progress, no_progress

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
AT_ONCE = (0.0, 0.0, 0.0)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with running_server() as running:
        running.files["x.zip"] = CONTENT
        running.versions["x.zip"] = '"first"'
        yield running


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 10_000_000)


def got(
    cache: Cache,
    server: Server,
    *,
    size: int | None = None,
    sha256: str | None = None,
    query: str = "",
    progress: Progress = no_progress,
    stall: float = 20.0,
) -> bytes:
    wanted = Wanted(server.address("x.zip") + query, size, sha256)
    return fetch_into(cache, wanted, progress, AT_ONCE, stall).read_bytes()


def files(cache: Cache) -> list[Path]:
    return [path for path in cache.folder.rglob("*") if path.is_file()]


def test_a_file_arrives_whole_and_says_how_far_it_is(server: Server, cache: Cache) -> None:
    said: list[tuple[int, int | None]] = []
    content = got(cache, server, progress=lambda done, total: said.append((done, total)))
    assert content == CONTENT
    assert said[0] == (0, len(CONTENT))
    assert said[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in files(cache)] == ["x.zip"]


def test_it_lies_in_the_users_cache(server: Server, own_home: Path) -> None:
    path = fetch(server.address("x.zip"), size=len(CONTENT), sha256=SHA256.upper())
    assert path.parent.parent == own_home / "cache" / "stores"
    assert path.name == "x.zip"


def test_a_file_of_known_checksum_is_asked_for_once(server: Server, cache: Cache) -> None:
    for _ in range(3):
        assert got(cache, server, sha256=SHA256) == CONTENT
    assert got(cache, server, sha256=SHA256, query="?signed=otherwise") == CONTENT
    assert len(server.asked) == 1


def test_a_file_that_has_not_changed_is_not_sent_again(server: Server, cache: Cache) -> None:
    said: list[int] = []
    for _ in range(3):
        assert got(cache, server, progress=lambda done, _: said.append(done)) == CONTENT
    assert said.count(0) == 1


def test_a_changed_file_is_noticed(server: Server, cache: Cache) -> None:
    assert got(cache, server) == CONTENT
    server.files["x.zip"] = CONTENT[::-1]
    server.versions["x.zip"] = '"second"'
    assert got(cache, server) == CONTENT[::-1]


def test_a_file_without_version_is_taken_anew_after_a_minute(
    server: Server, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.versions.clear()
    assert got(cache, server) == CONTENT
    server.files["x.zip"] = CONTENT[::-1]
    assert got(cache, server) == CONTENT
    monkeypatch.setattr("glyphlab.data.stores.cache.FRESH_SECONDS", 0)
    assert got(cache, server) == CONTENT[::-1]


def test_a_copy_of_another_size_is_not_given(server: Server, cache: Cache) -> None:
    got(cache, server, size=len(CONTENT), sha256=SHA256)
    files(cache)[0].write_bytes(b"short")
    assert got(cache, server, size=len(CONTENT), sha256=SHA256) == CONTENT


@pytest.mark.parametrize(
    "failures",
    [
        [refusing(500), refusing(503)],
        [refusing(429), refusing(408)],
        [silent] * 4,  # a broken connection is tried again by aiohttp, too
        [announcing(100), announcing(len(CONTENT) + 100)],
        [page, unnamed_page, encoded],
        [gibberish],
    ],
)
def test_a_store_that_fails_for_a_while_is_asked_again(
    failures: list[Answer], server: Server, cache: Cache
) -> None:
    server.answers = list(failures)
    assert got(cache, server, size=len(CONTENT), sha256=SHA256) == CONTENT
    assert len(server.asked) == len(failures) + 1


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (refusing(500), r"the store answers 500 \(Internal Server Error\)"),
        (silent, "the connection broke"),
        (dropping_after(0), "the connection broke"),
        (announcing(100), "the store announces 100 bytes, but it must have 512,000"),
        (page, "a web page came instead of a file"),
        (encoded, r"the store sends it encoded \(br\)"),
        (gibberish, "the answer is no HTTP"),
    ],
)
def test_a_store_that_goes_on_failing_is_given_up(
    failure: Answer, reason: str, server: Server, cache: Cache
) -> None:
    server.answers = [failure] * 20
    message = rf"^Can't fetch http://127.*/x\.zip: {reason}.* \(4 times in a row\); try again later"
    with pytest.raises(StoreError, match=message) as caught:
        got(cache, server, size=len(CONTENT))
    assert caught.value.exit_status == 1
    assert files(cache) == []


def test_the_waits_grow() -> None:
    assert list(PAUSES) == sorted(set(PAUSES))
    assert 3 <= len(PAUSES) <= 10


@pytest.mark.parametrize("status", [401, 403])
def test_a_file_that_the_user_may_not_read_is_asked_for_once(
    status: int, server: Server, cache: Cache
) -> None:
    server.answers = [refusing(status)] * 9
    with pytest.raises(NoPermissionError, match=r"^You may not read http://.*/x\.zip; give"):
        got(cache, server)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_file_is_asked_for_once(status: int, server: Server, cache: Cache) -> None:
    server.answers = [refusing(status)] * 9
    with pytest.raises(NothingThereError, match=r"^There is nothing at http://.*; check") as caught:
        got(cache, server)
    assert len(server.asked) == 1
    assert caught.value.exit_status == 2


def test_other_refusals_are_final(server: Server, cache: Cache) -> None:
    server.answers = [refusing(400)] * 9
    with pytest.raises(StoreError, match=r"the store answers 400 \(Bad Request\); try"):
        got(cache, server)
    assert len(server.asked) == 1


def test_a_broken_transfer_goes_on_where_it_stopped(server: Server, cache: Cache) -> None:
    heard = Listener()
    server.answers = [heard.dropping_after(200_000), heard.dropping_after(100_000)]
    assert got(cache, server, progress=heard) == CONTENT
    assert server.ranges == [None, "bytes=200000-", "bytes=300000-"]


def test_many_breaks_are_overcome_if_each_try_gets_further(server: Server, cache: Cache) -> None:
    heard = Listener()
    server.answers = [heard.dropping_after(60_000)] * 8
    assert got(cache, server, progress=heard) == CONTENT
    assert len(server.asked) == 9


def test_a_store_without_ranges_sends_all_again(server: Server, cache: Cache) -> None:
    heard = Listener()
    server.answers = [heard.dropping_after(200_000), without_ranges]
    assert got(cache, server, progress=heard) == CONTENT


@pytest.mark.parametrize("answer", [wrong_span, refusing(416)])
def test_what_does_not_fit_is_dropped(answer: Answer, server: Server, cache: Cache) -> None:
    heard = Listener()
    server.answers = [heard.dropping_after(200_000), answer]
    assert got(cache, server, progress=heard) == CONTENT
    assert server.ranges == [None, "bytes=200000-", None]


def test_two_versions_are_not_mixed(server: Server, cache: Cache) -> None:
    heard = Listener()

    def broken_and_changed(request: Request) -> None:
        heard.dropping_after(200_000)(request)
        server.files["x.zip"] = CONTENT[::-1]
        server.versions["x.zip"] = '"second"'

    server.answers = [broken_and_changed]
    assert got(cache, server, progress=heard) == CONTENT[::-1]
    assert server.ranges == [None, "bytes=200000-", None]


def test_without_version_and_checksum_nothing_is_gone_on_from(server: Server, cache: Cache) -> None:
    server.versions.clear()
    heard = Listener()
    server.answers = [heard.dropping_after(200_000)]
    assert got(cache, server, progress=heard) == CONTENT
    assert server.ranges == [None, None]


def test_a_stalled_store_is_left(server: Server, cache: Cache) -> None:
    never = threading.Event()
    server.answers = [waiting(1000, never)]
    try:
        assert got(cache, server, stall=0.5) == CONTENT
    finally:
        never.set()
    assert server.ranges[:2] == [None, "bytes=1000-"]


def test_a_store_that_always_stalls_is_given_up(server: Server, cache: Cache) -> None:
    never = threading.Event()
    server.answers = [waiting(0, never)] * 9
    try:
        with pytest.raises(StoreError, match=r"nothing came for 0\.1 s \(4 times in a row\)"):
            got(cache, server, stall=0.1)
    finally:
        never.set()
    assert files(cache) == []


@pytest.mark.parametrize("answer", [without_length, endless])
def test_a_wrong_checksum_is_never_kept(answer: Answer, server: Server, cache: Cache) -> None:
    server.files["x.zip"] = CONTENT[:-1] + b"x"
    server.answers = [answer] * 9
    with pytest.raises(StoreError, match=r"SHA-256|more than 512,000 bytes"):
        got(cache, server, size=len(CONTENT), sha256=SHA256)
    assert files(cache) == []


def test_a_short_file_without_announced_length_is_none(server: Server, cache: Cache) -> None:
    server.files["x.zip"] = CONTENT[:1000]
    server.answers = [without_length] * 9
    with pytest.raises(StoreError, match="broke after 1,000 of 512,000 bytes"):
        got(cache, server, size=len(CONTENT))
    assert files(cache) == []


@pytest.mark.parametrize("answer", [without_length, without_ranges])
def test_a_file_larger_than_the_cache_is_refused(
    answer: Answer, server: Server, tmp_path: Path
) -> None:
    server.answers = [answer]
    small = Cache(tmp_path, 400_000)
    with pytest.raises(InputError, match=r"larger than .* 0\.0004 GB; set GLYPHLAB_CACHE_GB"):
        got(small, server)
    assert files(small) == []
    assert len(server.asked) == 1


def test_one_whose_size_is_known_is_not_even_asked_for(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="larger than the cache"):
        got(Cache(tmp_path, 400_000), server, size=len(CONTENT))
    assert server.asked == []


def test_an_endless_file_ends_at_the_bound(server: Server, tmp_path: Path) -> None:
    server.answers = [endless]
    with pytest.raises(InputError, match="larger than the cache"):
        got(Cache(tmp_path, 3_000_000), server)
    assert files(Cache(tmp_path, 0)) == []


def test_redirections_are_followed(server: Server, cache: Cache) -> None:
    server.files["elsewhere"] = CONTENT
    server.answers = [redirecting("/elsewhere", 301), redirecting("/elsewhere", 307)]
    assert got(cache, server) == CONTENT
    assert files(cache)[0].name == "x.zip"


def test_but_not_out_of_the_web(server: Server, cache: Cache, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    server.answers = [redirecting(secret.as_uri())] * 9
    with pytest.raises(InputError, match="it leads to an address outside the web; check"):
        got(cache, server)
    assert len(server.asked) == 1


def test_and_not_for_ever(server: Server, cache: Cache) -> None:
    server.answers = [redirecting("/x.zip")] * 100
    with pytest.raises(InputError, match="it leads round in circles"):
        got(cache, server)


def test_user_and_password_of_an_address_are_used(server: Server, cache: Cache) -> None:
    server.answers = [for_user("Basic bWU6c2VjcmV0", without_ranges)]
    address = server.address("x.zip").replace("://", "://me:secret@")
    assert fetch_into(cache, Wanted(address)).read_bytes() == CONTENT


@pytest.mark.parametrize("failure", [refusing(500), refusing(404), refusing(403), silent, page])
def test_what_gives_access_is_never_shown(
    failure: Answer, server: Server, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.answers = [failure] * 20
    address = server.address("x.zip?token=secret").replace("://", "://me:secret@")
    with pytest.raises((StoreError, InputError)) as caught:
        fetch_into(cache, Wanted(address), no_progress, AT_ONCE)
    said = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "x.zip?…" in said
    assert "secret" not in said


def test_nobody_listening_is_one_sentence(cache: Cache) -> None:
    with running_server() as stopped:
        address = stopped.address("x.zip")
    with pytest.raises(StoreError, match=r"Connect call failed .* \(2 times in a row\); try"):
        fetch_into(cache, Wanted(address), no_progress, (0.0,))


def test_ctrl_c_leaves_no_half_file(server: Server, cache: Cache) -> None:
    def stop_half_way(done: int, total: int | None) -> None:
        if done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        got(cache, server, progress=stop_half_way)
    assert files(cache) == []
    assert got(cache, server) == CONTENT


def test_a_cache_that_cannot_be_written_to_is_one_sentence(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match=r"Can't keep files of stores in .*taken.*GLYPHLAB_HOME"):
        got(Cache(tmp_path / "taken" / "cache", 10_000_000), server)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("foo://bucket/x", r"^foo://bucket/x: there is no kind of store foo://"),
        ("https://[x", r"^Can't read https://\[x: .*; check the address\.$"),
        ("github://x", r"^Can't read github://x: .*; check the address\.$"),
        ("memory://x::file:///etc/passwd", r"holds '::'"),
        ("C:\\x", "is no address of a store"),
    ],
)
def test_wrong_addresses_are_bad_input(address: str, sentence: str, cache: Cache) -> None:
    with pytest.raises(InputError, match=sentence):
        fetch_into(cache, Wanted(address))
    assert files(cache) == []


@pytest.mark.parametrize(
    ("missing", "address", "install"),
    [
        ("fsspec", "s3://bucket/x", r"glyphlab\[s3\]"),
        ("fsspec", "memory://x", r"glyphlab\[stores\]"),
        ("aiohttp", "https://host/x", r"glyphlab\[stores\]"),
        ("s3fs", "s3://bucket/x", r"needs the package s3fs, .*glyphlab\[s3\]"),
        ("gcsfs", "gs://bucket/x", r"needs the package gcsfs, .*glyphlab\[gs\]"),
        ("adlfs", "abfs://container/x", "install it by pip install adlfs"),
    ],
)
def test_a_missing_package_is_named(
    missing: str, address: str, install: str, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError, match=install):
        fetch_into(cache, Wanted(address))


def test_a_file_of_this_machine_is_read_in_place(own_home: Path, tmp_path: Path) -> None:
    place = tmp_path / "x y.zip"
    place.write_bytes(CONTENT)
    assert fetch(place.as_uri(), size=len(CONTENT), sha256=SHA256) == place
    assert not (own_home / "cache").exists()
    with pytest.raises(StoreError, match="it has 512,000 bytes, but must have 1"):
        fetch(place.as_uri(), size=1)
    with pytest.raises(StoreError, match="SHA-256"):
        fetch(place.as_uri(), sha256="0" * 64)
    with pytest.raises(NothingThereError):
        fetch((tmp_path / "other").as_uri())


def test_other_kinds_of_stores_are_read_by_fsspec(cache: Cache) -> None:
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe_file("/bucket/x.zip", CONTENT)
    wanted = Wanted("memory://bucket/x.zip")
    try:
        first = fetch_into(cache, wanted)
        assert first.read_bytes() == CONTENT
        assert fetch_into(cache, wanted) == first
        store.pipe_file("/bucket/x.zip", CONTENT[::-1])
        assert fetch_into(cache, wanted).read_bytes() == CONTENT[::-1]
        with pytest.raises(NothingThereError):
            fetch_into(cache, Wanted("memory://bucket/y.zip"))
        with pytest.raises(NothingThereError):
            fetch_into(cache, Wanted("memory://bucket"))
    finally:
        store.rm("/bucket", recursive=True)
