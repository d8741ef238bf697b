"""An archive like notMNIST_large, made of the built-in images, and kept under runs/bench/."""

import base64
import hashlib
import io
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image

from glyphlab.data.glyphs import load_glyphs
from glyphlab.files import atomic_path

LARGE = 529_113


def rendered_archive(images: int, folder: Path = Path("runs/bench")) -> Path:
    """Give a `.tar.gz` of so many PNGs of 28×28, a folder per letter; made where it is absent.

    The built-in images, each turned and shifted a little at random every time it comes round, so
    that their edges are grey as in notMNIST, are encoded by Pillow. Names are as long as
    notMNIST's, and unsorted.
    """
    name = f"rendered-{images}"
    archive = folder / f"{name}.tar.gz"
    if not archive.exists():
        print(f"Making {archive} …", file=sys.stderr)
        with atomic_path(archive) as part, tarfile.open(part, "w:gz", compresslevel=6) as tar:
            for path, content in _files(images):
                entry = tarfile.TarInfo(f"{name}/{path}")
                entry.size, entry.mtime = len(content), 1_315_440_000
                tar.addfile(entry, io.BytesIO(content))
    return archive


def _files(images: int) -> Iterator[tuple[str, bytes]]:
    glyphs, random = load_glyphs().train, np.random.default_rng(0)
    for label, letter in enumerate(glyphs.classes):
        own = glyphs.images[glyphs.labels == label, :, :, 0]
        for number in range(label, images, len(glyphs.classes)):
            image = _moved(own[number // len(glyphs.classes) % len(own)], random)
            yield f"{letter}/{_file_name(number)}", _png(image)


def _moved(
    image: UInt8[np.ndarray, "height width"], random: np.random.Generator
) -> UInt8[np.ndarray, "height width"]:
    height, width = image.shape
    angle, right, down = random.uniform(-8, 8), *random.uniform(-1.5, 1.5, 2)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    turn[:, 2] += right, down
    return np.asarray(cv2.warpAffine(image, turn, (width, height)), np.uint8)


def _png(image: UInt8[np.ndarray, "height width"]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _file_name(number: int) -> str:
    digest = hashlib.sha256(str(number).encode()).digest()
    return base64.urlsafe_b64encode(digest[:27]).decode() + ".png"
