"""What in the ids names a font or a writer."""

from glyphlab.auditing.groups import find_groups, shared_groups


def test_a_file_name_that_comes_in_several_class_folders_is_a_group() -> None:
    ids = [f"set/{letter}/{font}.png" for font in ("Arial", "Times") for letter in "AB"]
    found = find_groups(ids, [0, 1, 0, 1])
    assert found is not None
    assert (found.where, found.groups) == ("the file name", ["Arial", "Arial", "Times", "Times"])


def test_a_writer_before_a_number_is_a_group() -> None:
    ids = [f"set/{digit}/anna_{digit}{k}.png" for digit in "01" for k in "12"]
    ids += [f"set/{digit}/boris_{digit}{k}.png" for digit in "01" for k in "12"]
    found = find_groups(ids, [0, 0, 1, 1] * 2)
    assert found is not None
    assert found.where == "the file name up to its last number"
    assert found.groups == ["anna"] * 4 + ["boris"] * 4


def test_numbers_alone_are_no_group() -> None:
    assert (
        find_groups([f"train/{c}/{k}.png" for c in "01" for k in range(5)], [0] * 5 + [1] * 5)
        is None
    )


def test_names_of_their_own_are_no_group() -> None:
    ids = [f"set/{letter}/font{letter}{k}x.png" for letter in "AB" for k in range(5)]
    assert find_groups(ids, [0] * 5 + [1] * 5) is None


def test_one_group_of_all_images_is_none() -> None:
    assert find_groups(["a/x.png", "b/x.png"], [0, 1]) is None


def test_shared_groups_counts_the_images_of_the_second_set() -> None:
    assert shared_groups(["Arial", "Times"], ["Times", "Times", "Courier"]) == 2
