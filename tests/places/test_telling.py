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


def test_where_calls_are_sent_nobody_waits_for_those_made_seldom() -> None:
    waited: list[int] = []
    sent: list[int] = []

    class Call:
        def __call__(self, number: int) -> None:
            waited.append(number)

        def tell(self, number: int) -> None:
            sent.append(number)

    seldom = Seldom(Call(), 0.0)
    seldom(1)
    seldom.always(2)
    assert (sent, waited) == ([1], [2])
