"""Images are cut into shards at random, and yet always the same way."""

from hashlib import blake2b

import numpy as np
import pytest

from glyphlab.data.sharding.order import (
    check_count,
    check_shard_size,
    cuts,
    digest,
    hash_order,
    order_of_ids,
    repeats,
)
from glyphlab.errors import InputError

IDS = [f"A/{i}.png" for i in range(25_000)]


def test_the_order_is_that_of_the_hashes_of_the_ids() -> None:
    hashes = [blake2b(text.encode(), digest_size=16).digest() for text in IDS]
    expected = sorted(range(len(IDS)), key=hashes.__getitem__)
    assert order_of_ids(IDS).tolist() == expected


def test_an_id_has_its_place_whatever_order_ids_come_in() -> None:
    shuffled = [IDS[i] for i in np.random.default_rng(0).permutation(len(IDS))]
    assert [IDS[i] for i in order_of_ids(IDS)] == [shuffled[i] for i in order_of_ids(shuffled)]


def test_ids_that_are_no_unicode_have_a_place() -> None:
    assert len(order_of_ids(["A/\udcff.png", "A/ж.png"])) == 2


def test_classes_are_spread_evenly() -> None:
    labels = np.arange(25_000) % 10
    shard = labels[order_of_ids(IDS)[:5_000]]
    assert np.bincount(shard).tolist() == pytest.approx([500] * 10, rel=0.2)


def test_repeats_are_told() -> None:
    digests = b"".join(digest(text) for text in (b"a", b"b", b"a", b"a"))
    order = hash_order(digests)
    same = repeats(digests, order)
    assert same.sum() == 2
    assert [i for i in order.tolist() if i != 1] == [0, 2, 3]


@pytest.mark.parametrize(
    ("n", "size", "expected"),
    [
        (10, 10, [10]),
        (10, 11, [10]),
        (11, 10, [5, 6]),
        (10, 4, [3, 3, 4]),
        (3, 1, [1, 1, 1]),
        (5_143, 2_000, [1_714, 1_714, 1_715]),
    ],
)
def test_shards_are_of_nearly_one_size(n: int, size: int, expected: list[int]) -> None:
    assert [end - start for start, end in cuts(n, size)] == expected


def test_what_belongs_together_is_not_cut() -> None:
    together = np.zeros(10, bool)
    together[5] = True
    assert cuts(10, 5, together) == [(0, 4), (4, 10)]
    assert cuts(10, 5, np.arange(10) > 0) == [(0, 0), (0, 10)]


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 images"), (-3, "-3 images"), (10**7, "5,478,2")]
)
def test_sizes_that_cannot_be_are_refused(size: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_shard_size(size, 784)


def test_too_many_shards_are_refused() -> None:
    check_count(100_000, 1, "x")
    with pytest.raises(InputError, match=r"200,000 shards.*--shard-size of 2 or more"):
        check_count(200_000, 1, "x")


@pytest.mark.parametrize("count", [0, 1, 9_999, 10_000, 10_001])
def test_ids_are_hashed_in_pieces_of_any_number(count: int) -> None:
    hashes = [blake2b(text.encode(), digest_size=16).digest() for text in IDS[:count]]
    assert order_of_ids(iter(IDS[:count])).tolist() == sorted(range(count), key=hashes.__getitem__)


def test_hashes_that_begin_alike_are_ordered_by_their_ends_and_equal_ones_by_their_places() -> None:
    begin = [bytes(7) + b"\1", b"\1" + bytes(7), bytes(7) + b"\1", bytes(7) + b"\1"]
    end = [b"\2" + bytes(7), bytes(8), bytes(7) + b"\3", b"\2" + bytes(7)]
    digests = b"".join(a + b for a, b in zip(begin, end, strict=True))
    order = hash_order(digests)
    assert order.tolist() == [2, 0, 3, 1]
    assert repeats(digests, order).tolist() == [False, False, True, False]
    assert repeats(b"", hash_order(b"")).tolist() == []


def test_a_cut_moves_back_to_where_images_may_be_parted_and_no_farther() -> None:
    together = np.zeros(9, bool)
    together[[3, 6]] = True
    assert cuts(9, 3, together) == [(0, 2), (2, 5), (5, 9)]
    together[[4, 5]] = True  # 2 to 6 belong to each other
    assert cuts(9, 3, together) == [(0, 2), (2, 2), (2, 9)]
    assert cuts(9, 3, np.zeros(9, bool)) == [(0, 3), (3, 6), (6, 9)]


def test_a_shard_may_have_4_gigabytes_of_pixels() -> None:
    check_shard_size(1, 784)
    check_shard_size((1 << 32) // 784, 784)
    message = (
        r"^A shard of 5,478,275 images is held in memory, in 4\.3 GB; give --shard-size of "
        r"5,478,274 at most"
    )
    with pytest.raises(InputError, match=message):
        check_shard_size((1 << 32) // 784 + 1, 784)
    check_shard_size(1, 1 << 32)


def test_as_many_shards_are_made_as_a_folder_takes() -> None:
    check_count(700_000, 7, "a.zip")
    message = (
        r"^a\.zip would become 100,001 shards, and 100,000 is the most; give --shard-size of 8 "
    )
    with pytest.raises(InputError, match=message):
        check_count(700_001, 7, "a.zip")
