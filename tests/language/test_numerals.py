"""Figures as each language writes them."""

import pytest

from glyphlab.language import numerals, speaking


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.3123, "0.31 s"),
        (31.16, "31.2 s"),
        (59.97, "1 min 00 s"),
        (245, "4 min 05 s"),
        (3_720, "1 h 02 min"),
    ],
)
def test_durations_are_for_a_person(seconds: float, text: str) -> None:
    assert numerals.duration(seconds) == text


def test_numbers_and_shares() -> None:
    assert numerals.number(225_898) == "225,898"
    assert numerals.share(0.94372) == "0.9437"
    assert numerals.share(None) == "–"
    assert numerals.shares([0.5, 0.25]) == "0.5000, 0.2500"
    assert numerals.span((0.1, 0.2)) == "0.1000 – 0.2000"


def test_a_probability_is_never_rounded_up_to_certainty() -> None:
    assert numerals.certainty(0.99961) == ">\u00a00.999"
    assert numerals.certainty(0.9871) == "0.987"


def test_russian_has_decimal_commas_and_spaces_between_thousands() -> None:
    with speaking("ru"):
        assert numerals.number(225_898) == "225\u00a0898"
        assert numerals.share(0.94372) == "0,9437"
        assert numerals.shares([0.5, 0.25]) == "0,5000; 0,2500"
        assert numerals.points(-0.0037) == "−0,37\u00a0п.\u00a0п."
        assert numerals.points_span((-0.0037, 0.0102)) == "от −0,37 до +1,02\u00a0п.\u00a0п."
        assert numerals.duration(3_720) == "1 ч 02 мин"
        assert numerals.large(1_240_000) == "1,2 млн"
        assert numerals.certainty(0.99961) == ">\u00a00,999"
        assert numerals.listed(["a", "b", "c"]) == "a, b и c"
    assert numerals.share(0.94372) == "0.9437"


def test_points_have_a_sign() -> None:
    assert numerals.points(0.0123) == "+1.23 points"
    assert numerals.points(-0.0123) == "−1.23 points"


def test_words_are_joined_as_in_a_sentence() -> None:
    assert numerals.listed(["a"]) == "a"
    assert numerals.listed(["a", "b", "c"]) == "a, b and c"


def test_large_counts_are_rounded_for_a_person() -> None:
    assert [numerals.large(v) for v in (7_850, 999_949, 1_234_567, 2.5e9)] == [
        "7,850",
        "999,949",
        "1.2 million",
        "2.5 billion",
    ]


def test_the_ends_of_a_difference_have_signs() -> None:
    assert numerals.points_span((-0.0037, 0.0102)) == "−0.37 to +1.02 points"
