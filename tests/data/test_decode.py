"""From an image file's bytes to pixels."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.data.builders import encoded, pixels, png_claiming

from glyphlab.data.decode import (
    TooManyPixels,
    Undecodable,
    decode,
    decode_all,
    decode_whole,
    has_image_name,
    looks_like_image,
    picture_pixels,
)
from glyphlab.data.resize import fit, fit_all, to_mode
from glyphlab.errors import InputError


def test_a_grey_png_of_the_right_size_keeps_every_pixel() -> None:
    image = decode(encoded(pixels()), 28, "grey")
    assert image.shape == (28, 28, 1)
    assert np.array_equal(image[:, :, 0], pixels())


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "GIF"])
def test_lossless_formats_keep_every_pixel(kind: str) -> None:
    assert np.array_equal(decode(encoded(pixels(), kind), 28, "grey")[:, :, 0], pixels())


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_colours_keep_their_order(kind: str) -> None:
    image = pixels(channels=3)
    assert np.array_equal(decode(encoded(image, kind), 28, "rgb"), image)


def test_lossless_webp_keeps_colours_and_jpeg_nearly() -> None:
    smooth = np.add.outer(np.arange(28), np.arange(28)).astype(np.uint8) * 4
    colour = np.dstack([smooth, 255 - smooth, smooth // 2])
    assert np.array_equal(decode(encoded(colour, "WEBP", lossless=True), 28, "rgb"), colour)
    jpeg = decode(encoded(smooth, "JPEG", quality=95), 28, "grey")[:, :, 0]
    assert np.abs(jpeg.astype(int) - smooth).max() <= 6


def test_grey_of_a_colour_is_its_luma() -> None:
    red = np.zeros((28, 28, 3), np.uint8)
    red[:, :, 0] = 200
    assert (decode(encoded(red), 28, "grey") == round(0.299 * 200)).all()


def test_grey_as_rgb_has_three_equal_channels() -> None:
    image = decode(encoded(pixels()), 28, "rgb")
    assert all(np.array_equal(image[:, :, i], pixels()) for i in range(3))


def test_both_decoders_agree_on_plain_pngs() -> None:
    for image in (pixels(1), pixels(2, channels=3)):
        plain = encoded(image)
        with_text = encoded(Image.fromarray(image), dpi=(72, 72))
        assert with_text != plain
        for mode in ("grey", "rgb"):
            assert np.array_equal(decode(plain, 28, mode), decode(with_text, 28, mode))


def test_a_palette_is_looked_up() -> None:
    image = Image.new("P", (28, 28), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert (decode(encoded(image), 28, "rgb") == (10, 20, 30)).all()


def test_one_bit_pixels_become_black_and_white() -> None:
    image = Image.fromarray(pixels() > 127)
    expected = np.where(pixels() > 127, 255, 0)
    assert np.array_equal(decode(encoded(image), 28, "grey")[:, :, 0], expected)


def test_sixteen_bits_keep_the_upper_eight_rounded() -> None:
    wide = np.full((28, 28), 65_535, np.uint16)
    wide[:14] = 257 * 100 + 128
    image = decode(encoded(Image.fromarray(wide)), 28, "grey")[:, :, 0]
    assert (image[14:] == 255).all()
    assert (image[:14] == 100).all()


@pytest.mark.parametrize(("ink", "background"), [(0, 255), (250, 0)])
def test_transparency_takes_the_background_that_shows_the_ink(ink: int, background: int) -> None:
    image = np.zeros((28, 28, 4), np.uint8)
    image[10:18, 10:18] = (ink, ink, ink, 255)
    decoded = decode(encoded(image), 28, "grey")[:, :, 0]
    assert decoded[14, 14] == ink
    assert decoded[0, 0] == background


def test_exif_orientation_is_applied() -> None:
    smooth = np.zeros((28, 28), np.uint8)
    smooth[:14] = 255
    exif = Image.Exif()
    exif[0x0112] = 3
    turned = decode(encoded(smooth, "JPEG", exif=exif), 28, "grey")[:, :, 0]
    assert turned[2, 14] < 20
    assert turned[25, 14] > 235


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.fromarray(np.full((28, 28), level, np.uint8)) for level in (10, 200)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (decode(content, 28, "grey") == 10).all()


def test_a_larger_image_is_shrunk_by_averaging() -> None:
    checks = np.kron(pixels(3), np.ones((2, 2), np.uint8))
    assert np.array_equal(decode(encoded(checks), 28, "grey")[:, :, 0], pixels(3))


def test_a_wide_image_keeps_its_aspect_and_is_centred_on_its_border_level() -> None:
    wide = np.full((28, 56, 1), 7, np.uint8)
    wide[8:20, 20:36] = 255
    image = fit(wide, 28)[:, :, 0]
    assert (image[:7] == 7).all()
    assert (image[21:] == 7).all()
    assert (image[11:17, 10:18] == 255).all()


def test_a_small_image_is_enlarged_to_fill() -> None:
    assert (fit(np.full((7, 7, 1), 90, np.uint8), 28) == 90).all()
    line = fit(np.full((1, 9_000, 3), 90, np.uint8), 28)
    assert line.shape == (28, 28, 3)
    assert (line == 90).all()


def test_an_odd_margin_has_its_larger_half_at_the_bottom() -> None:
    image = np.full((3, 4, 1), 50, np.uint8)
    image[1, 1:3] = 250
    result = fit(image, 4)
    assert np.array_equal(result[:3], image)
    assert (result[3] == 50).all()


def test_arrays_of_the_right_size_are_not_copied() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    assert np.shares_memory(fit_all(images, 28, "grey"), images)
    assert fit_all(images, 14, "rgb").shape == (3, 14, 14, 3)
    assert to_mode(images[0], 1).shape == (28, 28, 1)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(InputError, match="choose grey or rgb"):
        decode(encoded(pixels()), 28, "cmyk")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "GIF", "WEBP", "PPM"])
def test_a_file_cut_in_half_is_unreadable(kind: str) -> None:
    content = encoded(pixels(0, 64, 64), kind)
    with pytest.raises(Undecodable):
        decode(content[: len(content) // 2], 28, "grey")


def test_a_png_or_jpeg_without_its_end_is_truncated() -> None:
    png, jpeg = encoded(pixels()), encoded(pixels(), "JPEG")
    for content in (png[:-12], png[:-1], png[:100], png[:20], jpeg[:-2], jpeg[:-40]):
        with pytest.raises(Undecodable, match="truncated"):
            decode(content, 28, "grey")


def test_any_changed_bit_of_a_png_is_noticed(capfd: pytest.CaptureFixture[str]) -> None:
    content = encoded(pixels(0, 6, 6))
    for position in range(len(content)):
        broken = bytearray(content)
        broken[position] ^= 1 << (position % 8)
        with pytest.raises(Undecodable):
            decode(bytes(broken), 28, "grey")
    assert capfd.readouterr() == ("", "")


def test_a_png_with_too_few_rows_is_unreadable() -> None:
    def piece(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    whole = encoded(pixels())
    rows = zlib.compress(bytes(29 * 5))
    with pytest.raises(Undecodable, match="damaged"):
        decode(whole[:33] + piece(b"IDAT", rows) + whole[-12:], 28, "grey")


def test_empty_and_misnamed_files_say_so() -> None:
    with pytest.raises(Undecodable, match=r"empty \(0 bytes\)"):
        decode(b"", 28, "grey")
    with pytest.raises(Undecodable, match="named as an image"):
        decode(b"hello, this is text", 28, "grey")


def test_a_png_that_claims_a_vast_size_is_refused_before_decoding() -> None:
    content = png_claiming(100_000, 100_000)
    with pytest.raises(Undecodable, match="claims 100,000×100,000 pixels"):
        decode(content, 28, "grey")
    with pytest.raises(Undecodable, match="claims"):
        decode(content[:33] + b"x" + content[33:], 28, "grey")


def test_other_formats_that_claim_a_vast_size_are_refused() -> None:
    ppm = b"P5 100000 100000 255\n" + bytes(100)
    bmp = bytearray(encoded(pixels(), "BMP"))
    bmp[18:26] = struct.pack("<ii", 100_000, 100_000)
    for content in (ppm, bytes(bmp)):
        with pytest.raises(Undecodable, match="claims"):
            decode(content, 28, "grey")


def test_a_jpeg_of_more_scans_than_any_program_writes_is_refused() -> None:
    content = encoded(pixels(), "JPEG", progressive=True)
    scan = content.rindex(b"\xff\xda")
    last, end = content[scan:-2], content[-2:]
    with pytest.raises(Undecodable, match="more than 100 scans"):
        decode(content[:scan] + 100 * last + end, 28, "grey")
    assert decode(content[:scan] + 80 * last + end, 28, "grey").shape == (28, 28, 1)


@settings(deadline=None, max_examples=300)
@given(
    start=st.sampled_from(
        [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\x00", b"P5 9 9 9 "]
    ),
    rubbish=st.binary(max_size=200),
)
def test_rubbish_is_undecodable_or_an_image(start: bytes, rubbish: bytes) -> None:
    with contextlib.suppress(Undecodable):
        assert decode(start + rubbish, 28, "grey").shape == (28, 28, 1)


@settings(deadline=None, max_examples=300)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]),
    changes=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=5),
)
def test_damaged_files_are_undecodable_or_an_image(
    kind: str, changes: list[tuple[int, int]]
) -> None:
    content = io.BytesIO(encoded(pixels(), kind)).getbuffer()
    for position, value in changes:
        content[position % len(content)] = value
    with contextlib.suppress(Undecodable):
        assert decode(bytes(content), 28, "rgb").shape == (28, 28, 3)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("A/1.png", True),
        ("A/1.x.JPEG", True),
        (".tif", True),
        ("A/1.png.txt", False),
        ("A.png/1", False),
        ("A/png", False),
        ("png", False),
        ("1.", False),
        ("", False),
    ],
)
def test_an_image_file_is_named_by_its_ending(path: str, expected: bool) -> None:
    assert has_image_name(path) is expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x89PNG\r\n\x1a\nmore", True),
        (b"\xff\xd8\xff\xe0", True),
        (b"GIF89a", True),
        (b"BM", True),
        (b"II*\0", True),
        (b"MM\0*", True),
        (b"P1", True),
        (b"P6", True),
        (b"\0\0\0\x0cjP  \r\n", True),
        (b"RIFF1234WEBP", True),
        (b"\0\0\0\x1cftypavif", True),
        (b"RIFF1234WAVE", False),
        (b"RAFF1234WEBP", False),
        (b"\0\0\0\x1cftypheic", False),
        (b"P7", False),
        (b"\x89PNG\r\n\x1a", False),
        (b"xBM", False),
        (b"", False),
    ],
)
def test_an_image_is_known_by_how_it_begins(content: bytes, expected: bool) -> None:
    assert looks_like_image(content) is expected


LARGE = pixels(0, 30, 20)


@pytest.mark.parametrize(
    "content",
    [
        encoded(LARGE),
        encoded(Image.fromarray(LARGE), dpi=(72, 72)),
        encoded(LARGE, "BMP"),
        encoded(pixels(0, 30, 20, 3), "JPEG"),
    ],
    ids=["plain PNG", "PNG", "BMP", "JPEG"],
)
def test_as_many_pixels_as_asked_for_are_read_and_no_more(content: bytes) -> None:
    assert decode_whole(content, "grey", 600).shape == (30, 20, 1)
    with pytest.raises(TooManyPixels, match=r"^claims 20×30 pixels, more than 599$"):
        decode_whole(content, "grey", 599)
    with pytest.raises(TooManyPixels, match=r"^claims 20×30 pixels, more than 599$"):
        picture_pixels(Image.fromarray(LARGE), 599)


def test_what_pillow_takes_for_a_bomb_claims_too_many_pixels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(TooManyPixels, match=r"^claims more than 64,000,000 pixels$"):
        decode(encoded(LARGE, "BMP"), 28, "grey")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EOFError("no more"), "truncated"),
        (OSError("image file is Truncated (3 bytes)"), "truncated"),
        (MemoryError(), "needs more memory than there is"),
        (ValueError("what"), "damaged"),
    ],
)
def test_errors_of_decoders_are_told_in_a_few_words(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise error

    picture = Image.fromarray(LARGE).convert("CMYK")
    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "convert", failing)
        with pytest.raises(Undecodable, match=f"^{reason}$"):
            picture_pixels(picture)
    monkeypatch.setattr(Image, "open", failing)
    with pytest.raises(Undecodable, match=f"^{reason}$"):
        decode(encoded(LARGE, "BMP"), 28, "grey")


def test_floating_point_and_wide_pixels_are_refused() -> None:
    with pytest.raises(Undecodable, match=r"^has floating-point pixels$"):
        decode(encoded(Image.new("F", (4, 4), 0.5), "TIFF"), 4, "grey")
    for level in (-1, 65_536):
        with pytest.raises(Undecodable, match=r"^has pixels of more than 16 bits$"):
            picture_pixels(Image.new("I", (4, 4), level))


@pytest.mark.parametrize(
    ("wide", "level"),
    [
        (0, 0),
        (128, 0),
        (129, 1),
        (257, 1),
        (385, 1),
        (386, 2),
        (65_406, 254),
        (65_407, 255),
        (65_535, 255),
    ],
)
def test_sixteen_bits_become_the_nearest_of_eight(wide: int, level: int) -> None:
    found = picture_pixels(Image.new("I", (2, 2), wide))
    assert (found.dtype, found.tolist()) == (np.uint8, [[level] * 2] * 2)


@pytest.mark.parametrize(
    ("ink", "opacity", "background"),
    [(127, 255, 255), (128, 255, 0), (100, 128, 255), (160, 128, 0), (0, 0, 0), (255, 0, 0)],
)
def test_the_background_is_the_farther_of_black_and_white(
    ink: int, opacity: int, background: int
) -> None:
    image = np.zeros((4, 4, 4), np.uint8)
    image[1, 1] = (ink, ink, ink, opacity)
    found = decode(encoded(image), 4, "rgb")
    assert found[0, 0].tolist() == [background] * 3
    expected = background + (ink - background) * opacity / 255
    assert found[1, 1].tolist() == pytest.approx([expected] * 3, abs=1)


def test_transparent_levels_and_palettes_are_laid_on_a_background_too() -> None:
    grey = Image.new("L", (4, 4), 10)
    grey.putpixel((1, 1), 60)
    content = encoded(grey, transparency=10)  # what is left is dark
    assert decode(content, 4, "grey")[:2, :2, 0].tolist() == [[255, 255], [255, 60]]
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([1, 2, 3, 200, 210, 220])
    palette.putpixel((1, 1), 1)
    content = encoded(palette, transparency=0)
    assert decode(content, 4, "rgb")[1, :2].tolist() == [[0, 0, 0], [200, 210, 220]]


def test_inks_for_print_become_colours() -> None:
    found = picture_pixels(Image.new("CMYK", (2, 2), (0, 255, 255, 0)))
    assert found.tolist() == [[[255, 0, 0]] * 2] * 2


def test_a_picture_is_turned_as_its_file_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter to the right
    picture = Image.fromarray(LARGE)
    assert picture_pixels(picture).shape == (30, 20)
    with Image.open(io.BytesIO(encoded(picture, exif=exif))) as opened:
        assert np.array_equal(picture_pixels(opened), LARGE[::-1].T)


def test_a_jpeg_of_a_hundred_scans_is_read_and_of_one_more_is_not() -> None:
    content = encoded(pixels(), "JPEG", progressive=True)
    scan = content.rindex(b"\xff\xda")
    more = 100 - content.count(b"\xff\xda")
    last, end = content[scan:-2], content[-2:]
    assert decode(content[:-2] + more * last + end, 28, "grey").shape == (28, 28, 1)
    with pytest.raises(Undecodable, match=r"^has more than 100 scans$"):
        decode(content[:-2] + (more + 1) * last + end, 28, "grey")


@pytest.mark.parametrize("mode", ["grey", "rgb"])
def test_many_files_are_read_as_each_is_alone(mode: str) -> None:
    damaged = bytearray(encoded(pixels(3)))
    damaged[60] ^= 1
    contents = [
        *(encoded(pixels(0)), b"", encoded(pixels(1), "BMP"), encoded(pixels(2)), bytes(damaged)),
        *(encoded(pixels(4, channels=3)), encoded(pixels(5, 9, 7)), encoded(pixels(6))),
    ]
    found = np.zeros((8, 28, 28, 1 if mode == "grey" else 3), np.uint8)
    problems = decode_all(contents, found, mode)
    assert problems == {1: "empty (0 bytes)", 4: "damaged"}
    for place in (0, 2, 3, 5, 6, 7):
        assert np.array_equal(found[place], decode(contents[place], 28, mode))
    assert decode_all([], found[:0], mode) == {}
