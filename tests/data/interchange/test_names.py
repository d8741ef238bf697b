"""File names of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphlab.data.collect import is_hidden
from glyphlab.data.interchange.names import Distinct, file_name, image_name


@pytest.mark.parametrize(
    ("image_id", "name"),
    [
        ("top/A/MDEtMDEtMDAudHRm.png", "MDEtMDEtMDAudHRm"),
        ("train/00012", "00012"),
        ("../x.png", "x"),
        ("/etc/passwd", "passwd"),
        ("C:\\images\\x.PNG", "x"),
        ("буква Я.png", "буква Я"),
        ("..", "__"),
        ("", "_"),
        (".png", "_"),
        ("a/.hidden.png", "_hidden"),
        ("a?b*c.jpg", "a-b-c"),
        ("con.png", "_con"),
        ("line\nbreak\0.png", "line-break-"),
        ("a/v1.0 bold", "v1.0 bold"),
        ("a/\udcff.png", "-"),
    ],
)
def test_the_last_part_of_an_id_is_kept_as_far_as_every_system_takes_it(
    image_id: str, name: str
) -> None:
    assert image_name(image_id) == name


@given(st.text(st.characters(), max_size=400))
def test_any_text_becomes_one_visible_name_that_fits(text: str) -> None:
    name = file_name(text)
    assert 0 < len(name.encode()) <= 181
    assert not set(name) & set('/\\:*?"<>|\0')
    assert name not in (".", "..")
    assert name[0] != "."
    assert name[-1] not in ". "
    assert name.isprintable()
    assert not is_hidden(name)


def test_names_of_system_folders_and_devices_are_not_taken() -> None:
    assert [file_name(name) for name in ("__MACOSX", "NUL", "lpt1.x")] == [
        "___MACOSX",
        "_NUL",
        "_lpt1.x",
    ]


def test_a_name_that_comes_again_gets_a_number() -> None:
    distinct = Distinct()
    given_names = [distinct.name(name) for name in ("a", "A", "a_2", "a", "b")]
    assert given_names == ["a", "A_2", "a_2_2", "a_3", "b"]


@given(st.lists(st.sampled_from(["a", "A", "a_2", "a_3", "A_2", "ß", "SS", "é", "e\u0301"])))
def test_distinct_names_differ_on_every_system(wanted: list[str]) -> None:
    import unicodedata

    distinct = Distinct()
    names = [distinct.name(name) for name in wanted]
    assert len({unicodedata.normalize("NFC", name.casefold()) for name in names}) == len(names)
