"""Many strings in one buffer are used as a list of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphlab.data.ids import Ids

STRINGS = ["A/1.png", "", "Ж/ü 中.png", "odd\udcff", "last"]
TEXTS = st.lists(st.text() | st.sampled_from(STRINGS), max_size=8)


@given(strings=TEXTS)
def test_they_are_as_a_list_of_strings(strings: list[str]) -> None:
    ids = Ids.from_strings(strings)
    assert len(ids) == len(strings)
    assert list(ids) == strings
    assert [ids[i] for i in range(-len(strings), len(strings))] == strings * 2


@given(strings=TEXTS, cut=st.slices(8))
def test_a_slice_is_that_of_a_list(strings: list[str], cut: slice) -> None:
    assert Ids.from_strings(strings)[cut] == strings[cut]


@pytest.mark.parametrize("index", [5, -6])
def test_there_is_nothing_beyond_their_ends(index: int) -> None:
    with pytest.raises(IndexError):
        _ = Ids.from_strings(STRINGS)[index]


def test_bytes_and_places_are_as_documented() -> None:
    ids = Ids.from_strings(["ab", "", "Ж", "\udcff"])
    assert bytes(ids.id_bytes) == b"ab\xd0\x96\xff"
    assert ids.id_offsets.tolist() == [0, 2, 2, 4, 5]
    assert (ids.id_bytes.dtype, ids.id_offsets.dtype) == (np.uint8, np.int64)


def test_some_are_taken_in_the_order_that_is_asked_for() -> None:
    taken = Ids.from_strings(STRINGS).take(np.array([4, 0, 0, 2]))
    assert isinstance(taken, Ids)
    assert list(taken) == ["last", "A/1.png", "A/1.png", "Ж/ü 中.png"]


def test_what_is_packed_is_not_packed_again() -> None:
    ids = Ids.from_strings(STRINGS)
    assert Ids.from_strings(ids) is ids
