"""From the body of a request to the image files in it."""

from base64 import b64decode
from binascii import Error as Base64Error
from http import HTTPStatus
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from glyphlab.language import say
from glyphlab.language.numerals import number
from glyphlab.serving.multipart_files import Malformed, files_of
from glyphlab.serving.refusal import Refusal

JSON, MULTIPART = "application/json", "multipart/form-data"
_BARE = ("application/octet-stream", "")
_BASE64_HEAD = ";base64,"


class Sent(NamedTuple):
    """An image file that came with a request: its name, and its content."""

    name: str
    content: bytes


class Base64Images(BaseModel):
    """One or many images as JSON."""

    model_config = ConfigDict(extra="forbid")

    images: list[str]
    """Image files in Base64, plain or as `data:` addresses."""


def sent_images(content_type: str, body: bytes, most: int) -> list[Sent]:
    """The images of a request.

    Parameters
    ----------
    content_type : str
        Value of the header: an image type for one bare image, multipart/form-data for files in
        fields of any name, or application/json for `Base64Images`.
    body : bytes
    most : int
        Images that a request may hold.

    Returns
    -------
    list of Sent
        At least one.

    Raises
    ------
    Refusal
        400 or 422 for what can't be read, 413 for too many images, 415 for another type.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == MULTIPART:
        sent = _from_multipart(content_type, body, most)
    elif kind == JSON:
        sent = _from_json(body, most)
    elif kind.startswith("image/") or kind in _BARE:
        sent = [Sent("image", body)] if body else []
    else:
        raise Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Bodies of type {kind!r} are not read; send an image, multipart/form-data or "
            "application/json.",
        )
    if not sent:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, lambda: say("serve-refused-nothing"))
    return sent


def _from_json(body: bytes, most: int) -> list[Sent]:
    try:
        images = Base64Images.model_validate_json(body).images
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f'The JSON can\'t be used ({place}: {first["msg"]}); send {{"images": ["…"]}} with '
            "image files in Base64.",
        ) from error
    _check_number(len(images), most)
    return [Sent(f"images.{place}", _decoded(text, place)) for place, text in enumerate(images)]


def _decoded(text: str, place: int) -> bytes:
    head, mark, rest = text.partition(_BASE64_HEAD)
    try:
        return b64decode(rest if mark and head.startswith("data:") else text, validate=True)
    except (Base64Error, ValueError) as error:
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"images.{place} is no Base64; encode the whole image file.",
        ) from error


def _from_multipart(content_type: str, body: bytes, most: int) -> list[Sent]:
    try:
        files = files_of(content_type, body)
    except Malformed as error:
        raise Refusal(
            HTTPStatus.BAD_REQUEST,
            f"The multipart body can't be read ({error}); send each image as a file of a form.",
        ) from error
    _check_number(len(files), most)
    return [Sent(name or f"file {place}", content) for place, (name, content) in enumerate(files)]


def _check_number(images: int, most: int) -> None:
    if images > most:
        raise Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            lambda: say("serve-refused-images", most=number(most)),
        )
