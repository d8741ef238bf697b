"""Images are added as shards: the same as added plainly, whatever the source and the workers."""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.builders import (
    Files,
    class_files,
    encoded,
    idx,
    pixels,
    write_folder,
    write_tar,
    write_zip,
)
from tests.data.sharding.reading import content, files, joined, shards

from glyphlab.data import catalog
from glyphlab.data.assemble import TrainTest
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.sharding import making, work
from glyphlab.data.sharding.share import Made, make_shard
from glyphlab.errors import InputError, Interrupted
from glyphlab.places.local import Local
from glyphlab.places.place import Task
from glyphlab.progress import Progress

UNCLEAN: Files = {
    **class_files("set/", "ABC", each=30),
    "set/A/bad.png": b"",
    "set/B/notes.txt": b"none",
    "set/B/hidden.txt": encoded(pixels()),
    "set/.DS_Store": b"x",
    "set/A/.thumbs/1.png": encoded(pixels()),
    "set/loose.png": encoded(pixels(5)),
    "set/A/small.png": encoded(pixels(7, 9, 12)),
    "set/A/ж \N{SNOWMAN}.png": encoded(pixels(8)),
}
WRITERS: dict[str, Callable[[Path, Files], Path]] = {
    "folder": write_folder,
    "tar.gz": write_tar,
    "tar": lambda path, files: write_tar(path, files, "w"),
    "pax.tar": lambda path, files: write_tar(path, files, "w", tarfile.PAX_FORMAT),
    "zip": write_zip,
    "stored.zip": lambda path, files: write_zip(path, files, zipfile.ZIP_STORED),
}


def write(kind: str, folder: Path, files: Files) -> Path:
    return WRITERS[kind](folder / f"source.{kind}", files)


def plain(source: Path, **options: object) -> Dataset:
    catalog.add(source, "plain", force=True, **options)  # type: ignore[arg-type]
    opened = catalog.open_stored("plain")
    assert isinstance(opened, Dataset)
    return opened


def add(source: Path | str, shard_size: int, name: str = "x", **options: object) -> Path:
    """The folder of the name."""
    options = {"jobs": 1, **options}
    stored = catalog.add_sharded(source, name, shard_size=shard_size, **options)  # type: ignore[arg-type]
    return next(iter(stored.parts.values())).parent


@pytest.mark.parametrize("kind", WRITERS)
def test_images_labels_and_skipped_files_are_those_of_a_plain_add(
    tmp_path: Path, kind: str
) -> None:
    source = write(kind, tmp_path, UNCLEAN)
    expected = plain(source)
    index, opened = shards(add(source, 40) / "data")
    assert [info.n for info in index.shards] == [31, 30, 31]  # the unreadable one was in the second
    assert joined(catalog.stored("x")["data"]) == content(expected)
    assert tuple(index.skipped) == expected.skipped
    assert index.source_sha256 == expected.source_sha256
    assert index.source == expected.source == str(source)
    assert index.name == "x"
    assert {shard.name for shard in opened} == {"x"}
    assert index.classes == expected.classes


@pytest.mark.parametrize("kind", ["folder", "tar.gz", "zip"])
def test_training_and_test_images_are_sharded_each_on_their_own(tmp_path: Path, kind: str) -> None:
    parts = class_files("d/train/", "AB", each=20) | class_files("d/test/", "AB", each=7, first=500)
    source = write(kind, tmp_path, parts | {"d/test/A/bad.png": b"no"})
    catalog.add(source, "plain")
    expected = catalog.open_stored("plain")
    folder = add(source, 15)
    assert isinstance(expected, TrainTest)
    assert sorted(catalog.stored("x")) == ["test", "train"]
    for part, dataset in expected._asdict().items():
        assert joined(folder / part) == content(dataset)
        assert shards(folder / part)[0].name == f"x:{part}"
        assert tuple(shards(folder / part)[0].skipped) == dataset.skipped
    opened = catalog.open_stored("x")
    assert isinstance(opened, TrainTest)
    assert (len(opened.train), len(opened.test)) == (40, 14)


