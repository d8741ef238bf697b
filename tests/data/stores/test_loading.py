"""`load` reads an address as it reads the local file."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.data.builders import class_files, idx, pixels, write_folder, write_tar, write_zip
from tests.data.server import Server, refusing, running_server
from tests.sharding import write_shards
from tests.toys import bars

import glyphlab
from glyphlab.data.dataset import Dataset
from glyphlab.data.formats import save_dataset
from glyphlab.data.stores import bring, loading
from glyphlab.errors import GlyphlabError, InputError
from glyphlab.progress import Progress

BOTH = {**class_files("train/"), **class_files("test/", each=2, first=50)}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with running_server() as running:
        yield running


def serve(server: Server, path: Path) -> str:
    server.files[path.name] = path.read_bytes()
    server.versions[path.name] = '"first"'
    return server.address(path.name)


def archives(folder: Path) -> list[Path]:
    arrays = {"images": np.stack([pixels(i) for i in range(6)]), "labels": [0, 1] * 3}
    np.savez(folder / "arrays.npz", **arrays)
    return [
        write_tar(folder / "letters.tar.gz", class_files()),
        write_zip(folder / "letters.zip", class_files()),
        folder / "arrays.npz",
    ]


def assert_same(one: Dataset, other: Dataset) -> None:
    np.testing.assert_array_equal(one.images, other.images)
    np.testing.assert_array_equal(one.labels, other.labels)
    assert list(one.ids) == list(other.ids)
    assert (one.name, list(one.classes)) == (other.name, list(other.classes))
    assert one.source_sha256 == other.source_sha256


def test_archives_are_read_as_local_ones(server: Server, tmp_path: Path) -> None:
    for path in archives(tmp_path):
        address = serve(server, path)
        loaded = glyphlab.load(address)
        assert_same(loaded, glyphlab.load(path))
        assert loaded.source == address


def test_what_gives_access_is_not_kept(server: Server, tmp_path: Path) -> None:
    address = serve(server, write_zip(tmp_path / "letters.zip", class_files()))
    loaded = glyphlab.load(address.replace("://", "://me:secret@") + "?token=secret")
    assert loaded.source == f"{address}?…"


def test_a_dataset_file_is_opened_as_it_was_saved(server: Server, tmp_path: Path) -> None:
    saved = glyphlab.load(write_zip(tmp_path / "letters.zip", class_files()))
    save_dataset(saved, tmp_path / "x.safetensors")
    loaded = glyphlab.load(serve(server, tmp_path / "x.safetensors"))
    assert_same(loaded, saved)
    assert loaded.source == saved.source


def test_one_part_can_be_named(server: Server, tmp_path: Path) -> None:
    address = serve(server, write_zip(tmp_path / "both.zip", BOTH))
    both = glyphlab.load(address)
    assert isinstance(both, glyphlab.TrainTest)
    assert_same(glyphlab.load(f"{address}:train"), both.train)
    assert_same(glyphlab.load(f"{address}:test"), both.test)
    assert both.test.source == address


def test_a_part_that_is_not_there_is_one_sentence(server: Server, tmp_path: Path) -> None:
    address = serve(server, write_zip(tmp_path / "letters.zip", class_files()))
    with pytest.raises(InputError, match=r"^http://.*/letters\.zip\?… has no part 'train'"):
        glyphlab.load(f"{address}?token=secret:train")


def test_progress_is_told_in_bytes_and_then_in_files(server: Server, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "letters.zip", class_files())
    said: list[tuple[int, int | None]] = []
    glyphlab.load(serve(server, path), progress=lambda done, total: said.append((done, total)))
    size = path.stat().st_size
    assert said[0] == (0, size)
    assert (size, size) in said
    assert said[-1][1] == 6


def test_a_file_that_is_none_of_ours_is_called_by_its_address(server: Server) -> None:
    server.files["x.zip"] = b"PK\x03\x04" + bytes(100)
    with pytest.raises(InputError) as caught:
        glyphlab.load(server.address("x.zip"))
    assert server.address("x.zip") in str(caught.value)
    assert "cache" not in str(caught.value)


def test_idx_files_are_refused_as_they_come_in_pairs(server: Server) -> None:
    server.files["train-images-idx3-ubyte"] = idx(np.stack([pixels()]))
    with pytest.raises(InputError, match="one of two IDX files"):
        glyphlab.load(server.address("train-images-idx3-ubyte"))
    assert server.asked == []


def test_a_file_needs_no_ending(server: Server, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "letters.zip", class_files())
    server.files["download"] = path.read_bytes()
    assert len(glyphlab.load(server.address("download?id=5"))) == 6


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The addresses of sharded Datasets that were opened."""
    dataset, addresses = glyphlab.load(write_folder(tmp_path / "x", class_files())), []

    def open_shards_at(address: str) -> Dataset:
        addresses.append(address)
        return dataset.renamed(address)

    monkeypatch.setattr(loading, "_open_shards", open_shards_at)
    return addresses


def test_a_folder_with_an_index_is_a_sharded_dataset(server: Server, opened: list[str]) -> None:
    server.files["letters/index.json"] = b"{}"
    address = server.address("letters?token=x")
    assert isinstance(glyphlab.load(address), Dataset)
    assert opened == [address]


