"""Rendered letters as shards: the same images as rendered plainly."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.letterforms import dejavu, make_family
from tests.data.sharding.reading import content, files, joined, shards

from glyphlab.data.render import render
from glyphlab.data.sharding import making
from glyphlab.data.sharding.making import open_workers
from glyphlab.data.sharding.rendering import render_sharded
from glyphlab.data.sharding.share import Made, make_shard
from glyphlab.data.sharding.wish import ShardWish
from glyphlab.data.survey import Survey, survey
from glyphlab.errors import InputError, Interrupted


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    folder = tmp_path_factory.mktemp("fonts")
    return survey([dejavu(folder, "Sans", "Sans-Bold", "Serif", "SansMono")], "ABЖ")


@pytest.fixture
def families(tmp_path: Path) -> Survey:
    for number in range(12):
        make_family(tmp_path / "fonts", chr(97 + number) * 3, "AB", seed=number, faces=2)
    return survey([tmp_path / "fonts"], "AB")


def sharded(fonts: Survey, out: Path, shard_size: int, jobs: int = 1, **options: Any) -> Path:
    with open_workers(jobs, "local") as place:
        wish = ShardWish("letters", shard_size)
        render_sharded(fonts, out, wish, place, refuse_taken=lambda: None, **options)
    return out


def test_images_are_those_rendered_plainly(fonts: Survey, tmp_path: Path) -> None:
    expected, _ = render(fonts, count=200)
    folder = sharded(fonts, tmp_path / "out", 60, count=200)
    index, opened = shards(folder)
    assert joined(folder) == content(expected)
    assert [info.n for info in index.shards] == [50] * 4
    assert (index.name, index.source) == ("letters", expected.source)
    assert index.classes == expected.classes
    assert tuple(index.skipped) == tuple(expected.skipped)
    assert {shard.name for shard in opened} == {"letters"}


def test_letters_and_faces_are_spread_over_the_shards(fonts: Survey, tmp_path: Path) -> None:
    index, opened = shards(sharded(fonts, tmp_path / "out", 300, count=1_200))
    for info, shard in zip(index.shards, opened, strict=True):
        assert info.class_counts == pytest.approx([100] * 3, abs=40)
        assert len({image_id.split("#")[0] for image_id in shard.ids}) == 12


def test_whole_families_are_held_out_in_a_part_of_their_own(
    families: Survey, tmp_path: Path
) -> None:
    expected = render(families, count=400, test_share=0.25)
    folder = sharded(families, tmp_path / "out", 60, count=400, test_share=0.25)
    assert expected.test is not None
    assert joined(folder / "train") == content(expected.train)
    assert joined(folder / "test") == content(expected.test)
    assert shards(folder / "test")[0].name == "letters:test"


def test_the_bytes_are_the_same_for_any_number_of_processes(fonts: Survey, tmp_path: Path) -> None:
    one, two = (sharded(fonts, tmp_path / str(n), 60, n, count=200) for n in (1, 2))
    assert files(one) == files(two)


def test_whole_shards_are_kept_and_the_rest_is_made(
    fonts: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = files(sharded(fonts, tmp_path / "whole", 20, count=200))
    made: list[str] = []

    def counted(*arguments: Any) -> Made:
        if len(made) == 4:
            raise KeyboardInterrupt
        made.append(arguments[1].file)
        return make_shard(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(making, "make_shard", counted)
        with pytest.raises(Interrupted, match="4 whole shards are kept"):
            sharded(fonts, tmp_path / "out", 20, count=200)
    before = {p.name: p.stat().st_mtime_ns for p in tmp_path.rglob(".out.shards/**/*.safetensors")}
    assert sorted(before) == sorted(made)
    folder = sharded(fonts, tmp_path / "out", 20, count=200)
    assert files(folder) == whole
    assert before.items() <= {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}.items()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "whole"]


def test_another_seed_makes_all_anew(fonts: Survey, tmp_path: Path) -> None:
    from glyphlab.data.render import Style

    one = sharded(fonts, tmp_path / "one", 60, count=100, style=Style(seed=1))
    two = sharded(fonts, tmp_path / "two", 60, count=100, style=Style(seed=2))
    assert joined(one).keys() != joined(two).keys() or joined(one) != joined(two)


def test_fonts_that_are_gone_are_one_sentence(families: Survey, tmp_path: Path) -> None:
    (tmp_path / "fonts").rename(tmp_path / "away")
    with pytest.raises(InputError, match=r"Can't draw from .*ttf on .*keep the fonts"):
        sharded(families, tmp_path / "out", 60, count=200)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["away"]


def test_a_letter_of_which_a_shard_has_none_is_no_harm(fonts: Survey, tmp_path: Path) -> None:
    index, _ = shards(sharded(fonts, tmp_path / "out", 1))
    assert [sum(info.class_counts) for info in index.shards] == [1] * 12
    assert np.array([info.class_counts for info in index.shards]).sum(axis=0).tolist() == [4] * 3