def test_the_bytes_are_the_same_for_any_number_of_processes_and_any_order_on_disk(
    tmp_path: Path,
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    one, two = (files(add(source, 20, jobs=jobs, force=True)) for jobs in (1, 2))
    assert one == two
    backwards = dict(reversed(UNCLEAN.items()))
    for path in sorted(source.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    write_folder(source, backwards)
    assert files(add(source, 20, force=True)) == one


def test_a_shard_is_in_the_order_of_the_hashes_of_its_ids(tmp_path: Path) -> None:
    folder = add(write("folder", tmp_path, UNCLEAN), 40) / "data"
    ids = [image_id for shard in shards(folder)[1] for image_id in shard.ids]
    hashes = [hashlib.blake2b(i.encode(), digest_size=16).digest() for i in ids]
    assert hashes == sorted(hashes)
    assert ids != sorted(ids)


def test_a_class_may_be_absent_from_a_shard(tmp_path: Path) -> None:
    source = write_folder(
        tmp_path / "rare", class_files("", "A", each=30) | class_files("", "AB", 1)
    )
    index, opened = shards(add(source, 10) / "data")
    assert sorted(info.class_counts[1] for info in index.shards) == [0, 0, 0, 1]
    assert {shard.classes for shard in opened} == {("A", "B")}


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_a_path_that_stands_twice_the_last_readable_one_counts(
    tmp_path: Path, kind: str
) -> None:
    names = [*class_files(each=12).items(), ("A/0.png", encoded(pixels(77))), ("B/0.png", b"no")]
    source = tmp_path / f"twice.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(source, "w") as archive:
            for name, data in names:
                archive.writestr(name, data)
    else:
        with tarfile.open(source, "w:gz" if kind == "tar.gz" else "w") as tar:
            for name, data in names:
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
    expected = plain(source)
    for size in (1, 2, 5, 100):
        folder = add(source, size, force=True) / "data"
        assert joined(folder) == content(expected)
        assert tuple(shards(folder)[0].skipped) == expected.skipped


def test_a_shard_without_readable_images_is_left_out(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "s", class_files(each=20) | {"A/bad.png": b"no"})
    index, _ = shards(add(source, 1) / "data")
    assert len(index.shards) == 40
    assert index.skipped == (Skipped("A/bad.png", "named as an image, but its content is none"),)


def test_a_reduced_size_and_colours_are_taken(tmp_path: Path) -> None:
    source = write("tar.gz", tmp_path, UNCLEAN)
    expected = plain(source, size=12, mode="rgb")
    assert joined(add(source, 30, size=12, mode="rgb") / "data") == content(expected)


# Sources that are no image files


def test_arrays_are_sharded(tmp_path: Path) -> None:
    for part, count in (("train", 25), ("t10k", 9)):
        images = np.random.default_rng(count).integers(0, 255, (count, 28, 28))
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.arange(count) % 3))
    catalog.add(tmp_path, "plain")
    expected = catalog.open_stored("plain")
    folder = add(tmp_path, 10)
    assert isinstance(expected, TrainTest)
    for part, dataset in expected._asdict().items():
        assert joined(folder / part) == content(dataset)


def test_stored_and_sharded_datasets_are_sharded_anew(tmp_path: Path) -> None:
    expected = content(plain(write("folder", tmp_path, UNCLEAN)))
    assert joined(add("plain", 50, "a") / "data") == expected
    assert joined(add("a", 9, "b") / "data") == expected
    again = add(catalog.stored("b")["data"], 50, "c")
    index, _ = shards(again / "data")
    assert joined(again / "data") == expected
    assert [info.sha256 for info in shards(catalog.stored("a")["data"])[0].shards] != []
    assert len(index.skipped) == len(shards(catalog.stored("a")["data"])[0].skipped)


# What is refused


def test_a_taken_name_is_kept_unless_forced(tmp_path: Path, own_home: Path) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    add(source, 40)
    before = files(own_home)
    with pytest.raises(InputError, match="already a Dataset 'x'"):
        add(source, 20)
    assert files(own_home) == before
    catalog.keep(plain(source), "x", force=True)
    add(source, 20, force=True)
    assert sorted(path.name for path in (own_home / "datasets").iterdir()) == ["plain", "x"]
    assert catalog.stored("x")["data"].is_dir()


def test_too_much_that_is_unreadable_is_refused_and_leaves_nothing(
    tmp_path: Path, own_home: Path
) -> None:
    bad = {f"A/bad{i}.png": b"no" for i in range(5)}
    source = write_folder(tmp_path / "s", class_files(each=40) | bad)
    with pytest.raises(InputError, match=r"of 85 image files are unreadable.*--allow-unreadable"):
        add(source, 10)
    assert list((own_home / "datasets").iterdir()) == []
    folder = add(source, 10, allow_unreadable=True)
    assert len(joined(folder / "data")) == 80


def test_a_class_of_which_nothing_can_be_read_is_refused(tmp_path: Path, own_home: Path) -> None:
    source = write_folder(tmp_path / "s", class_files(each=40) | {"C/bad.png": b"no"})
    with pytest.raises(InputError, match="class folder 'C' holds no readable image"):
        add(source, 10)
    assert list((own_home / "datasets").iterdir()) == []


