"""Ranges as words: what they mean, and what is refused."""

import pytest

from glyphlab.errors import InputError
from glyphlab.tuning.ranges import Choices, Floats, Integers, Range, parse_range


@pytest.mark.parametrize(
    ("key", "text", "meant"),
    [
        ("learning_rate", "1e-4..1e-1 log", Floats(1e-4, 1e-1, log=True)),
        ("learning_rate", " 0.001 .. .5 ", Floats(0.001, 0.5)),
        ("rotation", "0..15", Floats(0.0, 15.0)),
        ("dropout", "0..0.5", Floats(0.0, 0.5)),
        ("epochs", "5..20", Integers(5, 20)),
        ("steps", "100..1000 log", Integers(100, 1000, log=True)),
        ("batch_size", "64,128, 256", Choices((64, 128, 256))),
        ("schedule", "cosine,onecycle", Choices(("cosine", "onecycle"))),
        ("nesterov", "true,false", Choices((True, False))),
        ("average", "0.0,0.99", Choices((0.0, 0.99))),
    ],
)
def test_what_a_range_means(key: str, text: str, meant: Range) -> None:
    assert parse_range(key, text) == meant
    assert parse_range(key, str(meant)) == meant


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("lr", "1..2", "lr is no key of a Recipe; use optimizer, learning_rate"),
        ("learning_rate", "0.1", "nothing to search"),
        ("learning_rate", "", "nothing to search"),
        ("learning_rate", "1,", "nothing to search"),
        ("learning_rate", "0.1..0.01", "the first number must be below the second"),
        ("learning_rate", "0.1..0.1", "for one value use --set"),
        ("learning_rate", "0..1 log", "begins above 0"),
        ("learning_rate", "nan..1", "'nan' is no number"),
        ("learning_rate", "0.1..inf", "'inf' is no number"),
        ("learning_rate", "low..high", "'low' is no number"),
        ("learning_rate", "0.1..1 logarithmic", "nothing to search"),
        ("epochs", "1.5..3", "'1.5' is no whole number"),
        ("schedule", "1..3", "name its values, as in schedule=A,B"),
        ("batch_size", "64,128,64", "give each value once"),
        ("epochs", ",".join(map(str, range(1, 102))), "100 at most"),
    ],
)
def test_what_is_no_range_is_one_sentence(key: str, text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_range(key, text)
    assert said in str(refused.value)
    assert str(refused.value).count("\n") == 0


def test_numbers_are_tidied_but_stay_in_their_range() -> None:
    values = Floats(0.012345, 0.98765)
    assert values.tidy(0.5678901) == 0.568
    assert values.tidy(0.012346) == 0.012345
    assert values.tidy(0.987649) == 0.98765


def test_whether_a_value_lies_in_a_range() -> None:
    assert Floats(0.0, 1.0).holds(1.0)
    assert not Floats(0.0, 1.0).holds(1.1)
    assert not Floats(0.0, 1.0).holds(None)
    assert not Floats(0.0, 1.0).holds("cosine")
    assert Integers(1, 3).holds(3)
    assert not Integers(1, 3).holds(4)
    assert Choices(("cosine",)).holds("cosine")
    assert not Choices(("cosine",)).holds("step")
