"""Calls made seldom."""

from glyphlab.places.telling import Seldom


def test_calls_that_come_too_soon_are_left_out() -> None:
    told: list[int] = []
    seldom, eager = Seldom(told.append, 1_000.0), Seldom(told.append, 0.0)
    seldom(1)
    assert told == []
    seldom.always(2)
    eager(3)
    eager(4)
    assert told == [2, 3, 4]