def test_dangerous_archives_are_refused(tmp_path: Path) -> None:
    sources = [
        write_tar(tmp_path / "up.tar", {"../A/1.png": b""}, "w"),
        write_tar(tmp_path / "up.tgz", {"../A/1.png": b""}),
        write_zip(tmp_path / "up.zip", {"../A/1.png": b""}),
    ]
    linked = tmp_path / "link.tar.gz"
    with tarfile.open(linked, "w:gz") as archive:
        link = tarfile.TarInfo("A/1.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    bomb = write_tar(tmp_path / "bomb.tar.gz", {f"A/{i}.png": bytes(1 << 24) for i in range(6)})
    for source in [*sources, linked, bomb]:
        with pytest.raises(InputError) as refused:
            add(source, 10)
        with pytest.raises(InputError) as refused_plainly:
            catalog.add(source, "y")
        assert str(refused.value) == str(refused_plainly.value)


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
def test_an_archive_that_is_cut_off_is_refused_as_by_a_plain_add(
    tmp_path: Path, kind: str, own_home: Path
) -> None:
    source = write(kind, tmp_path, UNCLEAN)
    source.write_bytes(source.read_bytes()[: len(source.read_bytes()) // 2])
    with pytest.raises(InputError) as refused:
        add(source, 10)
    with pytest.raises(InputError) as refused_plainly:
        catalog.add(source, "y")
    assert str(refused.value) == str(refused_plainly.value)
    assert list((own_home / "datasets").iterdir()) == []


def test_places_without_images_are_refused_as_by_a_plain_add(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("none")
    write_folder(tmp_path / "one", class_files(classes="A"))
    for name in ("empty", "text", "one", "nowhere"):
        with pytest.raises(InputError) as refused:
            add(tmp_path / name, 10)
        with pytest.raises(InputError) as refused_plainly:
            catalog.add(tmp_path / name, "y")
        assert str(refused.value) == str(refused_plainly.value)


def test_a_disk_that_cannot_hold_the_shards_is_told_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    free = type("Usage", (), {"free": 1_000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: free)
    with pytest.raises(InputError, match=r"take about 0.0 GB more, and the disk .* GLYPHLAB_HOME"):
        add(source, 10)
    with pytest.raises(InputError, match=r"is unpacked in .*, whose disk is full"):
        add(write("tar.gz", tmp_path, UNCLEAN), 10)


def test_a_name_is_made_by_one_process_at_a_time(tmp_path: Path, own_home: Path) -> None:
    pytest.importorskip("fcntl")
    source = write("folder", tmp_path, UNCLEAN)
    with (
        work.open_work(own_home / "datasets" / "x", "wait"),
        pytest.raises(InputError, match=r"Another process makes .*x at this moment"),
    ):
        add(source, 10)
    add(source, 10)


# What is taken up


class Stopped:
    """A place that is stopped after some tasks."""

    at_once, is_here = 1, True

    def __init__(self, after: int) -> None:
        self.left = after
        self.put, self.calling = Local().put, Local().calling

    def run(self, tasks: Iterable[Task[Made]]) -> Iterator[tuple[Task[Made], Made]]:
        for task in tasks:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            yield task, task.function(*task.arguments)


def stop(monkeypatch: pytest.MonkeyPatch, source: Path, size: int, after: int) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(making, "Local", lambda: Stopped(after))
        with pytest.raises(Interrupted, match=f"{after} whole shards are kept .* same command"):
            add(source, size)


def hidden(own_home: Path) -> Path:
    return own_home / "datasets" / ".x.shards"


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*.safetensors")}


@pytest.mark.parametrize("kind", ["folder", "tar", "tar.gz", "zip"])
def test_whole_shards_are_kept_and_the_rest_is_made(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    source = write(kind, tmp_path, UNCLEAN)
    whole = files(add(source, 10, force=True))
    (own_home / "datasets" / "x").rename(tmp_path / "whole")
    stop(monkeypatch, source, 10, after=4)
    assert catalog.names() == []
    before = times(hidden(own_home))
    assert len(before) == 4
    folder = add(source, 10)
    assert files(folder) == whole
    assert before.items() <= times(folder).items()
    assert [path.name for path in (own_home / "datasets").iterdir()] == ["x"]


def test_a_journal_cut_off_and_files_half_written_are_no_harm(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    stop(monkeypatch, source, 10, after=4)
    journal = hidden(own_home) / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    [data] = hidden(own_home).glob("made-*/data")
    (data / "00001.safetensors").write_bytes(b"short")
    (data / ".00005.safetensors.77.part").write_bytes(b"half")
    monkeypatch.setattr(making, "make_shard", counted := Counted())
    folder = add(source, 10)
    assert counted.made == 10 - 2
    assert content(plain(source)) == joined(folder / "data")


@pytest.mark.parametrize(("file", "kept"), [("journal.jsonl", 2), ("plan.json", 0)])
def test_a_file_that_lost_its_bytes_with_the_power_costs_shards_but_not_the_dataset(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, file: str, kept: int
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    stop(monkeypatch, source, 10, after=4)
    damaged = hidden(own_home) / file
    lines = damaged.read_bytes().splitlines(keepends=True)
    lines[kept:] = [bytes(len(line) - 1) + b"\n" for line in lines[kept:]]
    damaged.write_bytes(b"".join(lines))
    monkeypatch.setattr(making, "make_shard", counted := Counted())
    folder = add(source, 10)
    assert counted.made == 10 - kept
    assert content(plain(source)) == joined(folder / "data")


class Counted:
    """Counts the shards that are made."""

    made = 0

    def __call__(self, *arguments: Any) -> Made:
        self.made += 1
        return make_shard(*arguments)


@pytest.mark.parametrize("what", ["size", "file"])
def test_shards_of_another_plan_are_not_taken_up(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    stop(monkeypatch, source, 10, after=4)
    if what == "file":
        (source / "set" / "A" / "bad.png").write_bytes(encoded(pixels(3)))
    monkeypatch.setattr(making, "make_shard", counted := Counted())
    folder = add(source, 10 if what == "file" else 12)
    assert counted.made == (10 if what == "file" else 8)
    assert joined(folder / "data") == content(plain(source))


def test_what_was_unpacked_is_not_unpacked_again(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write("tar.gz", tmp_path, UNCLEAN)
    stop(monkeypatch, source, 10, after=0)
    unpacked = "glyphlab.data.sharding.unpacking._unpack"
    with monkeypatch.context() as patched:
        patched.setattr(unpacked, lambda *_: pytest.fail("unpacked again"))
        stop(monkeypatch, source, 10, after=1)
    write("tar.gz", tmp_path, UNCLEAN | {"set/B/new.png": encoded(pixels(9))})
    assert len(joined(add(source, 10) / "data")) == 93


def test_a_run_killed_after_its_dataset_took_its_place_is_done(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    with monkeypatch.context() as patched:
        patched.setattr(work.Work, "discard", lambda self: None)
        whole = files(add(source, 10))
    assert hidden(own_home).is_dir()
    assert files(add(source, 10)) == whole
    assert not hidden(own_home).exists()
    with pytest.raises(InputError, match="already a Dataset"):
        add(source, 10)


def test_a_mistyped_path_does_not_cost_what_was_made(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    stop(monkeypatch, source, 10, after=4)
    with pytest.raises(InputError, match="There is no file, folder"):
        add(tmp_path / "nowhere", 10)
    monkeypatch.setattr(making, "make_shard", counted := Counted())
    add(source, 10)
    assert counted.made == 6


def test_progress_is_of_all_images_and_counts_those_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    stop(monkeypatch, source, 10, after=4)
    told: dict[str, list[tuple[int, int | None]]] = {}

    def bar(description: str, unit: str) -> AbstractContextManager[Progress]:
        lines = told.setdefault(f"{description} ({unit})", [])
        return nullcontext(lambda done, total: lines.append((done, total)))

    add(source, 10, jobs=2, bar=bar)
    lines = told["Making shards of x (images)"]
    assert lines[0][0] in range(36, 41)
    assert lines[-1] == (93, 93)
    assert [done for done, _ in lines] == sorted(done for done, _ in lines)


# Machines that share no files


def test_a_machine_that_does_not_see_the_folder_sends_the_shard(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write("folder", tmp_path, UNCLEAN)
    whole = files(add(source, 10))
    monkeypatch.setattr("glyphlab.data.sharding.share.Target.is_seen", lambda self: False)
    sent: list[int] = []

    def sending(*arguments: Any) -> Made:
        made = make_shard(*arguments)
        sent.append(len(made.content or b""))
        return made

    monkeypatch.setattr(making, "make_shard", sending)
    assert files(add(source, 10, force=True)) == whole
    assert min(sent) > 5 * 784


@pytest.mark.parametrize("kind", ["folder", "tar", "zip"])
def test_a_machine_that_does_not_see_the_source_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    source = write(kind, tmp_path, UNCLEAN)

    def elsewhere(*arguments: Any) -> Made:
        source.rename(tmp_path / "away")
        return make_shard(*arguments)

    monkeypatch.setattr(making, "make_shard", elsewhere)
    with pytest.raises(InputError, match=r"There is no .*source.* on .*keep the images"):
        add(source, 10)


def test_an_archive_that_changes_meanwhile_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write("tar", tmp_path, UNCLEAN)

    def changed(*arguments: Any) -> Made:
        source.write_bytes(source.read_bytes() + bytes(512))
        return make_shard(*arguments)

    monkeypatch.setattr(making, "make_shard", changed)
    with pytest.raises(InputError, match="has changed while it was read"):
        add(source, 10)


def test_the_index_holds_what_json_can_and_no_absolute_path_of_the_work(tmp_path: Path) -> None:
    folder = add(write("folder", tmp_path, UNCLEAN), 40) / "data"
    assert ".x.shards" not in json.dumps(json.loads((folder / "index.json").read_text()))
