"""What requests and answers look like, and the OpenAPI document that says so."""

from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from glyphlab.serving.bodies import Base64Images
from glyphlab.version import __version__


class Nearest(BaseModel):
    """A training image near to the one that was sent."""

    image: str = Field(description="A PNG as data: address.")
    class_: str = Field(alias="class")
    id: str = Field(description="Where it came from: its path inside the source.")


class Prediction(BaseModel):
    """What one model says of one image."""

    model: str
    class_: str = Field(alias="class")
    probability: float
    second: str = Field(description="The runner-up.")
    second_probability: float
    unlike: bool | None = Field(
        description="Whether the image is unlike all that the model was trained on; null where "
        "that is not judged."
    )
    probabilities: list[float] = Field(description="In the order of the model's classes.")
    seen: str | None = Field(None, description="What the model saw, as PNG; with explain.")
    looked: str | None = Field(None, description="The same, and where it looked; with explain.")
    nearest: list[Nearest] | None = Field(None, description="With explain.")


class Predicted(BaseModel):
    """One image and what the models say of it."""

    name: str
    predictions: list[Prediction]


class Answer(BaseModel):
    """What the models say of the images of a request."""

    images: list[Predicted]


class Model(BaseModel):
    """A model that is served."""

    name: str
    architecture: str
    dataset: str
    classes: list[str]
    image_shape: tuple[int, int, int] = Field(description="Height, width, channels.")
    parameters: int
    validation_accuracy: float | None
    form: bool = Field(description="Whether it brings photographs to its training images' form.")
    examples: int = Field(description="Training images that the nearest are shown of.")
    computed_by: str = Field(description="PyTorch, or, some seconds later, ONNX Runtime.")


class Bounds(BaseModel):
    """What a request may ask for."""

    body_bytes: int
    images: int
    pixels: int


class Models(BaseModel):
    """All models of the server."""

    models: list[Model]
    limits: Bounds


class Problem(BaseModel):
    """Why a request was not served."""

    error: str = Field(description="One sentence: what is wrong and what to do.")


_REFERENCE = "#/components/schemas/{model}"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {
    "type": "object",
    "properties": {"image": {"type": "array", "items": {"type": "string", "format": "binary"}}},
    "required": ["image"],
}
_PROBLEMS = {
    400: "The body can't be read.",
    401: "The token is missing or wrong.",
    403: "The request came from another page, or by a name that is not this server's.",
    404: "There is no such model.",
    408: "The body came too slowly.",
    413: "The body is too large, or holds too many images.",
    415: "Bodies of this type are not read.",
    422: "An image or a parameter can't be used.",
    429: "Too much is waiting; Retry-After says when to come again.",
    504: "It took too long.",
}
_HEADERS = {
    401: {"WWW-Authenticate": "How to send the token."},
    429: {"Retry-After": "Seconds."},
}
_COMMON = (401, 403)


def openapi() -> dict[str, Any]:
    """The OpenAPI document of the server."""
    parts = (Answer, Models, Problem, Base64Images)
    _, schemas = models_json_schema(
        [(part, "serialization") for part in parts], ref_template=_REFERENCE
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "glyphlab",
            "version": __version__,
            "description": "What trained models say of images.",
        },
        "paths": {
            "/api/predict": {"post": _predict()},
            "/api/models": {"get": _get("The models that are served", _json_of(Models), _COMMON)},
            "/api/openapi.json": {"get": _get("This document", _DOCUMENT, _COMMON)},
            "/healthz": {"get": _get("Whether the server lives", _TEXT)},
            "/readyz": {"get": _get("Whether it can answer", _TEXT)},
            "/metrics": {"get": _get("Counters for Prometheus", _TEXT, _COMMON)},
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _predict() -> dict[str, Any]:
    return {
        "summary": "Say what images show",
        "operationId": "predict",
        "parameters": [
            _parameter(
                "model",
                "Which models; all of them by default.",
                {"type": "array", "items": {"type": "string"}},
            ),
            _parameter("explain", "Show what a model saw, where it looked, what is near.", _FLAG),
            _parameter("raw", "Only scale images, do not bring them to the form.", _FLAG),
            _parameter(
                "Accept-Language",
                "Refusals of images and models are in Russian where ru comes first, else in "
                "English.",
                {"type": "string"},
                place="header",
            ),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "image/*": _BINARY,
                "application/octet-stream": _BINARY,
                "multipart/form-data": {"schema": _FILES},
                "application/json": {"schema": _reference(Base64Images)},
            },
        },
        "responses": {"200": _json_of(Answer)} | _problems(tuple(_PROBLEMS)),
    }


_FLAG = {"type": "boolean", "default": False}
_DOCUMENT = {
    "description": "It.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}
_TEXT = {"description": "It is so.", "content": {"text/plain": {"schema": {"type": "string"}}}}


def _get(summary: str, answer: dict[str, Any], problems: tuple[int, ...] = ()) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": answer} | _problems(problems)}


def _parameter(
    name: str, description: str, schema: dict[str, Any], place: str = "query"
) -> dict[str, Any]:
    return {"name": name, "in": place, "description": description, "schema": schema}


def _problems(statuses: tuple[int, ...]) -> dict[str, Any]:
    return {str(status): _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    headers = {
        name: {"description": description, "required": True, "schema": {"type": "string"}}
        for name, description in _HEADERS.get(status, {}).items()
    }
    return _json_of(Problem, _PROBLEMS[status]) | ({"headers": headers} if headers else {})


def _json_of(model: type[BaseModel], description: str = "") -> dict[str, Any]:
    content = {"application/json": {"schema": _reference(model)}}
    return {"description": description or (model.__doc__ or ""), "content": content}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}
