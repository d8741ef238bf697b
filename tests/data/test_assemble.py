"""Images and their paths become Datasets in the order of their paths."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from glyphlab.data.assemble import (
    OUTSIDE,
    REPLACED,
    Folders,
    TrainTest,
    assemble,
    check_unreadable,
    layout_of,
    part_of,
)
from glyphlab.data.collect import Collected, Others
from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.growing import Growing
from glyphlab.data.layout import Layout
from glyphlab.errors import InputError


def collected(
    *paths: str, unreadable: tuple[str, ...] = (), others: tuple[str, ...] = ()
) -> Collected:
    """Images whose one pixel is their number."""
    images = Growing((1, 1, 1))
    images.extend(np.arange(len(paths), dtype=np.uint8).reshape(-1, 1, 1, 1))
    return Collected(
        images=images,
        paths=list(paths),
        unreadable=[Skipped(path, "damaged") for path in unreadable],
        others=[Skipped(path, "no image") for path in others],
    )


def whole(found: Collected) -> Dataset:
    dataset = assemble(found, Path("a.zip"), allow_unreadable=False)
    assert isinstance(dataset, Dataset)
    return dataset


def both(found: Collected) -> TrainTest:
    parts = assemble(found, Path("a.zip"), allow_unreadable=False)
    assert isinstance(parts, TrainTest)
    return parts


def test_images_come_in_the_order_of_their_paths_with_the_labels_of_their_folders() -> None:
    dataset = whole(collected("x/B/2", "x/A/9", "x/B/1", "x/A/10"))
    assert list(dataset.ids) == ["x/A/10", "x/A/9", "x/B/1", "x/B/2"]
    assert dataset.images.ravel().tolist() == [3, 1, 2, 0]
    assert (dataset.labels.tolist(), dataset.classes) == ([0, 0, 1, 1], ("A", "B"))
    assert (dataset.source, dataset.source_sha256, dataset.skipped) == ("a.zip", None, ())


def test_each_part_has_its_own_images_and_files_left_out() -> None:
    parts = both(
        collected(
            *("d/test/B/1", "d/train/B/1", "d/train/A/1", "d/test/A/1", "d/train/A/2"),
            others=("d/train/x", "d/test/y", "top", "d/test/A/z"),
        )
    )
    assert list(parts.train.ids) == ["d/train/A/1", "d/train/A/2", "d/train/B/1"]
    assert list(parts.test.ids) == ["d/test/A/1", "d/test/B/1"]
    assert parts.train.images.ravel().tolist() == [2, 4, 1]
    assert parts.test.images.ravel().tolist() == [3, 0]
    assert (parts.train.labels.tolist(), parts.test.labels.tolist()) == ([0, 0, 1], [0, 1])
    assert [entry.path for entry in parts.train.skipped] == ["d/train/x", "top"]
    assert [entry.path for entry in parts.test.skipped] == ["d/test/A/z", "d/test/y"]


def test_of_a_path_that_comes_again_the_last_image_counts() -> None:
    dataset = whole(collected("A/1", "B/1", "A/1", "A/0", "A/1"))
    assert list(dataset.ids) == ["A/0", "A/1", "B/1"]
    assert dataset.images.ravel().tolist() == [3, 4, 1]
    assert dataset.skipped == (("A/1", REPLACED), ("A/1", REPLACED))


def test_what_lies_outside_is_named_once_however_often_it_comes() -> None:
    paths = [f"{name}/{i}" for name in "AB" for i in range(30)]
    dataset = whole(collected("0.png", "0.png", "C/x/1", *paths))
    assert dataset.skipped == (("0.png", OUTSIDE), ("0.png", OUTSIDE), ("C/x/1", OUTSIDE))
    assert len(dataset) == 60
    assert dataset.images[0].item() == 3


def test_what_is_left_out_is_in_the_order_of_its_paths() -> None:
    paths = [f"{name}/{i}" for name in "AB" for i in range(30)]
    dataset = whole(collected(*paths, "A/0", unreadable=("B/b", "A/a"), others=("z", "0")))
    assert [entry.path for entry in dataset.skipped] == ["0", "A/0", "A/a", "B/b", "z"]


def test_folders_are_counted_and_give_their_labels() -> None:
    folders = Folders.of(["B/1", "A/1", "B/2", "3"])
    assert (folders.names, folders.numbers.tolist()) == (["B", "A", ""], [0, 1, 0, 2])
    assert folders.counts() == Counter({"B": 2, "A": 1, "": 1})
    labels = folders.labels({"A": 5, "B": 7})
    assert (labels.tolist(), labels.dtype) == ([7, 5, 7, -1], np.int64)


@pytest.mark.parametrize(
    ("read", "unreadable", "allowed", "passes"),
    [
        (95, 5, False, True),
        (94, 5, False, False),
        (94, 5, True, True),
        (0, 5, False, True),  # of which there will be more to say
        (1, 0, False, True),
        (1, 1, False, False),
    ],
)
def test_up_to_five_of_a_hundred_files_may_be_unreadable(
    read: int, unreadable: int, allowed: bool, passes: bool
) -> None:
    entries = [Skipped(f"{i}.png", "damaged") for i in reversed(range(unreadable))]
    if passes:
        check_unreadable(read, entries, "a.zip", allowed, "--anyway")
        return
    with pytest.raises(InputError) as refusal:
        check_unreadable(read, entries, "a.zip", allowed, "--anyway")
    assert str(refusal.value) == (
        f"a.zip: {unreadable} of {read + unreadable} image files are unreadable, such as '0.png' "
        "(damaged); mend them, or read on with --anyway."
    )


def test_many_unreadable_files_are_counted_with_commas() -> None:
    entries = [Skipped(f"{i:04}", "empty") for i in range(1_000)]
    with pytest.raises(InputError, match=r"^a: 1,000 of 3,000 image files .* '0000' \(empty\)"):
        check_unreadable(2_000, entries, "a", allowed=False, option="--anyway")


def test_a_source_of_nothing_is_told_from_one_of_which_nothing_can_be_read() -> None:
    path = Path("a.zip")
    with pytest.raises(InputError, match=r"^a\.zip holds no images; give one with a folder of"):
        layout_of(Counter(), Others(), path, allow_unreadable=False)
    unreadable = Others(unreadable=[Skipped("A/1.png", "empty")])
    with pytest.raises(InputError, match=r"^a\.zip: the class folder 'A' holds no readable image"):
        layout_of(Counter(), unreadable, path, allow_unreadable=False)


def test_too_much_that_is_unreadable_is_let_through_if_asked() -> None:
    others = Others(unreadable=[Skipped("A/1.png", "empty")])
    readable = Counter({"A": 5, "B": 5})
    with pytest.raises(InputError, match=r"^a: 1 of 11 .*'A/1\.png' \(empty\).*--allow-unreadable"):
        layout_of(readable, others, Path("a"), allow_unreadable=False)
    assert layout_of(readable, others, Path("a"), allow_unreadable=True).classes == ["A", "B"]


def test_folders_without_images_are_classes_unless_other_files_lie_in_them() -> None:
    readable = Counter({"A": 5, "B": 5})
    with pytest.raises(InputError, match="class folder 'C' holds no readable image"):
        layout_of(readable, Others(folders=["C/"]), Path("a"), allow_unreadable=False)
    others = Others(folders=["C/"], others=[Skipped("C/x", "no image")])
    assert layout_of(readable, others, Path("a"), allow_unreadable=False).classes == ["A", "B"]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("d/train/A/1", "train"),
        ("d/test/x", "test"),
        ("d/testing/x", "train"),
        ("d/test", "train"),
        ("top", "train"),
    ],
)
def test_a_file_left_out_is_of_the_part_whose_folder_it_lies_in_or_else_of_training(
    path: str, part: str
) -> None:
    layout = Layout(["A"], {"train": {"d/train/A": 0}, "test": {"d/test/A": 0}})
    assert part_of(Skipped(path, "hidden"), layout) == part


def test_beside_classes_at_the_top_every_file_is_of_the_one_part() -> None:
    layout = Layout(["A", "B"], {"all": {"A": 0, "B": 1}})
    assert part_of(Skipped("x", "hidden"), layout) == "all"
