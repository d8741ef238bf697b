"""The folder in which a sharded Dataset grows, and what is taken up of an earlier run."""

import json
from pathlib import Path

import pytest

from glyphlab.data.dataset import Skipped
from glyphlab.data.sharding.share import Made
from glyphlab.data.sharding.work import Work, open_work
from glyphlab.data.shards import ShardInfo
from glyphlab.errors import InputError, Interrupted

REQUEST = {"source": "a.zip", "size": 28}
ONE, OTHER = "1" * 64, "2" * 64
LEFT_OUT = (Skipped("A/1.png", "empty"),)
REPLACED = (Skipped("A/2.png", "replaced"), Skipped("ж\udcff", "replaced"))


def info(number: int, size: int = 5) -> ShardInfo:
    return ShardInfo(f"{number:05}.safetensors", 7, (3, 4), size, "ab" * 32)


def begun(tmp_path: Path, fingerprint: str = ONE) -> Work:
    work = Work(tmp_path / "x", "free some space")
    work.begin(REQUEST, fingerprint)
    return work


def make(work: Work, number: int, part: str = "data", content: bytes = b"shard") -> None:
    work.note(work.target_of(part, number), Made(info(number), LEFT_OUT, REPLACED, content))


def held(tmp_path: Path) -> list[str]:
    """The files below a folder."""
    files = (path for path in tmp_path.rglob("*") if path.is_file())
    return sorted(path.relative_to(tmp_path).as_posix() for path in files)


def test_it_lies_hidden_beside_its_place_with_plan_and_journal(tmp_path: Path) -> None:
    work = begun(tmp_path)
    assert work.folder == tmp_path / ".x.shards"
    assert work.made == work.folder / "made-111111111111"
    assert work.made.is_dir()
    assert held(tmp_path) == [".x.shards/journal.jsonl", ".x.shards/plan.json"]
    plan = json.loads((work.folder / "plan.json").read_text())
    assert plan == {"fingerprint": ONE, "request": REQUEST}


def test_a_shard_is_written_and_then_noted_with_what_was_left_out(tmp_path: Path) -> None:
    work = begun(tmp_path)
    make(work, 3)
    assert (work.made / "data" / "00003.safetensors").read_bytes() == b"shard"
    assert work.done == {("data", 3): Made(info(3), LEFT_OUT, REPLACED)}
    (line,) = (work.folder / "journal.jsonl").read_bytes().splitlines()
    noted = json.loads(line)
    assert noted[:2] == ["data", 3]
    assert noted[2] == info(3)._asdict() | {"class_counts": [3, 4]}
    assert noted[3:] == [[["A/1.png", "empty"]], [list(entry) for entry in REPLACED]]


def test_a_shard_without_images_is_noted_without_a_file(tmp_path: Path) -> None:
    work = begun(tmp_path)
    work.note(work.target_of("data", 0), Made(None, LEFT_OUT, ()))
    assert held(work.made) == []
    assert begun(tmp_path).done == {("data", 0): Made(None, list(LEFT_OUT), [])}


def test_what_the_same_plan_made_is_taken_up(tmp_path: Path) -> None:
    work = begun(tmp_path)
    make(work, 0, "train")
    make(work, 2, "test")
    again = begun(tmp_path)
    assert again.done == {
        ("train", 0): Made(info(0), list(LEFT_OUT), list(REPLACED)),
        ("test", 2): Made(info(2), list(LEFT_OUT), list(REPLACED)),
    }
    assert all(type(entry) is Skipped for made in again.done.values() for entry in made.replaced)
    assert isinstance(again.done["train", 0].info, ShardInfo)
    make(again, 3, "test")
    assert sorted(begun(tmp_path).done) == [("test", 2), ("test", 3), ("train", 0)]


def test_shards_of_another_size_and_files_that_nobody_noted_are_made_anew(tmp_path: Path) -> None:
    work = begun(tmp_path)
    for number in range(4):
        make(work, number)
    (work.made / "data" / "00000.safetensors").write_bytes(b"other size")
    (work.made / "data" / "00001.safetensors").unlink()
    (work.made / "data" / "00009.safetensors").write_bytes(b"shard")
    (work.made / "index.json").write_bytes(b"x")
    journal = work.folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-1])  # in the middle of the last line
    assert sorted(begun(tmp_path).done) == [("data", 2)]
    assert held(work.made) == ["data/00002.safetensors"]
    assert len(journal.read_bytes().splitlines()) == 1


def test_nothing_of_another_plan_is_taken_up(tmp_path: Path) -> None:
    make(begun(tmp_path), 0)
    other = begun(tmp_path, OTHER)
    assert other.done == {}
    assert [path.name for path in other.folder.glob("made-*")] == ["made-222222222222"]
    assert held(other.made) == []
    assert begun(tmp_path, ONE).done == {}


