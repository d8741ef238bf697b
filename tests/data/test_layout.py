"""Which folders are classes, and which part they belong to."""

from collections import Counter
from collections.abc import Sequence

import pytest

from glyphlab.data.layout import Layout, find_layout, folder_of
from glyphlab.errors import InputError


def found(
    readable: dict[str, int],
    unreadable: dict[str, int] | None = None,
    listed: Sequence[str] = (),
    others: Sequence[str] = (),
) -> Layout:
    return find_layout("a.zip", Counter(readable), Counter(unreadable or {}), listed, others)


def refused(problem: str, *what: dict[str, int] | Sequence[str] | None) -> None:
    with pytest.raises(InputError, match=f"^a.zip{problem}"):
        found(*what)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "folder"), [("a/b/c.png", "a/b"), ("a/c.png", "a"), ("c.png", "")]
)
def test_a_folder_is_all_before_the_last_slash(path: str, folder: str) -> None:
    assert folder_of(path) == folder


def test_folders_side_by_side_are_classes_in_the_order_of_their_names() -> None:
    assert found({"x/C": 1, "x/A": 2, "x/B": 3}) == Layout(
        ["A", "B", "C"], {"all": {"x/A": 0, "x/B": 1, "x/C": 2}}
    )
    assert found({"B": 1, "A": 1}).parts == {"all": {"A": 0, "B": 1}}


def test_train_and_test_beside_each_other_are_parts_with_the_classes_of_train() -> None:
    layout = found({"x/Train/A": 1, "x/Train/B": 1, "x/Train/C": 1, "x/test/C": 1, "x/test/A": 1})
    assert layout.classes == ["A", "B", "C"]
    train = {"x/Train/A": 0, "x/Train/B": 1, "x/Train/C": 2}
    assert layout.parts == {"train": train, "test": {"x/test/A": 0, "x/test/C": 2}}
    assert list(layout.parts) == ["train", "test"]


def test_train_without_test_or_in_another_folder_is_no_part() -> None:
    assert list(found({"train/A": 1, "train/B": 1}).parts) == ["all"]
    assert list(found({"x/train/A": 50, "x/train/B": 50, "y/test/A": 1}).parts) == ["all"]


def test_both_parts_together_count_against_other_folders() -> None:
    parts = {"train/A": 1, "train/B": 2, "test/A": 1, "test/B": 1}
    assert list(found(parts | {"other/A": 5}).parts) == ["train", "test"]
    refused(
        ": 5 of 11 images lie outside the class folders in 'other', most of them in 'train/B'",
        parts | {"other/A": 6},
    )


def test_of_several_pairs_the_one_with_most_images_counts() -> None:
    small, large = (
        {f"{x}/{part}/{c}": 1 for part in ("train", "test") for c in "AB"} for x in "xy"
    )
    large["y/test/A"] = 2
    assert found(small | large).parts["test"] == {"y/test/A": 0, "y/test/B": 1}
    assert found(large | small).parts["train"].keys() == {
        "y/train/A",
        "y/train/B",
    }


def test_of_two_folders_with_the_same_name_in_other_letters_the_larger_is_the_part() -> None:
    images = {"TRAIN/A": 5, "TRAIN/B": 5, "train/A": 1, "train/B": 1, "test/A": 1}
    assert found(images).parts["train"] == {"TRAIN/A": 0, "TRAIN/B": 1}
    images = {"TRAIN/A": 1, "TRAIN/B": 1, "train/A": 5, "train/B": 5, "test/A": 1}
    assert found(images).parts["train"] == {"train/A": 0, "train/B": 1}


def test_of_folders_with_as_many_images_the_last_by_name_holds_the_classes() -> None:
    refused(
        ": 2 of 4 images lie outside the class folders in 'y', most of them in 'x/[AB]'",
        {"y/A": 1, "y/B": 1, "x/A": 1, "x/B": 1},
    )


def test_five_images_of_a_hundred_may_lie_elsewhere() -> None:
    classes = {"x/A": 45, "x/B": 50}
    assert found(classes | {"y/C": 5}).classes == ["A", "B"]
    assert found(classes | {"": 5}).classes == ["A", "B"]
    assert found(classes | {"x/A/deep": 4, "": 1}).classes == ["A", "B"]
    problem = ": 6 of 101 images lie outside the class folders in 'x', most of them in "
    refused(f"{problem}'y/C'", classes | {"y/C": 4, "z/C": 2})
    refused(f"{problem}'the top folder'", classes | {"": 6})
    refused(
        ": 2 of 6 images lie outside the class folders in 'the top folder', .* in 'A/x'; put all",
        {"A": 2, "B": 2, "A/x": 2},
    )


def test_unreadable_images_count_as_images_of_their_folder() -> None:
    assert found({"x/A": 1, "x/B": 1}, {"x/A": 3}).classes == ["A", "B"]
    refused(": 2 of 5 images lie outside .* in 'y'", {"x/A": 1, "x/B": 1}, {"y/C": 3})
    refused(": the class folder 'x/C' holds no readable image", {"x/A": 1, "x/B": 1}, {"x/C": 3})


def test_images_in_no_folder_are_of_no_class() -> None:
    refused(" holds no images in class folders", {"": 7})
    refused(" holds no images in class folders", {})


def test_a_folder_of_a_class_in_which_there_is_nothing_is_refused() -> None:
    classes = {"x/A": 1, "x/B": 1}
    problem = ": the class folder 'x/C' holds no readable image; add some, or remove the folder"
    refused(problem, classes, {}, ["x/", "x/A/", "x/C/"])
    refused(
        ": the class folder 'train/C'", {"train/A": 1, "train/B": 1, "test/A": 1}, {}, ["train/C/"]
    )


@pytest.mark.parametrize(
    ("listed", "others"),
    [
        (["x/", "x/A/", "x/B/", "/"], []),
        (["x/C/"], ["x/C/notes.txt"]),
        (["x/C/"], ["x/C/deep/er/notes.txt"]),
        (["x/C/", "x/C/empty/"], []),
        (["docs/", "x/A/empty/", "y/"], ["README"]),
    ],
)
def test_folders_that_hold_something_or_lie_elsewhere_are_no_empty_classes(
    listed: list[str], others: list[str]
) -> None:
    assert found({"x/A": 1, "x/B": 1}, {}, listed, others).classes == ["A", "B"]


def test_one_class_is_none() -> None:
    refused(r" holds one class only \('A'\); a classifier needs two or more", {"x/A": 7})
    refused(r" holds one class only \('A'\)", {"train/A": 7, "test/A": 1})


def test_classes_of_test_that_train_lacks_are_named() -> None:
    refused(
        r": test has classes that train lacks \(C, D\); give both the same classes",
        {"train/A": 9, "train/B": 9, "test/D": 1, "test/A": 1, "test/C": 1},
    )
