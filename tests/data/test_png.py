"""Plain PNGs decoded together."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.builders import encoded, pixels

from glyphlab.data.decode import decode, decode_all
from glyphlab.data.png import GREY, PngHeader, decode_strip, plain_header

HEIGHT = WIDTH = 6
ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.binary(min_size=WIDTH, max_size=WIDTH)),
    min_size=HEIGHT,
    max_size=HEIGHT,
)


def png_of(data: bytes, size: int = HEIGHT) -> bytes:
    """A grey PNG with these filtered rows, whatever they are; its checksums are right."""
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    pieces = ((b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(piece)) + name + piece + struct.pack(">I", zlib.crc32(name + piece))
        for name, piece in pieces
    )


def unfiltered(rows: list[tuple[int, bytes]]) -> np.ndarray:
    """The PNG specification's filters, pixel by pixel."""
    image = np.zeros((HEIGHT, WIDTH), int)
    for y, (kind, row) in enumerate(rows):
        for x, value in enumerate(row):
            left = int(image[y, x - 1]) if x else 0
            above = int(image[y - 1, x]) if y else 0
            corner = int(image[y - 1, x - 1]) if x and y else 0
            guess = left + above - corner
            nearest = min((left, above, corner), key=lambda near: abs(guess - near))
            image[y, x] = (value + (0, left, above, (left + above) // 2, nearest)[kind]) % 256
    return image


@given(rows=ROWS)
def test_every_filter_is_undone_as_the_specification_says(rows: list[tuple[int, bytes]]) -> None:
    content = png_of(b"".join(bytes([kind]) + row for kind, row in rows))
    assert plain_header(content) == PngHeader(WIDTH, HEIGHT, GREY, interlaced=False)
    result = np.zeros((1, HEIGHT, WIDTH, 1), np.uint8)
    assert decode_all([content], result, "grey") == {}
    assert np.array_equal(result[0, :, :, 0], unfiltered(rows))
    assert np.array_equal(result[0], decode(content, HEIGHT, "grey"))


@pytest.mark.parametrize("missing", [1, 7, 20, 41])
def test_data_that_end_before_the_last_row_are_damaged(missing: int) -> None:
    content = png_of((b"\0" + b"\x05" * WIDTH) * HEIGHT)
    short = png_of(((b"\0" + b"\x05" * WIDTH) * HEIGHT)[:-missing])
    _, intact = decode_strip([short, content], HEIGHT)
    assert intact == [False, True]
    result = np.zeros((2, HEIGHT, WIDTH, 1), np.uint8)
    assert decode_all([short, content], result, "grey") == {0: "damaged"}
    assert (result[1] == 5).all()


def test_data_of_more_rows_than_the_header_says_are_cut() -> None:
    long = png_of((b"\0" + b"\x05" * WIDTH) * (HEIGHT + 3))
    result = np.zeros((2, HEIGHT, WIDTH, 1), np.uint8)
    assert decode_all([long, png_of(bytes(HEIGHT * (WIDTH + 1)))], result, "grey") == {}
    assert (result[0] == 5).all()
    assert not result[1].any()


@pytest.mark.parametrize("size", [1, 255, 256])
def test_small_and_large_sizes_are_decoded_alike(size: int) -> None:
    image = pixels(0, size, size)
    result = np.zeros((1, size, size, 1), np.uint8)
    assert decode_all([encoded(image)], result, "grey") == {}
    assert np.array_equal(result[0, :, :, 0], image)


def test_data_with_an_unknown_filter_or_a_wrong_checksum_are_damaged() -> None:
    unknown = png_of((b"\x09" + bytes(WIDTH)) * HEIGHT)
    wrong = bytearray(encoded(pixels(0, HEIGHT, WIDTH)))
    wrong[-17] ^= 1
    wrong[-16:-12] = struct.pack(">I", zlib.crc32(wrong[37:-16]))
    result = np.zeros((2, HEIGHT, WIDTH, 1), np.uint8)
    assert decode_all([unknown, bytes(wrong)], result, "grey") == {0: "damaged", 1: "damaged"}


def test_an_image_that_is_of_one_level_throughout_is_whole() -> None:
    levels = [np.full((28, 28), level, np.uint8) for level in range(256)]
    result = np.zeros((256, 28, 28, 1), np.uint8)
    assert decode_all([encoded(image) for image in levels], result, "grey") == {}
    assert np.array_equal(result[:, :, :, 0], np.stack(levels))


def test_what_is_not_plain_keeps_its_place_among_what_is() -> None:
    contents = [
        encoded(pixels(0)),
        b"",
        encoded(pixels(1), "BMP"),
        encoded(pixels(2)),
        encoded(pixels(3, channels=3)),
        encoded(pixels(4, 30, 20)),
        b"rubbish",
    ]
    result = np.zeros((7, 28, 28, 1), np.uint8)
    problems = decode_all(contents, result, "grey")
    assert problems == {
        1: "empty (0 bytes)",
        6: "named as an image, but its content is none",
    }
    for i in (0, 2, 3, 4, 5):
        assert np.array_equal(result[i], decode(contents[i], 28, "grey"))


@given(content=st.binary(max_size=40) | st.binary(max_size=40).map(encoded(pixels())[:33].__add__))
def test_rubbish_is_no_plain_png(content: bytes) -> None:
    assert plain_header(content) is None
