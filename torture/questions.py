"""What `glyphlab serve` is asked under load, and what it must say: what `glyphlab.predict` says.

The requests are of all forms and sizes: an image of 28x28, some as JSON, a form of many, and
photographs of a megabyte.
"""

import json
import random
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

import glyphlab
from glyphlab.data.glyphs import load_glyphs

TOLERANCE = 1e-5
SINGLE = "one image"
SHARES = {SINGLE: 0.97, "8 images as JSON": 0.015, "form of 64 images": 0.01, "photograph": 0.005}
BOUNDARY = "b0undary"


class Question(NamedTuple):
    """A request, and what must be answered."""

    kind: str
    request: bytes
    probabilities: Sequence[Sequence[float]]
    classes: Sequence[str]


def request_of(body: bytes, content_type: str, path: str = "/api/predict") -> bytes:
    """A request that sends a body."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def form_of(contents: Sequence[bytes]) -> tuple[bytes, str]:
    """Image files as a form: its body and type."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="{place}.png"\r\n'
        f"Content-Type: image/png\r\n\r\n".encode()
        + content
        + b"\r\n"
        for place, content in enumerate(contents)
    ]
    end = f"--{BOUNDARY}--\r\n".encode()
    return b"".join(parts) + end, f"multipart/form-data; boundary={BOUNDARY}"


def letters(number: int = 64) -> list[bytes]:
    """PNG files of so many images of the built-in test part."""
    test = load_glyphs().test
    return [_png(test.images[place * len(test) // number]) for place in range(number)]


def photograph(content: bytes, seed: int, side: int = 1_000) -> bytes:
    """A letter as a camera sees it: large, dark on light, noisy, and a megabyte."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    large = 255.0 - cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR)
    noise = np.random.default_rng(seed).normal(0, 8, large.shape)
    return _png(np.clip(large + noise, 0, 255).astype(np.uint8))


def _png(image: np.ndarray) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def questions(run: Path, seed: int) -> list[Question]:
    """Questions of every kind of `SHARES`, with what the run says."""
    files = letters()
    chance = random.Random(seed)
    asked = [(SINGLE, [content], request_of(content, "image/png")) for content in files]
    for _ in range(8):
        some = chance.sample(files, 8)
        body = json.dumps({"images": [b64encode(content).decode() for content in some]}).encode()
        asked.append(("8 images as JSON", some, request_of(body, "application/json")))
    asked.append(("form of 64 images", files, request_of(*form_of(files))))
    for number, content in enumerate(files[:4]):
        photo = photograph(content, seed + number)
        asked.append(("photograph", [photo], request_of(photo, "image/png")))
    return [_question(run, *each) for each in asked]


def _question(run: Path, kind: str, contents: Sequence[bytes], request: bytes) -> Question:
    said = glyphlab.predict(run, contents, precision="float32")
    return Question(kind, request, said.probabilities.tolist(), list(said.labels))


def is_right(question: Question, body: bytes) -> bool:
    """Whether an answer says of each image what it must."""
    try:
        images = json.loads(body)["images"]
        said = [image["predictions"][0] for image in images]
        classes = [each["class"] for each in said]
        found = np.array([each["probabilities"] for each in said])
    except (ValueError, LookupError, TypeError):
        return False
    expected = np.array(question.probabilities)
    return (
        classes == list(question.classes)
        and found.shape == expected.shape
        and bool(np.abs(found - expected).max() <= TOLERANCE)
    )
