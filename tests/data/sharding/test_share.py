"""The images of one shard, copied out of an open Dataset, and what becomes of them."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from tests.toys import bars

from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.formats import open_file
from glyphlab.data.sharding.share import Images, RowsShare, Target, make_shard, shard_name
from glyphlab.progress import Progress


def target(folder: Path, token: str = "token") -> Target:
    return Target(folder, "train", 12, token, folder / "token")


class Given:
    """A share whose images are there already."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def images(self, progress: Progress) -> Images:
        progress(3, 5)
        return Images(self.dataset, [Skipped("a", "bad")], [Skipped("b", "replaced")])


def test_shards_are_named_by_five_digits_or_more() -> None:
    assert [shard_name(number) for number in (0, 12, 99_999, 100_000)] == [
        *("00000.safetensors", "00012.safetensors", "99999.safetensors", "100000.safetensors")
    ]


def test_rows_are_copied_in_the_order_asked_for() -> None:
    whole = bars(20)
    rows = np.array([7, 3, 19, 0, 8])
    told: list[tuple[int, int | None]] = []
    found = RowsShare(whole, rows, "new").images(lambda *call: told.append(call))
    assert found[1:] == ([], [])
    assert np.array_equal(found.dataset.images, whole.images[rows])
    assert found.dataset.labels.tolist() == whole.labels[rows].tolist()
    assert list(found.dataset.ids) == [whole.ids[row] for row in rows]
    assert (found.dataset.name, found.dataset.source) == ("new", "bars")
    assert found.dataset.classes == whole.classes
    assert told == [(5, 5)]


@pytest.mark.parametrize("seen", [True, False])
def test_a_shard_is_written_where_its_folder_is_seen_and_sent_elsewhere(
    tmp_path: Path, seen: bool
) -> None:
    (tmp_path / "token").write_text("a token" if seen else "another")
    told: list[tuple[tuple[str, int], int]] = []
    made = make_shard(Given(bars(9)), target(tmp_path), lambda *call: told.append(call))
    path = tmp_path / "00012.safetensors"
    assert path.exists() is seen
    assert (made.content is None) is seen
    content = path.read_bytes() if made.content is None else made.content
    path.write_bytes(content)
    assert np.array_equal(open_file(path).images, bars(9).images)
    assert made.info is not None
    assert made.info == (
        *("00012.safetensors", 9, (3, 3, 3), len(content)),
        hashlib.sha256(content).hexdigest(),
    )
    assert (made.unreadable, made.replaced) == ([("a", "bad")], [("b", "replaced")])
    assert told == [(("train", 12), 3)]


def test_a_share_without_images_makes_no_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a token")
    made = make_shard(Given(bars(9).subset(np.arange(0))), target(tmp_path), lambda *_: None)
    assert made == (None, [("a", "bad")], [("b", "replaced")], None)
    assert [path.name for path in tmp_path.iterdir()] == ["token"]
