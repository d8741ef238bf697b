"""Splits are stratified, seeded, and hold groups together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphlab.data.dataset import Dataset
from glyphlab.data.splits import groups_from_ids, split, split_indices
from glyphlab.errors import InputError


def _dataset(labels: list[int], ids: list[str] | None = None) -> Dataset:
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None, None].repeat(4, 1)
    return Dataset(
        images=images,
        labels=np.array(labels, np.int64),
        ids=ids or [f"{label}/{i}.png" for i, label in enumerate(labels)],
        classes=[f"class {label}" for label in range(max(labels) + 1)],
        name="toy",
    )


def test_each_class_gives_its_share_rounded() -> None:
    labels = np.repeat([0, 1, 2], [100, 30, 14])
    rest, held_out = split_indices(labels, 0.1, seed=0)
    assert np.bincount(labels[held_out]).tolist() == [10, 3, 1]
    assert np.bincount(labels[rest]).tolist() == [90, 27, 13]
    assert rest.dtype == held_out.dtype == np.int64


def test_small_classes_give_one_and_keep_one() -> None:
    labels = np.array([0, 0, 1, 2, 2, 2])
    for share in (0.01, 0.99):
        _, held_out = split_indices(labels, share, seed=3)
        given_away = np.bincount(labels[held_out], minlength=3).tolist()
        assert given_away == ([1, 0, 1] if share < 0.5 else [1, 0, 2])


def test_the_same_seed_gives_the_same_split_and_another_gives_another() -> None:
    labels = np.arange(1000) % 10
    first, again = split_indices(labels, 0.2, 7), split_indices(labels, 0.2, 7)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], split_indices(labels, 0.2, 8)[1])


@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=60).filter(
        lambda labels: max(map(labels.count, labels)) > 1
    ),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32),
)
def test_rest_and_held_out_make_up_the_whole(labels: list[int], share: float, seed: int) -> None:
    array = np.array(labels, np.int64)
    rest, held_out = split_indices(array, share, seed)
    assert sorted([*rest.tolist(), *held_out.tolist()]) == list(range(len(labels)))
    assert set(array[rest].tolist()) == set(labels)
    assert (np.diff(rest) > 0).all()
    assert (np.diff(held_out) > 0).all()


@given(
    members=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=2, max_size=80),
    share=st.floats(0.05, 0.95),
    seed=st.integers(0, 100),
)
def test_no_group_comes_on_both_sides(
    members: list[tuple[int, int]], share: float, seed: int
) -> None:
    labels = np.array([label for label, _ in members], np.int64)
    groups = [f"writer {group}" for _, group in members]
    try:
        rest, held_out = split_indices(labels, share, seed, groups)
    except InputError:
        return
    assert not {groups[i] for i in rest} & {groups[i] for i in held_out}
    assert set(labels[rest].tolist()) == set(labels.tolist())
    assert len(held_out)


def test_groups_of_equal_content_are_held_out_in_number() -> None:
    labels = np.tile(np.arange(10), 50)
    fonts = [f"font {i // 10}" for i in range(500)]
    _, held_out = split_indices(labels, 0.2, 0, fonts)
    assert np.bincount(labels[held_out]).tolist() == [10] * 10


def test_uneven_groups_come_near_to_the_share_in_each_class() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 4000)
    groups = [str(g) for g in rng.geometric(0.02, 4000)]
    _, held_out = split_indices(labels, 0.25, 0, groups)
    shares = np.bincount(labels[held_out]) / np.bincount(labels)
    assert np.abs(shares - 0.25).max() < 0.03


def test_two_groups_go_one_to_each_side() -> None:
    rest, held_out = split_indices(np.array([0, 1, 0, 1]), 0.1, 0, ["a", "a", "b", "b"])
    assert {tuple(rest), tuple(held_out)} == {(0, 1), (2, 3)}


def test_a_class_in_one_group_keeps_it() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1])
    rest, held_out = split_indices(labels, 0.5, 0, ["a", "a", "b", "b", "c", "c"])
    assert {4, 5} <= set(rest.tolist())
    assert len(held_out) == 2


def test_one_group_cannot_be_split() -> None:
    with pytest.raises(InputError, match="1 groups can't be split"):
        split_indices(np.array([0, 0, 1, 1]), 0.5, 0, ["a"] * 4)


def test_one_group_for_each_image_is_needed() -> None:
    with pytest.raises(InputError, match="4 images but 3 groups"):
        split_indices(np.array([0, 0, 1, 1]), 0.5, 0, ["a"] * 3)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        split_indices(np.array([0, 0]), share, 0)


@pytest.mark.parametrize("labels", [[], [0], [0, 1, 2]])
def test_too_few_images_are_refused(labels: list[int]) -> None:
    with pytest.raises(InputError, match="at least two of a class"):
        split_indices(np.array(labels, np.int64), 0.5, 0)


def test_a_dataset_is_split_with_its_ids_and_classes() -> None:
    dataset = _dataset([0] * 6 + [1] * 4)
    rest, held_out = split(dataset, 0.5, seed=1)
    assert rest.class_counts.tolist() == held_out.class_counts.tolist() == [3, 2]
    assert rest.classes == held_out.classes == dataset.classes
    assert sorted([*rest.ids, *held_out.ids]) == sorted(dataset.ids)
    for part in (rest, held_out):
        assert [int(i.split("/")[1][:-4]) for i in part.ids] == part.images[:, 0, 0, 0].tolist()


def test_an_error_names_the_dataset() -> None:
    with pytest.raises(InputError, match=r"^toy: "):
        split(_dataset([0, 1]), 0.5)


def test_the_file_name_without_ending_is_the_group() -> None:
    dataset = _dataset([0, 0, 1], ["A/Zm9udA==.png", "A/b.x.png", "deep/er/Zm9udA=="])
    assert groups_from_ids(dataset) == ["Zm9udA==", "b.x", "Zm9udA=="]


def test_a_pattern_names_the_group() -> None:
    dataset = _dataset([0, 0], ["A/w12_1.png", "A/w7_2.png"])
    assert groups_from_ids(dataset, r"w(\d+)_") == ["12", "7"]
    assert groups_from_ids(dataset, r"w\d+") == ["w12", "w7"]


def test_a_pattern_that_fails_is_refused() -> None:
    dataset = _dataset([0, 0], ["A/w12.png", "A/7.png"])
    with pytest.raises(InputError, match=r"'A/7\.png' doesn't match"):
        groups_from_ids(dataset, r"w(\d+)")
    with pytest.raises(InputError, match="no regular expression"):
        groups_from_ids(dataset, "(")
