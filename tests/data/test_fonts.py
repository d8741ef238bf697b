"""Which faces are usable, and why others are left out."""

from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTCollection, TTFont
from tests.data.letterforms import MISSING, dejavu, make_font

from glyphlab.data.dataset import Skipped
from glyphlab.data.fonts import (
    Face,
    UnusableFontError,
    draw_letter,
    draw_letters,
    find_font_files,
    inspect_file,
    load_face,
)
from glyphlab.errors import InputError

TALL = (100, 0, 300, 800)
WIDE = (0, 0, 800, 400)


def inspect(path: Path, letters: str = "AB") -> Face | Skipped:
    (result,) = inspect_file(path.name, path, letters)
    return result


def reason(path: Path, letters: str = "AB") -> str:
    result = inspect(path, letters)
    assert isinstance(result, Skipped)
    assert result.path == path.name
    return result.reason


@pytest.mark.parametrize("letters", ["ABCDEFGHIJ", "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", "αβγδε"])
def test_a_face_with_all_letters_of_an_alphabet_is_usable(tmp_path: Path, letters: str) -> None:
    face = inspect(dejavu(tmp_path, "Sans-Bold") / "DejaVuSans-Bold.ttf", letters)
    assert isinstance(face, Face)
    assert face.family == "DejaVu Sans"
    font = load_face(face.path, face.index, face.size)
    heights = [len(draw_letter(font, letter)[0]) for letter in letters]
    assert np.median(heights) == pytest.approx(96, abs=3)


def test_a_face_that_lacks_letters_is_left_out_and_the_letters_are_named(tmp_path: Path) -> None:
    path = make_font(tmp_path / "a.ttf", {"A": TALL})
    assert reason(path, "ABC") == "lacks B C"


def test_a_face_that_draws_the_box_of_missing_letters_is_left_out(tmp_path: Path) -> None:
    path = make_font(tmp_path / "box.ttf", {"A": TALL, "B": MISSING})
    assert reason(path) == "draws the box of missing letters for B"


def test_a_face_that_draws_the_same_for_two_letters_is_left_out(tmp_path: Path) -> None:
    path = make_font(tmp_path / "same.ttf", {"A": TALL, "B": TALL})
    assert reason(path) == "draws the same for A and B"


def test_a_face_with_an_empty_letter_is_left_out(tmp_path: Path) -> None:
    path = make_font(tmp_path / "empty.ttf", {"A": TALL, "B": None})
    assert reason(path) == "draws nothing for B"


def test_a_font_that_calls_itself_symbols_is_left_out(tmp_path: Path) -> None:
    path = make_font(tmp_path / "symbols.ttf", {"A": TALL, "B": WIDE}, symbol_kind=True)
    assert reason(path) == "calls itself a symbol font (PANOSE 5)"


def test_a_font_without_a_map_of_characters_is_left_out(tmp_path: Path) -> None:
    path = make_font(tmp_path / "unmapped.ttf", {"A": TALL, "B": WIDE}, character_map=False)
    assert reason(path).startswith("is a symbol font")


@pytest.mark.parametrize(
    "content",
    [b"", b"no font at all", b"\0\1\0\0" + b"\xff" * 60],
    ids=["empty", "text", "wild header"],
)
def test_a_broken_file_is_left_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(content)
    assert reason(path).startswith("unreadable: ")


@pytest.mark.parametrize("start", [b"wOFF", b"wOF2"])
def test_a_packed_font_is_left_out(tmp_path: Path, start: bytes) -> None:
    path = make_font(tmp_path / "packed.ttf", {"A": TALL, "B": WIDE})
    path.write_bytes(start + path.read_bytes()[4:])
    assert reason(path) == "unreadable: is no TrueType or OpenType font"


def test_a_file_larger_than_fonts_are_is_left_out(tmp_path: Path) -> None:
    path = make_font(tmp_path / "large.ttf", {"A": TALL, "B": WIDE})
    with path.open("ab") as file:
        file.truncate((1 << 28) + 1)
    assert reason(path) == "larger than 268,435,456 bytes"


