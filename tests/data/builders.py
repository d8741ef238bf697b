"""Small sources of images, made for one test."""

import io
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from PIL import Image

Files = dict[str, bytes]


def pixels(seed: int = 0, height: int = 28, width: int = 28, channels: int = 1) -> np.ndarray:
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def encoded(image: np.ndarray | Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def class_files(top: str = "", classes: str = "AB", each: int = 3, first: int = 0) -> Files:
    """PNG files in class folders; image `i` of class `c` is `pixels(first + 100 c + i)`."""
    return {
        f"{top}{name}/{i}.png": encoded(pixels(first + 100 * label + i))
        for label, name in enumerate(classes)
        for i in range(each)
    }


def write_folder(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_tar(path: Path, files: Files, mode: str = "w:gz", form: int = tarfile.GNU_FORMAT) -> Path:
    with tarfile.open(path, mode, format=form) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def write_zip(path: Path, files: Files, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def png_claiming(width: int, height: int) -> bytes:
    """A right PNG of 28×28 whose header claims another size, with a right checksum."""
    content = bytearray(encoded(pixels()))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", crc32(content[12:29]))
    return bytes(content)
