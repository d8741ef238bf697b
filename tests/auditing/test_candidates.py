import numpy as np

from glyphlab.auditing.candidates import BLOCK, blocks, pairs_within, runs_in_reach


def points(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 6)).astype(np.float32)


def test_each_point_lies_in_one_block_and_in_its_box() -> None:
    given = points(3_000, 0)
    made = blocks(given)
    assert sorted(made.order) == list(range(3_000))
    np.testing.assert_array_equal(made.points, given[made.order])
    for block, low, high in zip(made.slices, made.low, made.high, strict=True):
        inside = made.points[block]
        assert len(inside) <= BLOCK
        np.testing.assert_array_equal(inside.min(0), low)
        np.testing.assert_array_equal(inside.max(0), high)


def test_the_pairs_found_are_those_of_a_full_comparison() -> None:
    few, many = points(200, 1), points(3_000, 2)
    made = blocks(many)
    found = set()
    for run in runs_in_reach(few, made, 1.0):
        rows, places = pairs_within(few, made, run, 1.0)
        found |= set(zip(rows.tolist(), made.order[places].tolist(), strict=True))
    distances = np.linalg.norm(few[:, None].astype(float) - many[None], axis=2)
    assert found == set(zip(*(side.tolist() for side in np.nonzero(distances <= 1.0)), strict=True))
    assert len(found) > 100


def test_fewer_dimensions_are_those_that_come_first() -> None:
    few, many = points(50, 3), points(600, 4)
    made = blocks(many)
    first, *_ = runs_in_reach(few[:, :2].copy(), made, 0.1)
    rows, places = pairs_within(few[:, :2].copy(), made, first, 0.1)
    distances = np.linalg.norm(
        few[:, None, :2].astype(float) - made.points[None, first, :2], axis=2
    )
    assert len(rows) == (distances <= 0.1).sum()
    assert all(
        np.linalg.norm(few[r, :2] - made.points[p, :2]) <= 0.1001
        for r, p in zip(rows, places, strict=True)
    )


def test_blocks_out_of_reach_are_left_out() -> None:
    near, far = points(1_000, 5), points(1_000, 6) + 100
    made = blocks(np.concatenate([near, far]))
    reached = np.concatenate([made.order[run] for run in runs_in_reach(near[:50], made, 0.5)])
    assert reached.max() < 1_000
    assert runs_in_reach(near[:50] - 200, made, 0.5) == []
