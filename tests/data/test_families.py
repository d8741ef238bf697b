"""Faces are grouped by what they are called and by how they look."""

import numpy as np
import pytest

from glyphlab.data.families import base_name, find_doubles, group


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("Foo", "foo"),
        ("Foo Sans Bold", "foo"),
        ("Foo Sans Condensed Light", "foo"),
        ("FooSerif", "foo"),
        ("Foo-Mono 2", "foo"),
        ("Foo Bar Italic", "foo bar"),
        ("Accanthis ADF Std No2", "accanthis"),
        ("Old Standard", "old standard"),
        ("漢字", "漢字"),
    ],
)
def test_words_of_style_and_make_are_no_part_of_a_familys_name(name: str, base: str) -> None:
    assert base_name(name) == base


def looks(*levels: int) -> np.ndarray:
    return np.stack([np.full(400, level, np.uint8) for level in levels])


def test_faces_of_one_base_name_are_one_family() -> None:
    families = group(["Foo", "Bar", "Foo Bold"], looks(0, 100, 200))
    assert families.tolist() == [0, 1, 0]


def test_look_alikes_are_one_family_whatever_they_are_called() -> None:
    families = group(["Foo", "Bar", "Baz"], looks(100, 110, 200))
    assert families.tolist() == [0, 0, 2]


def test_a_family_grows_through_its_members() -> None:
    families = group(["Foo", "Bar", "Baz", "Foo Bold"], looks(0, 100, 200, 110))
    assert families.tolist() == [0, 0, 2, 0]


def test_faces_that_draw_the_same_are_doubles_of_the_first() -> None:
    assert find_doubles(looks(100, 200, 101, 201, 100)) == {2: 0, 3: 1, 4: 0}
