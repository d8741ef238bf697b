"""Shards are made by the nodes of a real cluster of Ray, whether they see our folders or not."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.command import status
from tests.data.builders import class_files, write_folder, write_tar
from tests.data.letterforms import dejavu
from tests.data.sharding.reading import files

from glyphlab.data import catalog
from glyphlab.data.sharding import making
from glyphlab.data.sharding.share import Made, Share, Target, make_shard

CONTENT = class_files(each=40) | {"A/bad.png": b""}


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """One node of two cores, which `--on ray` finds as this process is connected to it."""
    ray = pytest.importorskip("ray")
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # Ray's sockets need a short path
    before = dict(os.environ)
    os.environ |= {"RAY_TMPDIR": folder, "RAY_USAGE_STATS_ENABLED": "0"}
    ray.init(
        address="local",
        num_cpus=2,
        object_store_memory=100_000_000,
        include_dashboard=False,
        log_to_driver=False,
    )
    yield
    ray.shutdown()
    os.environ.clear()
    os.environ.update(before)
    shutil.rmtree(folder, ignore_errors=True)


def made_elsewhere(share: Share, target: Target, report: Any) -> Made:
    """As `make_shard` on a node that does not see our folders."""
    unseen = Target(
        Path("/nowhere/of/ours"), target.part, target.number, target.token, Path("/nowhere/plan")
    )
    made = make_shard(share, unseen, report)
    assert made.content is not None
    return made


@pytest.mark.parametrize("kind", ["letters", "letters.tar.gz"])
def test_nodes_that_see_our_folders_write_the_same_shards(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "letters", CONTENT)
    write_tar(tmp_path / "letters.tar.gz", CONTENT)
    assert status("data", "add", kind, "--shard-size", "20", "--jobs", "1") == 0
    here = files(catalog.stored("letters")["data"])
    words = ("--shard-size", "20", "--on", "ray", "--force")
    assert status("data", "add", kind, *words) == 0
    assert files(catalog.stored("letters")["data"]) == here


def test_nodes_that_do_not_see_our_folders_send_the_same_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_folder(tmp_path / "letters", CONTENT)
    catalog.add_sharded(source, shard_size=20, jobs=1)
    here = files(catalog.stored("letters")["data"])
    monkeypatch.setattr(making, "make_shard", made_elsewhere)
    catalog.add_sharded(source, shard_size=20, on="ray", force=True)
    assert files(catalog.stored("letters")["data"]) == here


def test_letters_are_rendered_by_nodes(tmp_path: Path) -> None:
    fonts = dejavu(tmp_path / "fonts", "Sans", "Serif")
    words = ["data", "render", "--fonts", str(fonts), "--letters", "AB", "--count", "60"]
    words += ["--shard-size", "20", "--name", "x"]
    assert status(*words, "--out", str(tmp_path / "here"), "--jobs", "1") == 0
    assert status(*words, "--out", str(tmp_path / "there"), "--on", "ray") == 0
    assert files(tmp_path / "there") == files(tmp_path / "here")


def test_a_source_that_no_node_sees_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_folder(tmp_path / "letters", CONTENT)
    begun = making.make_shards

    def moved(*arguments: Any) -> None:
        source.rename(tmp_path / "away")
        begun(*arguments)

    monkeypatch.setattr("glyphlab.data.sharding.files.make_shards", moved)
    assert status("data", "add", str(source), "--shard-size", "20", "--on", "ray") == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith(f"There is no {source} on ")
    assert catalog.names() == []