def test_two_folders_with_one_are_two_parts(server: Server, opened: list[str]) -> None:
    # Of what is not there, stores that may not be listed say that it is forbidden.
    server.answers = [refusing(403)]
    server.files["x/train/index.json"] = server.files["x/test/index.json"] = b"{}"
    both = glyphlab.load(server.address("x/"))
    assert isinstance(both, glyphlab.TrainTest)
    assert opened == [server.address("x/train"), server.address("x/test")]
    assert glyphlab.load(server.address("x") + ":test").name == server.address("x/test")


def test_sharded_datasets_of_a_store_are_joined_by_their_indexes_and_trained_on(
    server: Server, tmp_path: Path
) -> None:
    wholes = [bars(70, seed=1).renamed("one"), bars(50, seed=2).renamed("other")]
    for whole in wholes:
        for file in write_shards(whole, tmp_path / whole.name, 30, mixed=False).iterdir():
            server.files[f"{whole.name}/{file.name}"] = file.read_bytes()
    joined = glyphlab.concatenate([glyphlab.load(server.address(each.name)) for each in wholes])
    assert {path.rpartition("/")[2] for path in server.asked} == {"index.json"}
    expected = glyphlab.concatenate(wholes)
    assert np.array_equal(np.asarray(joined.images), expected.images)
    assert list(joined.ids) == list(expected.ids)
    recipe = glyphlab.Recipe(epochs=1, batch_size=16, device="cpu")
    run = glyphlab.fit("logistic", joined, recipe, out=tmp_path / "run")
    assert run.info.n_train + run.info.n_validation == 120


def test_a_shard_that_the_store_lost_is_called_by_its_own_address(
    server: Server, tmp_path: Path
) -> None:
    for name in ("one", "other"):
        for file in write_shards(bars(50), tmp_path / name, 30).iterdir():
            server.files[f"{name}/{file.name}"] = file.read_bytes()
    joined = glyphlab.concatenate([glyphlab.load(server.address(n)) for n in ("one", "other")])
    del server.files["other/00001.safetensors"]
    with pytest.raises(GlyphlabError) as caught:
        _ = joined.images[90]
    assert server.address("other/00001.safetensors") in str(caught.value)


def test_a_folder_without_is_one_sentence(server: Server) -> None:
    with pytest.raises(InputError, match=r"/x/ holds no sharded Dataset .* no index\.json; check"):
        glyphlab.load(server.address("x/"))
    with pytest.raises(InputError, match=r"There is nothing at http://.*/x; check"):
        glyphlab.load(server.address("x"))


def test_addresses_of_this_machine_are_paths(tmp_path: Path, own_home: Path) -> None:
    folder = write_folder(tmp_path / "both of them", BOTH)
    path = write_zip(tmp_path / "x.zip", class_files())
    assert_same(glyphlab.load(path.as_uri()), glyphlab.load(path))
    assert_same(glyphlab.load(f"{folder.as_uri()}:test"), glyphlab.load(folder).test)
    with pytest.raises(InputError, match="There is no file, folder or stored Dataset"):
        glyphlab.load((tmp_path / "other").as_uri())
    assert not (own_home / "cache").exists()


def test_other_kinds_of_stores(tmp_path: Path) -> None:
    import fsspec

    path = write_zip(tmp_path / "letters.zip", class_files())
    store = fsspec.filesystem("memory")
    store.pipe_file("/bucket/letters.zip", path.read_bytes())
    try:
        assert_same(glyphlab.load("memory://bucket/letters.zip"), glyphlab.load(path))
    finally:
        store.rm("/bucket", recursive=True)


def test_what_was_brought_is_at_hand(server: Server, tmp_path: Path) -> None:
    bars: list[tuple[str, str]] = []
    said: list[int] = []

    class Bar:
        def __init__(self, description: str, unit: str) -> None:
            bars.append((description, unit))

        def __enter__(self) -> Progress:
            return lambda done, total: said.append(done)

        def __exit__(self, *_: object) -> None:
            return

    path = write_zip(tmp_path / "both.zip", BOTH)
    address = serve(server, path)
    bring(f"{address}:train", Bar)
    assert bars == [("Fetching both.zip", "bytes")]
    assert said[-1] == path.stat().st_size
    later: list[tuple[int, int | None]] = []
    glyphlab.load(address, progress=lambda done, total: later.append((done, total)))
    assert {total for _, total in later} == {10}
    for other in ("glyphs", str(path), path.as_uri()):
        bring(other, Bar)
    assert len(bars) == 1


def test_columns_are_for_tables(server: Server) -> None:
    with pytest.raises(InputError, match=r"not for http://[^@]*/x\.zip\?…; leave"):
        glyphlab.load(server.address("x.zip?token=secret"), image_column="image")


def test_a_dataset_stays_readable_when_its_file_leaves_the_cache(
    server: Server, tmp_path: Path, own_home: Path
) -> None:
    saved = glyphlab.load(write_zip(tmp_path / "letters.zip", class_files()))
    save_dataset(saved, tmp_path / "x.safetensors")
    loaded = glyphlab.load(serve(server, tmp_path / "x.safetensors"))
    shutil.rmtree(own_home / "cache")
    assert_same(loaded, saved)
