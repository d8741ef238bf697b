"""From the bytes of an image file to pixels.

Plain PNGs that are grey and of the right size, as most are in image sets, are decoded together
(`png.py`); other plain PNGs go to OpenCV, which is several times as fast as Pillow; everything
else goes to Pillow, which knows more formats. OpenCV's libpng writes its complaints to stderr, so
it gets only files whose structure and checksums are found to be right first.
"""

import io
from collections.abc import Sequence
from functools import cache
from itertools import compress
from typing import Any
from zlib import crc32

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageChops, ImageOps

from glyphlab.data import png
from glyphlab.data.resize import channels_of, fit, to_mode

MAXIMUM_PIXELS = 64_000_000
MOST_SCANS = 100
"""Of a JPEG. Each of them goes over all pixels, and a file of a megabyte can hold 10,000; cameras
and programs write up to about ten."""
IMAGE_SUFFIXES = frozenset(
    (
        *("png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "tif", "tiff"),
        *("webp", "pbm", "pgm", "ppm", "pnm", "jp2", "avif"),
    )
)

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF")
_JPEG, _SCAN = b"\xff\xd8\xff", b"\xff\xda"
_MAGICS = (
    *(png.SIGNATURE, _JPEG, b"GIF8", b"BM", b"II*\x00", b"MM\x00*"),
    *(b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"\x00\x00\x00\x0cjP  "),
)


class Undecodable(Exception):
    """An image file that can't be read; the message is the reason, a few words."""


class TooManyPixels(Undecodable):
    """An image file that claims more pixels than are read."""


def has_image_name(path: str) -> bool:
    """Whether a file name ends as image files' names do."""
    _, dot, ending = path.rpartition(".")
    return dot != "" and ending.lower() in IMAGE_SUFFIXES


def looks_like_image(content: bytes) -> bool:
    """Whether the first 12 bytes are those of an image format that is read here."""
    return (
        content.startswith(_MAGICS)
        or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")
        or content[4:12] == b"ftypavif"
    )


def decode(content: bytes, size: int, mode: str) -> UInt8[np.ndarray, "size size channels"]:
    """Read an image file's bytes as an image of the Dataset's size.

    16-bit grey is divided by 257; palettes are looked up; transparency is laid on black or
    white, whichever lies farther from the mean of what is opaque; EXIF orientation is applied;
    of an animation the first frame counts. Then `to_mode` and `fit` follow.

    Parameters
    ----------
    content : bytes
        The whole file.
    size : int
        Side of the square in pixels.
    mode : str
        `grey` or `rgb`.

    Returns
    -------
    uint8 [size, size, 1 or 3]

    Raises
    ------
    Undecodable
        If the file is empty, truncated, damaged, no image, or claims over 64 megapixels.
    """
    return fit(decode_whole(content, mode), size)


def decode_whole(
    content: bytes, mode: str, most_pixels: int = MAXIMUM_PIXELS
) -> UInt8[np.ndarray, "height width channels"]:
    """Read an image file's bytes as `decode` does, and leave the image its size.

    Raises
    ------
    Undecodable
        As `decode`, and if it claims more pixels than these.
    """
    image = _plain_png(content, most_pixels)
    if image is None:
        image = _any_image(content, most_pixels)
    return to_mode(image, channels_of(mode))


def decode_all(
    contents: Sequence[bytes], pixels: UInt8[np.ndarray, "n size size channels"], mode: str
) -> dict[int, str]:
    """Read many image files' bytes, each as `decode` does.

    Parameters
    ----------
    contents : sequence of n bytes
        The whole files.
    pixels : uint8 [n, size, size, 1 or 3]
        Filled; of what can't be read the content is undefined.
    mode : str
        `grey` or `rgb`.

    Returns
    -------
    dict of int to str
        Of those that can't be read, the reasons by position.
    """
    size = pixels.shape[1]
    done = _decode_usual(contents, pixels) if mode == "grey" else set()
    problems: dict[int, str] = {}
    for i, content in enumerate(contents):
        if i not in done:
            try:
                pixels[i] = decode(content, size, mode)
            except Undecodable as reason:
                problems[i] = str(reason)
    return problems


def _decode_usual(
    contents: Sequence[bytes], pixels: UInt8[np.ndarray, "n size size 1"]
) -> set[int]:
    """Decode the PNGs that are as most are, together; give the places of those that are intact."""
    size = pixels.shape[1]
    usual = png.usual_header(size)
    places = [i for i, content in enumerate(contents) if png.plain_header(content) == usual]
    if not places:
        return set()
    strip, intact = png.decode_strip([contents[i] for i in places], size)
    pixels[places] = np.frombuffer(strip, np.uint8).reshape(-1, size, size, 1)
    return set(compress(places, intact))


def _plain_png(content: bytes, most_pixels: int) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
    """The pixels of a plain PNG; None for all others."""
    header = png.plain_header(content)
    if header is None:
        return None
    _check_pixels(header.width, header.height, most_pixels)
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise Undecodable("damaged")
    if header.colour == png.RGB:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return np.asarray(pixels, np.uint8)


def _any_image(content: bytes, most_pixels: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    if not content:
        raise Undecodable("empty (0 bytes)")
    if not looks_like_image(content):
        raise Undecodable("named as an image, but its content is none")
    if content.startswith(png.SIGNATURE):
        _check_png(content, most_pixels)
    if content.startswith(_JPEG) and content.count(_SCAN) > MOST_SCANS:
        raise Undecodable(f"has more than {MOST_SCANS} scans")
    try:
        with Image.open(io.BytesIO(content), formats=_formats()) as image:
            return picture_pixels(image, most_pixels)
    except Undecodable:
        raise
    except Image.DecompressionBombError:
        raise TooManyPixels(f"claims more than {most_pixels:,} pixels") from None
    except Exception as error:  # Pillow's plugins raise nearly anything on damaged files
        raise Undecodable(_reason(error)) from None


def picture_pixels(
    image: Image.Image, most_pixels: int = MAXIMUM_PIXELS
) -> UInt8[np.ndarray, "height width *channels"]:
    """Read a picture of Pillow's as `decode_whole` does its file.

    Raises
    ------
    Undecodable
        If it is too large, cut off, damaged, or has other than 8 or 16 bits.
    """
    _check_pixels(*image.size, most_pixels)
    try:
        return _pixels(_upright(image))
    except Undecodable:
        raise
    except Exception as error:  # Pillow's plugins raise nearly anything on damaged files
        raise Undecodable(_reason(error)) from None


def _upright(image: Image.Image) -> Image.Image:
    """Turn it as its EXIF data say; a picture that was made in memory has none."""
    return ImageOps.exif_transpose(image) if image.format or image.info else image


def _pixels(image: Image.Image) -> np.ndarray[Any, np.dtype[np.uint8]]:
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return np.asarray(image)
    if image.mode.startswith("I"):
        return _from_16_bit(np.asarray(image))
    if image.mode == "F":
        raise Undecodable("has floating-point pixels")
    if image.mode == "1":
        return np.asarray(image.convert("L"))
    if image.has_transparency_data:
        return np.asarray(_opaque(image.convert("RGBA")))
    return np.asarray(image.convert("RGB"))


def _from_16_bit(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    if pixels.min() < 0 or pixels.max() > 65_535:
        raise Undecodable("has pixels of more than 16 bits")
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _opaque(image: Image.Image) -> Image.Image:
    """Lay an RGBA image on black or white, so that dark ink stays visible, and light ink too."""
    alpha = image.getchannel("A")
    opaque = int(np.asarray(alpha).sum(dtype=np.int64))
    ink = np.asarray(ImageChops.multiply(image.convert("L"), alpha)).sum(dtype=np.int64)
    level = 255 if opaque and ink / opaque * 255 < 128 else 0
    background = Image.new("RGBA", image.size, (level, level, level, 255))
    background.alpha_composite(image)
    return background.convert("RGB")


def _check_pixels(width: int, height: int, most: int) -> None:
    if width * height > most:
        raise TooManyPixels(f"claims {width:,}×{height:,} pixels, more than {most:,}")


def _check_png(content: bytes, most_pixels: int) -> None:
    """Check every piece's checksum, which Pillow does not, and that the last one is there."""
    if content[:16] == png.START and len(content) >= 24:
        _check_pixels(*png.sides(content), most_pixels)
    start = len(png.SIGNATURE)
    while True:
        data_end = start + 8 + int.from_bytes(content[start : start + 4], "big")
        if data_end + 4 > len(content):
            raise Undecodable("truncated")
        checksum = int.from_bytes(content[data_end : data_end + 4], "big")
        if crc32(content[start + 4 : data_end]) != checksum:
            raise Undecodable("damaged")
        if content[start + 4 : start + 8] == b"IEND":
            return
        start = data_end + 4


@cache
def _formats() -> tuple[str, ...]:
    """Of the formats read here, those that this Pillow was built with."""
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _reason(error: Exception) -> str:
    text = str(error)
    if isinstance(error, EOFError) or "truncated" in text.lower():
        return "truncated"
    if isinstance(error, MemoryError):
        return "needs more memory than there is"
    return "damaged"
