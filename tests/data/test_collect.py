"""Members of a source are sorted into images and others, and decoded in their order."""

import numpy as np
import pytest
from tests.data.builders import encoded, pixels

from glyphlab.data import collect as module
from glyphlab.data.archives import Member
from glyphlab.data.collect import Others, collect, cores, is_hidden
from glyphlab.data.dataset import Skipped

PNG = encoded(pixels())


@pytest.mark.parametrize(
    "path",
    [
        ".x",
        "A/.x",
        ".A/x",
        "A/.B/C/x",
        "Thumbs.db",
        "A/desktop.ini",
        "__MACOSX/A/x",
        "A/__MACOSX/x",
    ],
)
def test_what_a_system_keeps_for_itself_is_hidden(path: str) -> None:
    assert is_hidden(path)


@pytest.mark.parametrize("path", ["x", "A/x", "A.b/x.png", "A/x.", "MACOSX/x", "A/thumbs.db.png"])
def test_other_files_are_not_hidden(path: str) -> None:
    assert not is_hidden(path)


@pytest.mark.parametrize(
    ("member", "skipped"),
    [
        (Member("A/x.png", None, "damaged"), Skipped("A/x.png", "damaged")),
        (Member("A/x.PNG", None, "too large"), Skipped("A/x.PNG", "too large")),
    ],
)
def test_images_that_cannot_be_read_are_noted_with_the_reason(
    member: Member, skipped: Skipped
) -> None:
    others = Others()
    assert not others.note(member)
    assert others == Others(unreadable=[skipped])


@pytest.mark.parametrize(
    ("member", "skipped"),
    [
        (Member("A/.x.png", PNG), Skipped("A/.x.png", "hidden")),
        (Member("A/.x.png", None, "damaged"), Skipped("A/.x.png", "hidden")),
        (Member(".A/", None), Skipped(".A/", "hidden")),
        (Member("A/x", None, "a linked folder"), Skipped("A/x", "a linked folder")),
        (Member("A/x.txt", b""), Skipped("A/x.txt", "not an image")),
        (Member("A/x.txt", b"text"), Skipped("A/x.txt", "not an image")),
        (Member("A/x.txt", PNG[:32]), Skipped("A/x.txt", "an image, but not named as one")),
    ],
)
def test_what_is_no_image_is_noted_with_the_reason(member: Member, skipped: Skipped) -> None:
    others = Others()
    assert not others.note(member)
    assert others == Others(others=[skipped])


def test_folders_are_noted_and_images_are_not() -> None:
    others = Others()
    assert not others.note(Member("A/", None))
    assert others.note(Member("A/x.png", PNG))
    assert others.note(Member("A/empty.png", b""))
    assert others == Others(folders=["A/"])


def members(count: int, bad: tuple[int, ...] = ()) -> list[Member]:
    """Images of 2×2 pixels that are their numbers, and some that are none."""
    return [
        Member(f"{i}.png", b"no" if i in bad else encoded(np.full((2, 2), i, np.uint8)))
        for i in range(count)
    ]


@pytest.mark.parametrize("most_images", [1, 3, 7, 100])
@pytest.mark.parametrize("decoders", [1, 3])
def test_images_come_in_the_order_of_the_members(
    monkeypatch: pytest.MonkeyPatch, most_images: int, decoders: int
) -> None:
    monkeypatch.setattr(module, "_CHUNK_IMAGES", most_images)
    source = members(40, bad=(0, 5, 6, 39))
    found = collect(source, 2, "grey", lambda *_: None, None, decoders=decoders)
    read = [i for i in range(40) if i not in (0, 5, 6, 39)]
    assert found.paths == [f"{i}.png" for i in read]
    images = found.images.taken(np.arange(len(read)))
    assert (images == np.array(read)[:, None, None, None]).all()
    assert [entry.path for entry in found.unreadable] == ["0.png", "5.png", "6.png", "39.png"]
    assert {entry.reason for entry in found.unreadable} == {
        "named as an image, but its content is none"
    }


def test_size_and_mode_are_as_asked() -> None:
    found = collect(members(2), 3, "rgb", lambda *_: None, 2, decoders=1)
    assert found.images.taken(np.arange(2)).shape == (2, 3, 3, 3)
    assert found.images.row_shape == (3, 3, 3)


