"""Image files are found in every kind of body, and what is none of these is refused."""

from base64 import b64encode
from json import dumps

import pytest
from tests.serving.running import form

from glyphlab.serving.bodies import sent_images
from glyphlab.serving.refusal import Refusal

JSON = "application/json"


def encoded(*contents: bytes) -> bytes:
    return dumps({"images": [b64encode(content).decode() for content in contents]}).encode()


@pytest.mark.parametrize("kind", ["image/png", "image/x-unknown", "application/octet-stream", ""])
def test_a_bare_image_is_the_body(kind: str) -> None:
    assert sent_images(kind, b"\x89PNG", 3) == [("image", b"\x89PNG")]


def test_files_of_a_form_keep_their_names_and_other_fields_are_left_out() -> None:
    body, kind = form({"a.png": b"one\r\n--", "b.png": b""})
    field = b'--b0undary\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    assert sent_images(kind, field + body, 3) == [("a.png", b"one\r\n--"), ("b.png", b"")]


def test_base64_is_taken_plain_and_as_a_data_address() -> None:
    body = dumps({"images": ["AAEC", "data:image/png;base64,AAEC"]}).encode()
    assert sent_images(f"{JSON}; charset=utf-8", body, 3) == [
        ("images.0", b"\0\1\2"),
        ("images.1", b"\0\1\2"),
    ]


@pytest.mark.parametrize(
    ("kind", "body", "status", "words"),
    [
        ("image/png", b"", 422, "no image in the request"),
        ("text/plain", b"A", 415, "'text/plain'"),
        ("application/x-www-form-urlencoded", b"image=A", 415, "not read"),
        (JSON, b"", 422, "the body"),
        (JSON, b"{", 422, "the body"),
        (JSON, b"[" * 100_000, 422, "the body"),
        (JSON, b'{"images": "A"}', 422, "images: "),
        (JSON, b'{"images": [1]}', 422, "images.0: "),
        (JSON, b'{"images": [], "more": 1}', 422, "more: "),
        (JSON, b'{"images": []}', 422, "no image"),
        (JSON, b'{"images": ["A"]}', 422, "images.0 is no Base64"),
        (JSON, '{"images": ["é"]}'.encode(), 422, "images.0 is no Base64"),
        (JSON, encoded(b"1", b"2", b"3", b"4"), 413, "3 images at most"),
        ("multipart/form-data", b"A", 400, "names no boundary"),
        ("multipart/form-data; boundary=b", b"A", 400, "can't be read"),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 422, "no image"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\nA", 400, "can't be read"),
    ],
)
def test_what_holds_no_image_is_refused_in_a_sentence(
    kind: str, body: bytes, status: int, words: str
) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        sent_images(kind, body, 3)
    assert refused.value.status == status
    assert str(refused.value).endswith(".")


def test_a_form_that_is_cut_off_is_refused() -> None:
    body, kind = form({"a.png": b"one"})
    with pytest.raises(Refusal, match="can't be read") as refused:
        sent_images(kind, body[:-6], 3)
    assert refused.value.status == 400


def test_a_form_of_too_many_files_is_refused() -> None:
    body, kind = form({f"{place}.png": b"x" for place in range(4)})
    with pytest.raises(Refusal, match="3 images at most") as refused:
        sent_images(kind, body, 3)
    assert refused.value.status == 413
