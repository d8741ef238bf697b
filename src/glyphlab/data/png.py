"""Plain PNGs, of which image sets consist: how they are known, and many decoded at once.

Without NumPy, so that a process that needs no more starts in a moment.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
START = SIGNATURE + b"\x00\x00\x00\x0dIHDR"
GREY, RGB = 0, 2

_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_DATA = slice(41, -16)
_DECODED = (-1, 0)
_UNTOUCHED = 1


class PngHeader(NamedTuple):
    """What the header of a plain PNG tells.

    Parameters
    ----------
    width, height : int
        In pixels.
    colour : int
        `GREY` or `RGB`, of 8 bits each.
    interlaced : bool
        Whether its rows come in seven passes.
    """

    width: int
    height: int
    colour: int
    interlaced: bool


def sides(content: bytes) -> tuple[int, int]:
    """Width and height that a PNG's header claims."""
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def plain_header(content: bytes) -> PngHeader | None:
    """Give the header of a PNG of header, one piece of data and end; None for all others.

    A plain PNG is 8-bit grey or RGB; structure and checksums are right.
    """
    header = _header(content[:33])
    if (
        header is None
        or content[37:41] != b"IDAT"
        or content[-12:] != _END
        or int.from_bytes(content[33:37], "big") != len(content) - 57
        or crc32(content[37:-16]) != int.from_bytes(content[-16:-12], "big")
    ):
        return None
    return header


def usual_header(size: int) -> PngHeader:
    """The header of most images: grey, of the size that is wanted."""
    return PngHeader(size, size, GREY, interlaced=False)


def decode_usual(contents: Sequence[bytes], size: int) -> bytes | None:
    """Decode PNGs if all of them have the usual header and are intact; else None.

    Parameters
    ----------
    contents : sequence of n bytes
        The files.
    size : int
        Side in pixels.

    Returns
    -------
    n × size × size bytes
    """
    usual = usual_header(size)
    if any(plain_header(content) != usual for content in contents):
        return None
    pixels, intact = decode_strip(contents, size)
    return pixels if all(intact) else None


def decode_strip(contents: Sequence[bytes], size: int) -> tuple[bytes, list[bool]]:
    """Decode PNGs that have the usual header.

    Pillow's decoder of their data writes them one below the other into one tall image, so that
    no image is opened by itself, which takes longer than decoding it.

    Parameters
    ----------
    contents : sequence of n bytes
        The files.
    size : int
        Side in pixels.

    Returns
    -------
    pixels : n × size × size bytes
    intact : list of n bool
        False where the data are damaged, and may be too short: the last row was not reached, or
        has the one level that the image began with.
    """
    strip = Image.new("L", (size, size * len(contents)), _UNTOUCHED)
    decoded = [
        _decode_into(strip, size * place, content[_DATA]) for place, content in enumerate(contents)
    ]
    pixels, untouched = strip.tobytes(), bytes([_UNTOUCHED]) * size
    last_rows = range(size * (size - 1), len(pixels), size * size)
    intact = [
        whole and pixels[start : start + size] != untouched
        for whole, start in zip(decoded, last_rows, strict=True)
    ]
    return pixels, intact


def _decode_into(strip: Image.Image, top: int, data: bytes) -> bool:
    decoder = Image.core.zip_decoder("L", "L", 0)  # type: ignore[attr-defined]
    decoder.setimage(strip.im, (0, top, strip.width, top + strip.width))
    return bool(decoder.decode(data) == _DECODED)


@lru_cache(maxsize=1024)
def _header(start: bytes) -> PngHeader | None:
    """What the first 33 bytes of a plain PNG tell; a set has few headers, each looked at once."""
    if (
        len(start) != 33
        or not start.startswith(START)
        or start[24] != 8
        or start[25] not in (GREY, RGB)
        or start[26:28] != b"\0\0"
        or start[28] > 1
        or crc32(start[12:29]) != int.from_bytes(start[29:], "big")
    ):
        return None
    return PngHeader(*sides(start), start[25], start[28] == 1)
