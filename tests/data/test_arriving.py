"""What has arrived of a file goes on after a loss of power."""

from pathlib import Path

import pytest

from glyphlab.data import arriving
from glyphlab.data.arriving import Arriving


@pytest.fixture
def part(tmp_path: Path) -> Arriving:
    return Arriving(tmp_path / "file.gz")


def leave(part: Arriving, content: bytes) -> None:
    with part.written(0) as write:
        write(content)


def taken_up(part: Arriving) -> bytes:
    """What the next process goes on from."""
    again = Arriving(part.target)
    again.take_up()
    return again.path.read_bytes() if again.path.exists() else b""


def test_what_was_written_to_its_end_is_gone_on_from(part: Arriving) -> None:
    leave(part, b"some")
    assert taken_up(part) == b"some"
    with part.written(4) as write:
        write(b" more")
    assert taken_up(part) == b"some more"
    assert part.size == 9


def test_an_error_in_the_midst_loses_nothing(part: Arriving) -> None:
    with pytest.raises(KeyboardInterrupt), part.written(0) as write:
        write(b"some")
        raise KeyboardInterrupt
    assert taken_up(part) == b"some"


def test_bytes_that_were_not_brought_to_the_disk_are_not_gone_on_from(part: Arriving) -> None:
    leave(part, b"some")
    part.path.write_bytes(b"some\0\0\0\0")
    assert taken_up(part) == b"some"


def test_of_what_is_being_written_it_is_noted_now_and_then_how_much_is_safe(
    part: Arriving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "SECONDS_BETWEEN_NOTES", 0.0)
    with part.written(0) as write:
        write(b"some")
        assert taken_up(part) == b"some"
        write(b" more")
        assert taken_up(part) == b"some more"


@pytest.mark.parametrize("note", [None, b"", b"\0\0", b"-1", b"four"])
def test_without_a_note_that_can_be_read_it_begins_anew(part: Arriving, note: bytes | None) -> None:
    leave(part, b"some")
    file = part.path.with_name("file.gz.part.safe")
    if note is None:
        file.unlink()
    else:
        file.write_bytes(note)
    assert taken_up(part) == b""
    assert list(part.path.parent.iterdir()) == []


def test_a_file_that_is_shorter_than_was_noted_goes_on_from_its_end(part: Arriving) -> None:
    leave(part, b"some")
    part.path.write_bytes(b"so")
    assert taken_up(part) == b"so"


def test_a_beginning_anew_takes_nothing_of_before(part: Arriving) -> None:
    leave(part, b"some")
    leave(part, b"x")
    assert taken_up(part) == b"x"


def test_what_is_whole_gets_its_name_and_leaves_nothing(part: Arriving) -> None:
    leave(part, b"all")
    part.put_in_place()
    assert part.target.read_bytes() == b"all"
    assert list(part.target.parent.iterdir()) == [part.target]