def test_a_collection_of_more_faces_than_any_has_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "many.ttc"
    path.write_bytes(b"ttcf\0\1\0\0" + (257).to_bytes(4, "big") + bytes(4 * 257))
    assert reason(path) == "holds more than 256 faces"


def test_a_table_that_claims_all_characters_many_times_is_left_out(tmp_path: Path) -> None:
    path = make_font(tmp_path / "wide.ttf", {"A": TALL, "B": WIDE, "\U0001f600": TALL})
    content = path.read_bytes()
    last_group = (0x1F600).to_bytes(4, "big") * 2
    assert content.count(last_group) >= 1
    path.write_bytes(content.replace(last_group, bytes(4) + b"\x7f\xff\xff\xff"))
    assert reason(path) == "claims more characters than there are"


def test_a_truncated_font_is_left_out(tmp_path: Path) -> None:
    path = dejavu(tmp_path, "Sans") / "DejaVuSans.ttf"
    path.write_bytes(path.read_bytes()[:5_000])
    assert reason(path).startswith("unreadable: ")


def test_ink_left_of_the_pens_start_is_told(tmp_path: Path) -> None:
    path = make_font(tmp_path / "over.ttf", {"A": (-200, 0, 300, 1000), "B": WIDE})
    picture, origin = draw_letter(load_face(path, 0, 100), "A")
    assert picture.shape == (100, 50)
    assert origin == 20
    assert (picture == 255).all()


def test_font_files_are_found_in_order_whatever_the_case_of_their_ending(tmp_path: Path) -> None:
    make_font(tmp_path / "b" / "x.TTF", {"A": TALL})
    make_font(tmp_path / "a.otf", {"A": TALL})
    (tmp_path / "readme.txt").write_text("no font")
    (tmp_path / "link.ttf").symlink_to(tmp_path / "a.otf")
    assert list(find_font_files([tmp_path])) == ["a.otf", "b/x.TTF"]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere is no folder"):
        find_font_files([tmp_path / "nowhere"])


def test_a_folder_without_fonts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no font file"):
        find_font_files([tmp_path])


def test_two_folders_with_a_font_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        make_font(tmp_path / folder / "a.ttf", {"A": TALL})
    with pytest.raises(InputError, match="have one name"):
        find_font_files([tmp_path / "one", tmp_path / "two"])


def test_each_face_of_a_collection_is_looked_at(tmp_path: Path) -> None:
    collection = TTCollection()
    for boxes in ({"A": TALL, "B": WIDE}, {"A": TALL}):
        collection.fonts.append(TTFont(make_font(tmp_path / "one.ttf", boxes)))
    path = tmp_path / "two.ttc"
    collection.save(path)
    first, second = inspect_file("two.ttc", path, "AB")
    assert isinstance(first, Face)
    assert (first.key, first.index) == ("two.ttc:0", 0)
    assert second == Skipped("two.ttc:1", "lacks B")


def test_narrow_letters_are_drawn_larger(tmp_path: Path) -> None:
    path = make_font(tmp_path / "narrow.ttf", {"A": (0, 0, 50, 800), "B": (0, 0, 600, 800)})
    face = inspect(path)
    assert isinstance(face, Face)
    (narrow, _), (wide, _) = draw_letters(face, "AB")
    assert narrow.shape == pytest.approx((384, 24), abs=8)
    assert wide.shape == pytest.approx((96, 72), abs=2)


def test_a_letter_beyond_all_measure_leaves_the_face_out(tmp_path: Path) -> None:
    path = make_font(tmp_path / "huge.ttf", {"A": TALL, "B": (-16_000, 0, 16_000, 16_000)})
    font = load_face(path, 0, 200)
    with pytest.raises(UnusableFontError, match="draws 'B' beyond all measure"):
        draw_letter(font, "B")
