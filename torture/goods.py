"""Good small files of every kind that glyphlab reads, for the attacks to change."""

import gzip
import io
import json
import tarfile
import zipfile
from base64 import b64encode
from pathlib import Path

import cv2
import numpy as np
import torch
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image

import glyphlab
from glyphlab.data.dataset import Dataset
from glyphlab.data.ids import Ids
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.training.checkpoint import Position, save_checkpoint
from glyphlab.training.optimization import make_optimizer
from glyphlab.training.recipe import default_recipe
from glyphlab.training.run import Run

SIDE = 8
LABELS = bytes([0, 0, 8, 1]) + (12).to_bytes(4, "big") + bytes([0, 1] * 6)
"""An IDX file of labels that belongs to `packed_idx`."""
RECIPE = default_recipe("logistic").replace(steps=2, batch_size=4, validation=0.2)
IMAGE_KINDS = {
    "GIF": "gif",
    "BMP": "bmp",
    "TIFF": "tiff",
    "WEBP": "webp",
    "PPM": "ppm",
    "JPEG2000": "jp2",
    "AVIF": "avif",
}
"""Formats that Pillow reads, with the endings of their files; PNG and JPEG are made by OpenCV."""
_BOXES = {"A": (100, 0, 300, 800), "B": (0, 0, 800, 400)}


def letters(n: int = 12) -> Dataset:
    """A few images of two classes."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (n, SIDE, SIDE, 1), dtype=np.uint8)
    ids = Ids.from_strings([f"{'ab'[i % 2]}/{i}.png" for i in range(n)])
    return Dataset(images, np.arange(n) % 2, ids, ("a", "b"), "letters")


def pictures() -> dict[str, bytes]:
    """The same as PNG files in class folders."""
    some = letters()
    return {
        name: cv2.imencode(".png", image)[1].tobytes()
        for name, image in zip(some.ids, some.images, strict=True)
    }


def packed_tar() -> bytes:
    """A tar of them; one name is so long that it has a header of its own."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in pictures().items():
            entry = tarfile.TarInfo(name.replace("/0.", f"/{'long' * 30}."))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def packed_zip() -> bytes:
    """A zip of them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pictures().items():
            archive.writestr(name, content)
    return made.getvalue()


def packed_npz() -> bytes:
    """Their arrays."""
    made, some = io.BytesIO(), letters()
    np.savez_compressed(made, images=some.images, labels=some.labels)
    return made.getvalue()


def packed_idx() -> bytes:
    """Their pixels, as MNIST's files hold them."""
    some = letters()
    head = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in (len(some), SIDE, SIDE))
    return head + some.images.tobytes()


def packed_idx_gz() -> bytes:
    """The same, packed."""
    return gzip.compress(packed_idx(), 1)


def png() -> bytes:
    """One of them."""
    return next(iter(pictures().values()))


def jpeg() -> bytes:
    """One of them, of a progressive JPEG, whose scans are many."""
    kind = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    return bytes(cv2.imencode(".jpg", letters().images[0], kind)[1])


def picture(kind: str) -> bytes:
    """One of them in colour, in a format of Pillow's."""
    made = io.BytesIO()
    grey = Image.fromarray(letters().images[0, :, :, 0])
    Image.merge("RGB", (grey, grey.transpose(Image.Transpose.ROTATE_90), grey)).save(made, kind)
    return made.getvalue()


def font() -> bytes:
    """A font of two letters, which are boxes."""
    made = io.BytesIO()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *_BOXES])
    builder.setupCharacterMap({ord(letter): letter for letter in _BOXES} | {0x1F600: "A"})
    glyphs = {name: _glyph(*box) for name, box in _BOXES.items()}
    builder.setupGlyf({".notdef": _glyph(0, 0, 500, 700), **glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", *_BOXES), (800, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(made)
    return made.getvalue()


def _glyph(left: int, bottom: int, right: int, top: int) -> object:
    pen = TTGlyphPen(None)
    pen.moveTo((left, bottom))
    for corner in ((left, top), (right, top), (right, bottom)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()


def form() -> bytes:
    """A form with an image, after a line with its type, as the server is sent it."""
    head = b'--b0und\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
    body = head + b"Content-Type: image/png\r\n\r\n" + png() + b"\r\n--b0und--\r\n"
    return b"multipart/form-data; boundary=b0und\n" + body


def json_body() -> bytes:
    """The same as JSON."""
    images = [b64encode(png()).decode(), f"data:image/png;base64,{b64encode(jpeg()).decode()}"]
    return b"application/json\n" + json.dumps({"images": images}).encode()


def request() -> bytes:
    """A whole request with that form."""
    kind, _, body = form().partition(b"\n")
    lines = [
        b"POST /api/predict?explain=true&model=run HTTP/1.1",
        b"Host: 127.0.0.1:8000",
        b"Origin: http://127.0.0.1:8000",
        b"Accept-Language: ru-RU,ru;q=0.9",
        b"Content-Type: " + kind,
        b"Content-Length: " + str(len(body)).encode(),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def trained(place: Path) -> Path:
    """The Run of a short training."""
    return glyphlab.fit("logistic", letters(40), RECIPE, out=place / "run").path


def training() -> tuple[dict[str, torch.nn.Module], torch.optim.Optimizer]:
    """A module and its optimizer as they are before the first step."""
    torch.manual_seed(0)
    module = glyphlab.build("logistic", (SIDE, SIDE, 1), 2)
    return {"model": module}, make_optimizer(module, RECIPE)


def take_step(modules: dict[str, torch.nn.Module], optimizer: torch.optim.Optimizer) -> None:
    """Train by one batch."""
    images = torch.from_numpy(letters().images).permute(0, 3, 1, 2).float()
    modules["model"](images).square().sum().backward()
    optimizer.step()


def checkpoint(path: Path) -> None:
    """A training after its first step."""
    modules, optimizer = training()
    take_step(modules, optimizer)
    history = [{"epoch": 1, "loss": 0.5, "seconds": 0.1}]
    save_checkpoint(path, Position(step=1, epoch=1, history=history), modules, optimizer)


def evaluation() -> Evaluation:
    """What a model says of the images."""
    some = letters()
    probabilities = np.full((len(some), 2), 0.5, np.float32)
    return Evaluation(
        probabilities,
        some.labels,
        some.classes,
        some.ids,
        "logistic",
        some.name,
        some.fingerprint,
        seed=0,
        parameters=130,
        seconds=0.5,
        operations=256,
        train_seconds=1.5,
    )


def info_of(run: Path) -> str:
    """What `Run` tells of itself, in words and as in a notebook."""
    found = Run(run)
    return f"{found!r}{found._repr_html_()}{found.recipe}{found.seed}"
