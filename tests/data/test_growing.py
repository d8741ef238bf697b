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


def test_memory_doubles_until_a_step_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "_STEP_BYTES", 4 * 20)
    sizes: list[int] = []
    resize = Growing._resize

    def noted(self: Growing, rows: int) -> None:
        sizes.append(rows)
        resize(self, rows)

    monkeypatch.setattr(Growing, "_resize", noted)
    rows = Growing((2, 2, 1))
    for _ in range(70):
        rows.extend(np.zeros((1, 2, 2, 1), np.uint8))
    assert sizes == [1, 2, 4, 8, 16, 32, 52, 72]
    rows.extend(np.zeros((30, 2, 2, 1), np.uint8))
    assert sizes[8:] == [100]  # all that came at once is more than a step
    assert rows.taken(np.arange(50)).shape == (50, 2, 2, 1)
    assert sizes[9:] == [50]


def test_nothing_can_be_taken_of_nothing_and_it_can_be_filled_again() -> None:
    rows = Growing((1, 2, 3))
    assert (rows.row_shape, rows.row_bytes) == ((1, 2, 3), 6)
    assert rows.taken(np.arange(0)).shape == (0, 1, 2, 3)
    for level in (5, 6):
        rows.extend(np.full((2, 1, 2, 3), level, np.uint8))
        found = rows.taken(np.array([1]))
        assert (found.shape, found.dtype) == ((1, 1, 2, 3), np.uint8)
        assert (found == level).all()
        assert len(rows) == 0


def test_an_order_of_one_piece_changes_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.arange(6, dtype=np.uint8)[:, None]
    order = np.array([5, 0, 3, 1])
    monkeypatch.setattr(growing, "_SORT_BYTES", 2)
    reorder(rows, order)
    assert rows[:4, 0].tolist() == [5, 0, 3, 1]
    assert order.tolist() == [5, 0, 3, 1]
    reorder(rows[:0], np.arange(0))
