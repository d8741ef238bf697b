"""The built-in images: enough of them, families apart, unpacked once and checked."""

import os
import tempfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from glyphlab.data import glyphs
from glyphlab.data.assemble import TrainTest
from glyphlab.data.glyphs import cache_folder, load_glyphs
from glyphlab.errors import GlyphlabError, InputError

LETTERS = tuple("ABCDEFGHIJ")


@pytest.fixture(scope="module")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> TrainTest:
    """The built-in images, unpacked once for all tests that only look at them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLYPHLAB_HOME", str(tmp_path_factory.mktemp("home")))
        return load_glyphs()


def test_there_are_enough_images_of_each_letter(built_in: TrainTest) -> None:
    train, test = built_in
    for part, least in ((train, 20_000), (test, 4_000)):
        assert part.name == "glyphs"
        assert part.classes == LETTERS
        assert part.image_shape == (28, 28, 1)
        assert len(part) >= least
        assert part.class_counts.min() == part.class_counts.max()
        assert [identity[0] for identity in part.ids] == [LETTERS[i] for i in part.labels]


def test_no_font_file_and_no_image_is_on_both_sides(built_in: TrainTest) -> None:
    fonts, images = [], []
    for part in built_in:
        fonts.append({identity.split("/", 1)[1].split("#")[0] for identity in part.ids})
        distinct = part.images[part.labels != LETTERS.index("I")]
        images.append({image.tobytes() for image in distinct})
    assert len(fonts[0]) > 1_000
    assert not fonts[0] & fonts[1]
    assert len(images[0] & images[1]) < 10


def test_letters_are_white_on_black_and_fill_the_square_as_notmnists_do(
    built_in: TrainTest,
) -> None:
    train, _ = built_in
    ink = train.images[:, :, :, 0] > 40
    assert (ink.any(1).sum(1) >= 27).mean() > 0.9
    assert (ink.any(2).sum(1) >= 27).mean() > 0.9
    assert 0.35 < train.images.mean() / 255 < 0.45
    assert (train.images == 0).mean() > 0.4


def test_an_i_without_serifs_is_a_white_square(built_in: TrainTest) -> None:
    train, _ = built_in
    whole = train.images.min(axis=(1, 2, 3)) > 200
    assert set(train.labels[whole].tolist()) == {LETTERS.index("I")}


def test_the_wheel_carries_at_most_8_megabytes() -> None:
    folder = files("glyphlab.data") / "builtin"
    assert sum(len(entry.read_bytes()) for entry in folder.iterdir()) <= 8_000_000


def test_files_are_unpacked_once_below_the_home() -> None:
    load_glyphs()
    unpacked = sorted(cache_folder().rglob("*.safetensors"))
    times = [path.stat().st_mtime_ns for path in unpacked]
    load_glyphs()
    assert {path.name for path in unpacked} == {"glyphs-test.safetensors", "glyphs.safetensors"}
    assert [path.stat().st_mtime_ns for path in unpacked] == times


def test_without_a_place_to_keep_them_they_are_unpacked_for_this_process(
    built_in: TrainTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GLYPHLAB_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", os.devnull)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    train, test = load_glyphs()
    assert train.fingerprint == built_in.train.fingerprint
    assert test.fingerprint == built_in.test.fingerprint
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_is_named_and_can_not_be_written_to_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GLYPHLAB_HOME", os.devnull)
    with pytest.raises(InputError, match="Can't write"):
        load_glyphs()


def test_a_damaged_copy_in_the_cache_is_replaced() -> None:
    first, _ = load_glyphs()
    image = np.array(first.images[0])
    (path,) = cache_folder().rglob("glyphs.safetensors")
    path.unlink()
    path.write_bytes(b"damaged")
    again, _ = load_glyphs()
    assert (again.images[0] == image).all()


def test_a_damaged_installation_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "builtin").mkdir()
    packed = files("glyphlab.data") / "builtin"
    (tmp_path / "builtin" / "SHA256SUMS").write_text((packed / "SHA256SUMS").read_text())
    (tmp_path / "builtin" / "glyphs.safetensors.xz").write_bytes(b"\xfd7zXZ\0broken")
    monkeypatch.setattr(glyphs, "files", lambda _: tmp_path)
    with pytest.raises(GlyphlabError, match="damaged; reinstall glyphlab"):
        load_glyphs()
    assert not list(cache_folder().rglob("*"))


def test_without_a_home_the_users_cache_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLYPHLAB_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder().name == "glyphlab"
