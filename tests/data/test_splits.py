"""Splits are stratified, seeded, and hold groups together."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphlab.data.dataset import Dataset
from glyphlab.data.splits import (
    draw_images,
    groups_from_ids,
    held_out_counts,
    split,
    split_indices,
)
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


def test_no_class_is_asked_for_its_last_image_nor_for_what_it_has_not() -> None:
    # 10·¼ = 2.5, rounded to the even 2; 2·¼ = 0.5 to 0, of which at least 1; the others have none
    wanted = held_out_counts(np.array([10, 2, 1, 0]), 0.25)
    assert (wanted.tolist(), wanted.dtype) == ([2, 1, 0, 0], np.int64)
    assert held_out_counts(np.array([3, 2]), 0.9).tolist() == [2, 1]


def test_as_many_images_are_drawn_of_each_class_as_are_wanted() -> None:
    labels = np.array([2, 0, 2, 0, 0, 2, 2])
    drawn = [
        draw_images(labels, np.array([2, 0, 1, 0]), np.random.default_rng(seed))
        for seed in range(200)
    ]
    assert all(np.bincount(labels[one], minlength=3).tolist() == [2, 0, 1] for one in drawn)
    # Each of 3 images in 2 of 3 draws, each of 4 in 1 of 4; four standard errors of 200 are 0.14.
    shares = np.mean(drawn, axis=0)
    assert shares == pytest.approx(np.where(labels == 0, 2 / 3, 1 / 4), abs=0.14)


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


def by_the_book(labels: np.ndarray, share: float, seed: int, groups: list[str]) -> set[str]:
    """The groups held out by the documented rule, in fractions and in the plainest way."""
    names = sorted(set(groups))
    counts = np.bincount(labels).tolist()
    wanted = [Fraction(share) * count for count in counts]

    def held(chosen: set[str]) -> list[int]:
        inside = labels[[group in chosen for group in groups]]
        return np.bincount(inside, minlength=len(counts)).tolist()

    def distance(chosen: set[str]) -> Fraction:
        pairs = zip(held(chosen), wanted, strict=True)
        return sum(((have - want) ** 2 / want for have, want in pairs if want), Fraction(0))

    def leaves_some(chosen: set[str]) -> bool:
        pairs = zip(held(chosen), counts, strict=True)
        return all(have < count for have, count in pairs if count)

    chosen: set[str] = set()
    for number in np.random.default_rng(seed).permutation(len(names)):
        more = chosen | {names[number]}
        if distance(more) < distance(chosen) and leaves_some(more):
            chosen = more
    for label, count in enumerate(counts):
        if count < 2 or held(chosen)[label]:
            continue
        having = [name for name in names if (label, name) in set(zip(labels, groups, strict=True))]
        fitting = [name for name in having if leaves_some(chosen | {name})]
        if fitting:
            chosen |= {min(fitting, key=lambda name: distance(chosen | {name}))}
    return chosen


@pytest.mark.parametrize("seed", range(40))
def test_groups_are_held_out_by_the_documented_rule(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, classes = int(random.integers(6, 60)), int(random.integers(2, 5))
    labels = random.integers(0, classes, n)
    groups = [f"g{g}" for g in (labels * random.integers(0, 2) + random.geometric(0.2, n))]
    share = float(random.choice([1 / 8, 1 / 4, 1 / 2, 3 / 4]))
    expected = by_the_book(labels, share, seed, groups)
    if not expected:
        with pytest.raises(InputError, match="groups can't be split"):
            split_indices(labels, share, seed, groups)
        return
    _, held_out = split_indices(labels, share, seed, groups)
    assert {groups[i] for i in held_out} == expected


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
    assert (rest.name, held_out.name) == ("toy (rest)", "toy (held out)")
    assert rest.class_counts.tolist() == held_out.class_counts.tolist() == [3, 2]
    assert rest.classes == held_out.classes == dataset.classes
    assert sorted([*rest.ids, *held_out.ids]) == sorted(dataset.ids)
    for part in (rest, held_out):
        assert [int(i.split("/")[1][:-4]) for i in part.ids] == part.images[:, 0, 0, 0].tolist()


def test_a_dataset_is_split_by_groups_and_with_seed_0_unless_told_otherwise() -> None:
    dataset = _dataset([0, 1] * 20)
    groups = [str(i // 4) for i in range(40)]
    rest, held_out = split(dataset, 0.3, groups=groups)
    expected = split_indices(dataset.labels, 0.3, 0, groups)
    assert rest.images[:, 0, 0, 0].tolist() == expected[0].tolist()
    assert held_out.images[:, 0, 0, 0].tolist() == expected[1].tolist()


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
    assert groups_from_ids(dataset, r"(w)(\d+)") == ["w", "w"]


def test_a_pattern_that_fails_is_refused() -> None:
    dataset = _dataset([0, 0], ["A/w12.png", "A/7.png"])
    with pytest.raises(InputError, match=r"'A/7\.png' doesn't match"):
        groups_from_ids(dataset, r"w(\d+)")
    with pytest.raises(InputError, match=r"toy: the id 'A/7\.png' doesn't match"):
        groups_from_ids(dataset, r"A/(w)?")
    with pytest.raises(InputError, match="no regular expression"):
        groups_from_ids(dataset, "(")
