"""What requests and answers look like, for the OpenAPI document."""

from typing import Any

from pydantic import BaseModel, Field

from glyphlab.serving.bodies import Base64Images


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


_BINARY = {"schema": {"type": "string", "format": "binary"}}
REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "image/*": _BINARY,
        "application/octet-stream": _BINARY,
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "image": {"type": "array", "items": {"type": "string", "format": "binary"}}
                },
                "required": ["image"],
            }
        },
        "application/json": {"schema": Base64Images.model_json_schema()},
    },
}
"""Of `/api/predict`."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description}
    for status, description in {
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
    }.items()
}
"""Answers of `/api/predict` beside 200."""