def chunks(
    monkeypatch: pytest.MonkeyPatch, source: list[Member], size: int = 2
) -> list[tuple[int, int]]:
    """Of each chunk that is handed on, how many images it has, and how many bytes."""
    handed: list[tuple[int, int]] = []
    submit = module._Decoders.submit

    def noted(self: module._Decoders, chunk: list[Member], pixels: np.ndarray) -> object:
        handed.append((len(chunk), sum(len(member.content or b"") for member in chunk)))
        return submit(self, chunk, pixels)

    monkeypatch.setattr(module._Decoders, "submit", noted)
    collect(source, size, "grey", lambda *_: None, None, decoders=1)
    return handed


def test_a_chunk_is_bounded_in_images_in_bytes_read_and_in_bytes_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = [Member(f"{i}.png", bytes(10)) for i in range(10)]
    monkeypatch.setattr(module, "_CHUNK_IMAGES", 4)
    assert chunks(monkeypatch, source) == [(4, 40), (4, 40), (2, 20)]
    monkeypatch.setattr(module, "_CHUNK_BYTES", 30)
    assert chunks(monkeypatch, source) == [(3, 30), (3, 30), (3, 30), (1, 10)]
    monkeypatch.setattr(module, "_CHUNK_BYTES", 32)
    assert chunks(monkeypatch, source, size=4) == [(2, 20)] * 5
    assert chunks(monkeypatch, source, size=8) == [(1, 10)] * 10
    assert chunks(monkeypatch, []) == []


def test_no_more_chunks_wait_than_twice_the_decoders_and_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting, most = 0, 0
    submit, receive = module._Decoders.submit, module._Collector._receive

    def submitted(*arguments: object) -> object:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        return submit(*arguments)  # type: ignore[arg-type]

    def received(self: module._Collector) -> None:
        nonlocal waiting
        waiting -= 1
        receive(self)

    monkeypatch.setattr(module, "_CHUNK_IMAGES", 1)
    monkeypatch.setattr(module, "_CHUNKS_BEFORE_HELP", 10**6)
    monkeypatch.setattr(module._Decoders, "submit", submitted)
    monkeypatch.setattr(module._Collector, "_receive", received)
    collect(members(20), 2, "grey", lambda *_: None, None, decoders=2)
    assert (waiting, most) == (0, 5)


@pytest.mark.parametrize(("decoders", "started"), [(1, 0), (2, 2)])
@pytest.mark.parametrize("count", [4, 5])
def test_helpers_start_with_the_fifth_chunk_if_there_are_several_cores(
    monkeypatch: pytest.MonkeyPatch, decoders: int, started: int, count: int
) -> None:
    starts: list[object] = []

    def start(self: module.Helper) -> None:
        starts.append(self)

    monkeypatch.setattr(module.Helper, "start", start)
    monkeypatch.setattr(module, "_CHUNK_IMAGES", 1)
    collect(members(count), 2, "grey", lambda *_: None, None, decoders=decoders)
    assert len(set(map(id, starts))) == len(starts) == (started if count == 5 else 0)


def test_helpers_are_closed_even_if_a_source_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[object] = []

    def close(self: module.Helper) -> None:
        closed.append(self)

    monkeypatch.setattr(module.Helper, "close", close)

    def failing() -> object:
        yield from members(3)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        collect(failing(), 2, "grey", lambda *_: None, None, decoders=3)  # type: ignore[arg-type]
    assert len(closed) == 3


def test_progress_is_told_every_thousand_files_and_at_the_end() -> None:
    told: list[tuple[int, int | None]] = []
    source = [Member(f"{i}.txt", b"") for i in range(2_500)]
    for total in (None, 2_500):
        collect(source, 2, "grey", lambda *call: told.append(call), total, decoders=1)
    end = (2_500, 2_500)
    assert told == [(1_000, None), (2_000, None), end, (1_000, 2_500), (2_000, 2_500), end]


@pytest.mark.parametrize(("there", "used"), [(1, 1), (3, 3), (8, 8), (64, 8)])
def test_no_more_cores_are_used_than_one_reader_keeps_busy(
    monkeypatch: pytest.MonkeyPatch, there: int, used: int
) -> None:
    monkeypatch.setattr(module, "available_cores", lambda: there)
    assert cores() == used