def test_without_a_plan_a_journal_counts_for_nothing(tmp_path: Path) -> None:
    make(begun(tmp_path), 0)
    (tmp_path / ".x.shards" / "plan.json").unlink()
    assert begun(tmp_path).done == {}
    make(begun(tmp_path), 0)
    (tmp_path / ".x.shards" / "journal.jsonl").unlink()
    work = begun(tmp_path)
    assert (work.done, held(work.made)) == ({}, [])


def test_the_target_of_a_shard_has_what_tells_whether_a_machine_sees_it(tmp_path: Path) -> None:
    target = begun(tmp_path).target_of("test", 7)
    assert (target.part, target.number, target.file) == ("test", 7, "00007.safetensors")
    assert target.folder == tmp_path / ".x.shards" / "made-111111111111" / "test"
    assert target.is_seen()
    target.token_file.write_text("{}")
    assert not target.is_seen()
    target.token_file.unlink()
    assert not target.is_seen()


def test_a_dataset_in_its_place_is_known_by_its_request(tmp_path: Path) -> None:
    work = begun(tmp_path)
    make(work, 0)
    assert not Work(work.target, "").is_finished(REQUEST)
    work.made.rename(work.target)
    assert Work(work.target, "").is_finished(REQUEST)
    assert not Work(work.target, "").is_finished(REQUEST | {"size": 32})
    work.made.mkdir()
    assert not Work(work.target, "").is_finished(REQUEST)
    work.made.rmdir()
    work.target.rename(tmp_path / "away")
    assert not Work(work.target, "").is_finished(REQUEST)
    assert not Work(tmp_path / "away", "").is_finished(REQUEST)


def test_a_dataset_takes_its_place_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "old").write_text("old")
    work = begun(tmp_path)
    make(work, 0)
    work.put_in_place()
    assert held(tmp_path) == ["x/data/00000.safetensors"]
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_work_that_fails_before_the_first_shard_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_work(tmp_path / "a" / "x", "wait") as work:
        assert work.is_ours
        work.begin(REQUEST, ONE)
        raise ZeroDivisionError
    assert list((tmp_path / "a").iterdir()) == []


def test_work_that_fails_later_or_did_not_begin_leaves_what_was_made(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_work(tmp_path / "x", "wait") as work:
        work.begin(REQUEST, ONE)
        make(work, 0)
        raise ZeroDivisionError
    whole = held(tmp_path)
    assert ".x.shards/made-111111111111/data/00000.safetensors" in whole
    with pytest.raises(ZeroDivisionError), open_work(tmp_path / "x", "wait") as work:
        assert not work.is_ours
        raise ZeroDivisionError
    assert held(tmp_path) == whole


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), Interrupted("Stopped.", Path("x"))])
def test_stopped_work_says_how_many_shards_there_are_and_how_to_go_on(
    tmp_path: Path, stop: BaseException
) -> None:
    with pytest.raises(Interrupted) as stopped, open_work(tmp_path / "x", "wait") as work:
        work.begin(REQUEST, ONE)
        make(work, 0)
        make(work, 1)
        raise stop
    assert str(stopped.value) == (
        f"Stopped; 2 whole shards are kept in {tmp_path / '.x.shards'}: the same command goes on "
        "from there, and to give it up, remove that folder."
    )
    assert stopped.value.path == tmp_path / ".x.shards"
    assert len(begun(tmp_path).done) == 2


def test_a_relative_place_is_where_it_was_when_the_work_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_work(Path("x"), "wait") as work:
        assert (work.target, work.advice) == (tmp_path / "x", "wait")


def test_what_is_at_work_already_is_waited_for(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with (
        open_work(tmp_path / "x", "wait"),
        pytest.raises(InputError, match=f"^Another process makes {tmp_path / 'x'} at this moment"),
        open_work(tmp_path / "x", "wait"),
    ):
        pass
    with open_work(tmp_path / "x", "wait"):
        pass


def test_a_replacement_that_was_killed_is_undone_first(tmp_path: Path) -> None:
    (tmp_path / ".x.old").mkdir()
    with open_work(tmp_path / "x", "wait"):
        assert (tmp_path / "x").is_dir()


def test_errors_of_the_system_become_a_sentence_with_the_advice(tmp_path: Path) -> None:
    with (
        pytest.raises(
            InputError, match=rf"^Can't write {tmp_path / 'x'}: No space left; tidy up\."
        ),
        open_work(tmp_path / "x", "tidy up"),
    ):
        raise OSError(28, "No space left")
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match=r"^Can't write .*file/x: Not a directory; tidy up\.$"),
        open_work(tmp_path / "file" / "x", "tidy up"),
    ):
        pass
    work = begun(tmp_path)
    make(work, 0)
    (work.folder / "journal.jsonl").unlink()
    (work.folder / "journal.jsonl").mkdir()
    with pytest.raises(InputError, match=rf"^Can't write {tmp_path / 'x'}: .*; free some space\.$"):
        make(work, 1)
