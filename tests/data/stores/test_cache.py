"""The cache stays within its bound, and what is in use stays in it."""

import mmap
import os
import time
from pathlib import Path

import pytest

from glyphlab.data.stores.cache import Cache
from glyphlab.data.stores.holding import hold, keep, remove_unused
from glyphlab.errors import InputError


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 2500)


def put(cache: Cache, key: str, *, used: float, size: int = 1000) -> Path:
    """Publish a file, and say how many seconds ago it was used."""
    with cache.new_part(key) as part:
        part.path.write_bytes(bytes(size))
        path = cache.publish(part, key, "x.bin")
    keep(None)
    moment = time.time() - used
    os.utime(path, (moment, moment))
    return path


def total(cache: Cache) -> int:
    return sum(path.stat().st_size for path in cache.folder.rglob("*") if path.is_file())


def test_what_was_not_used_for_longest_goes_first(cache: Cache) -> None:
    old, older = put(cache, "a", used=100), put(cache, "b", used=200)
    newest = put(cache, "c", used=0)
    assert newest.exists()
    assert old.exists()
    assert not older.parent.exists()


def test_finding_a_file_is_using_it(cache: Cache) -> None:
    first, second = put(cache, "a", used=200), put(cache, "b", used=100)
    assert cache.find("a", "x.bin", None) == first
    keep(None)
    put(cache, "c", used=0)
    assert first.exists()
    assert not second.exists()


def test_room_is_made_beforehand(cache: Cache) -> None:
    for key in "abcdefg":
        put(cache, key, used=0)
        assert total(cache) <= cache.bound
    cache.make_room(1500)
    assert total(cache) == 1000


def test_what_is_in_use_stays_even_if_that_is_too_much(cache: Cache) -> None:
    path = put(cache, "a", used=500)
    other = put(cache, "b", used=100)
    held = hold(path)
    assert held is not None
    cache.make_room(2500)
    assert path.exists()
    assert not other.exists()
    held.release()
    cache.make_room(2500)
    assert not path.exists()


def test_the_file_found_last_is_in_use(cache: Cache) -> None:
    put(cache, "a", used=500)
    path = cache.find("a", "x.bin", 1000)
    assert path is not None
    os.utime(path, (1, 1))
    cache.make_room(2500)
    assert path.exists()
    keep(None)
    cache.make_room(2500)
    assert not path.exists()


def test_a_file_of_another_size_is_not_found(cache: Cache) -> None:
    put(cache, "a", used=0)
    assert cache.find("a", "x.bin", 999) is None
    assert cache.find("a", "y.bin", None) is None
    assert cache.find("b", "x.bin", None) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a file that is mapped")
def test_a_mapped_file_can_be_read_when_it_is_gone(cache: Cache) -> None:
    path = put(cache, "a", used=500)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        cache.make_room(2500)
        assert not path.exists()
        assert content[:] == bytes(1000)


def test_parts_count(cache: Cache) -> None:
    path = put(cache, "a", used=100)
    with cache.new_part("b") as part:
        part.path.write_bytes(bytes(2000))
        cache.make_room(0)
        assert part.path.exists()
        assert not path.exists()
    assert total(cache) == 0


def test_a_part_is_gone_after_an_error(cache: Cache) -> None:
    with pytest.raises(RuntimeError), cache.new_part("a") as part:
        part.path.write_bytes(b"half")
        raise RuntimeError
    assert total(cache) == 0


def test_a_part_that_nobody_writes_is_removed(cache: Cache) -> None:
    cache.folder.mkdir()
    left = cache.folder / "a.0123.part"
    left.write_bytes(b"half")
    assert not cache.is_being_fetched("a")
    assert not left.exists()
    left.write_bytes(b"half")
    cache.make_room(0)
    assert not left.exists()


def test_a_part_that_somebody_writes_is_waited_for_if_it_grows(cache: Cache) -> None:
    with cache.new_part("a") as part:
        assert cache.is_being_fetched("a")
        assert not cache.is_being_fetched("b")
        os.utime(part.path, (1, 1))
        assert not cache.is_being_fetched("a")
        assert part.path.exists()


def test_a_place_that_was_removed_meanwhile_is_made_again(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, removed = Path.mkdir, []

    def make_and_lose(path: Path, *args: object, **options: object) -> None:
        make(path, *args, **options)  # type: ignore[arg-type]
        if not removed:
            removed.append(path)
            path.rmdir()

    with cache.new_part("a") as part:
        part.path.write_bytes(bytes(10))
        monkeypatch.setattr(Path, "mkdir", make_and_lose)
        path = cache.publish(part, "a", "x.bin")
    assert path.read_bytes() == bytes(10)
    assert removed


def test_where_there_are_no_locks_what_was_used_lately_stays(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glyphlab.data.stores.holding.fcntl", None)
    lately, long_ago = put(cache, "a", used=5), put(cache, "b", used=100)
    assert not remove_unused(lately)
    assert remove_unused(long_ago)
    assert remove_unused(long_ago)
    assert cache.find("a", "x.bin", None) == lately


def test_the_bound_is_set_in_gigabytes(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLYPHLAB_CACHE_GB", raising=False)
    assert Cache.of_user() == Cache(own_home / "cache" / "stores", 20_000_000_000)
    monkeypatch.setenv("GLYPHLAB_CACHE_GB", "0.5")
    assert Cache.of_user().bound == 500_000_000


@pytest.mark.parametrize("text", ["much", "0", "-1", "nan", "inf"])
def test_a_bound_that_is_none_is_one_sentence(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHLAB_CACHE_GB", text)
    with pytest.raises(InputError, match=rf"^GLYPHLAB_CACHE_GB is '{text}', .*such as 20\.$"):
        Cache.of_user()
