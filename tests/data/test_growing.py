"""Rows that are added and sorted in one piece of memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphlab.data import growing
from glyphlab.data.growing import Growing, reorder
from glyphlab.errors import InputError

ORDERS = st.integers(1, 40).flatmap(
    lambda n: st.tuples(st.just(n), st.permutations(range(n)), st.integers(0, n))
)


@given(case=ORDERS, piece=st.integers(1, 12))
def test_rows_are_sorted_as_indexing_sorts_them(
    case: tuple[int, list[int], int], piece: int
) -> None:
    n, order, k = case
    rows = np.arange(3 * n, dtype=np.uint8).reshape(n, 3)
    chosen = np.array(order[:k], np.int64)
    expected = rows[chosen]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "_SORT_BYTES", 3 * piece)
        reorder(rows, chosen)
    assert np.array_equal(rows[:k], expected)


def test_rows_are_kept_while_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "_STEP_BYTES", 100)
    images = np.random.default_rng(0).integers(0, 256, (50, 4, 4, 1), np.uint8)
    found = Growing((4, 4, 1))
    for start, end in ((0, 1), (1, 1), (1, 30), (30, 33), (33, 50)):
        found.extend(images[start:end])
    assert len(found) == 50
    order = np.arange(49, 9, -1)
    assert np.array_equal(found.taken(order), images[order])
    assert len(found) == 0


def test_more_than_is_held_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glyphlab.data.resize.MOST_BYTES", 31)
    rows = Growing((2, 2, 1))
    rows.extend(np.zeros((7, 2, 2, 1), np.uint8))
    with pytest.raises(InputError, match="8 images of 4 bytes are more than 31 bytes"):
        rows.extend(np.zeros((1, 2, 2, 1), np.uint8))
