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


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("Foo_Bar.Baz/Qux", "foo bar baz qux"),
        ("fooBarBaz", "foo bar baz"),
        ("Foo2Bar", "foo 2bar"),
        ("Foo 12", "foo"),
        ("Foo XIV", "foo"),
        ("Foo B", "foo"),
        ("Foo (Bar)", "foo bar"),
        ("Sans Serif", "sans serif"),
        ("Bold!", "bold"),
        ("FOO ITALIC", "foo"),
        ("Foobold", "foobold"),
        ("", ""),
    ],
)
def test_names_are_taken_apart_at_signs_capitals_and_digits(name: str, base: str) -> None:
    assert base_name(name) == base


def test_faces_are_doubles_that_differ_by_less_than_three_levels() -> None:
    assert find_doubles(looks(100, 102)) == {1: 0}
    assert find_doubles(looks(100, 103)) == {}
    assert find_doubles(looks(100, 102, 104)) == {1: 0}  # what is a double has none
    assert find_doubles(looks(100, 102, 101)) == {1: 0, 2: 0}


def test_faces_look_alike_that_differ_by_less_than_eighteen_levels() -> None:
    assert group(["Foo", "Bar"], looks(100, 117)).tolist() == [0, 0]
    assert group(["Foo", "Bar"], looks(100, 118)).tolist() == [0, 1]


def test_a_family_is_numbered_by_its_first_face_however_it_grew() -> None:
    families = group(["Foo", "Bar", "Baz", "Qux"], looks(200, 100, 0, 110))
    assert families.tolist() == [0, 1, 2, 1]
    families = group(["Foo", "Bar", "Baz", "Bar"], looks(0, 100, 200, 10))
    assert families.tolist() == [0, 0, 2, 0]
    families = group(["Foo", "Bar", "Baz", "Baz", "Bar"], looks(0, 100, 200, 100, 10))
    assert (families.tolist(), families.dtype) == ([0] * 5, np.int64)


def test_faces_are_compared_across_any_number_of_them() -> None:
    random = np.random.default_rng(0)
    faces = random.integers(0, 256, (1_030, 12), dtype=np.uint8)
    faces[[600, 1_029]] = faces[5]
    faces[1_028] = faces[512]
    assert find_doubles(faces) == {600: 5, 1_028: 512, 1_029: 5}
    names = [
        f"{'abcdefghij'[i % 10]}q{'abcdefghij'[i // 10 % 10]}q{i // 100 * 'z'}"
        for i in range(1_030)
    ]
    expected = np.arange(1_030)
    expected[[600, 1_029, 1_028]] = 5, 5, 512
    assert group(names, faces).tolist() == expected.tolist()
