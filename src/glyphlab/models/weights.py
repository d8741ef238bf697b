"""Weights as `.safetensors`, a file or bytes, with all that is needed to build the model again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, Field, Json, ValidationError, model_validator
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor, nn

from glyphlab.errors import InputError
from glyphlab.models import build, is_known
from glyphlab.models.classifier import Classifier
from glyphlab.tensor_files import with_sorted_metadata, write_tensors

FORMAT = "glyphlab.weights"
FORMAT_VERSION = "2"
BYTES = "What was given"
MOST_INPUTS = 1 << 24
"""Numbers of an image, 4,096×4,096 in grey: what is predicted is brought to that size."""

Side = Annotated[int, Field(ge=1, le=65_536)]
Channels = Annotated[int, Field(ge=1, le=64)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Header(BaseModel):
    """The metadata of a weights file."""

    format: Literal["glyphlab.weights"]
    format_version: Literal["2"]
    model: str
    arguments: Json[dict[str, Any]]
    classes: Json[Annotated[tuple[str, ...], Field(min_length=1, max_length=65_536)]]
    image_shape: Json[tuple[Side, Side, Channels]]
    mean: Json[tuple[Finite, ...]]
    std: Json[tuple[Positive, ...]]
    head: Literal["logits", "sigmoid", "softmax"] = "logits"

    @model_validator(mode="after")
    def _one_normalisation_for_each_channel(self) -> "Header":
        if not len(self.mean) == len(self.std) == self.image_shape[2]:
            raise ValueError("mean and std must have one number for each channel")
        return self


def save_weights(classifier: Classifier, path: Path) -> None:
    """Write a Classifier to `path`, atomically.

    Raises
    ------
    InputError
        If the place can't be written to, or an argument is no JSON.
    """
    write_tensors(save(*_parts(classifier)), path)


def weights_to_bytes(classifier: Classifier) -> bytes:
    """What `save_weights` writes, as bytes.

    Raises
    ------
    InputError
        If an argument is no JSON.
    """
    return with_sorted_metadata(save(*_parts(classifier)))


def load_weights(path: Path, module: nn.Module | None = None) -> Classifier:
    """Read a Classifier from `path`, see `Classifier.load`.

    Raises
    ------
    InputError
        If the file is missing, foreign, truncated, lying, or of another model than `module`.
    """
    with _opened(path) as file:
        header = _header(path, file.metadata())
        keys = list(file.keys())
        shapes = {key: tuple(file.get_slice(key).get_shape()) for key in keys}
        module = _fitting(path, header, module, shapes)
        tensors = {key: file.get_tensor(key) for key in keys}
    return with_weights(header, module, tensors)


def read_header(path: Path) -> Header:
    """Read what a weights file says of its model, and no weights.

    Raises
    ------
    InputError
        If the file is missing, foreign or truncated.
    """
    with _opened(path) as file:
        return _header(path, file.metadata())


def weights_from_bytes(content: bytes, module: nn.Module | None = None) -> Classifier:
    """Read a Classifier from bytes, see `Classifier.from_bytes`.

    Raises
    ------
    InputError
        If they are foreign, truncated, lying, or of another model than `module`.
    """
    header = header_from_bytes(content)
    tensors: dict[str, Tensor] = load(content)
    shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    return with_weights(header, _fitting(BYTES, header, module, shapes), tensors)


def header_from_bytes(content: bytes) -> Header:
    """Read what weights say of their model.

    Raises
    ------
    InputError
        If they are foreign or truncated.
    """
    try:
        load(content)
    except SafetensorError as error:
        raise InputError(
            f"{BYTES} is no whole weights file ({first_line(error)}); save the weights again."
        ) from error
    size = int.from_bytes(content[:8], "little")
    return _header(BYTES, json.loads(content[8 : 8 + size]).get("__metadata__"))


def _parts(classifier: Classifier) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and metadata of a file."""
    try:
        values = {
            "arguments": json.dumps(dict(classifier.arguments)),
            "classes": json.dumps(list(classifier.classes)),
            "image_shape": json.dumps(list(classifier.image_shape)),
            "mean": json.dumps(list(classifier.mean)),
            "std": json.dumps(list(classifier.std)),
        }
    except TypeError as error:
        raise InputError(
            f"The arguments of {classifier.model} can't be saved: {error}; "
            "use numbers, text and lists of them."
        ) from error
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "model": classifier.model,
        "head": classifier.head,
        **values,
    }
    return tensors_of(classifier.module), metadata


def tensors_of(module: nn.Module) -> dict[str, Tensor]:
    """The state dict of a module as safetensors takes it: on the CPU, no numbers shared."""
    return {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in module.state_dict().items()
    }


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """An open weights file; what is wrong with it in a sentence."""
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            yield file
    except FileNotFoundError as error:
        raise InputError(f"There is no weights file {path}; check the path.") from error
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"{path} is no whole weights file ({first_line(error)}); save or copy it again."
        ) from error


def with_weights(header: Header, module: nn.Module, tensors: dict[str, Tensor]) -> Classifier:
    """The Classifier that a header tells of: a module that fits it, with these weights."""
    module.load_state_dict(tensors)
    lay_channels_last(module)
    return Classifier(
        module=module.eval(),
        model=header.model,
        classes=header.classes,
        image_shape=header.image_shape,
        mean=header.mean,
        std=header.std,
        arguments=header.arguments,
        head=header.head,
    )


def lay_channels_last(module: nn.Module) -> None:
    """Lay the weights of convolutions as images lie in a Dataset, which is fastest to convolve.

    All features follow the weights. A copy is made even where the order of the numbers is the same,
    as for one channel: only the copy's strides tell PyTorch which of the two layouts is meant.
    """
    for parameter in module.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.clone(memory_format=torch.channels_last)


def _header(where: Path | str, metadata: dict[str, str] | None) -> Header:
    if metadata is None or metadata.get("format") != FORMAT:
        raise InputError(f"{where} holds no weights of glyphlab; give a file that a Run wrote.")
    try:
        return Header.model_validate(metadata)
    except ValidationError as error:
        first = error.errors()[0]
        key = first["loc"][0] if first["loc"] else "normalisation"
        raise InputError(
            f"{where} has a header that can't be right ({key}: {first['msg']}); "
            "save the weights again."
        ) from error


def _fitting(
    where: Path | str,
    header: Header,
    module: nn.Module | None,
    shapes: dict[str, tuple[int, ...]],
) -> nn.Module:
    """The module that takes weights of these shapes: the one given, or else built by its name."""
    if module is not None:
        _check_shapes(where, header, module, shapes)
        return module
    _check_shapes(where, header, _built(where, header, "meta"), shapes)
    if prod(header.image_shape) > MOST_INPUTS:
        height, width, channels = header.image_shape
        raise InputError(
            f"{where} is for images of {height}×{width}×{channels}, more than {MOST_INPUTS:,} "
            "numbers; build the module yourself and pass it as module= to have it nevertheless."
        )
    return _built(where, header, "cpu")


def _built(where: Path | str, header: Header, device: str) -> nn.Module:
    """Build the model; on the device "meta" it costs no memory, whatever the header claims."""
    if not is_known(header.model):
        raise InputError(
            f"{where} holds weights of {header.model}, which is no name that glyphlab builds a "
            "model by, and importing what a file names would be executing it; build the module "
            "yourself and pass it as module=."
        )
    # The file holds what came of pretrained weights, so these are not fetched again.
    arguments = {key: value for key, value in header.arguments.items() if key != "pretrained"}
    try:
        with torch.random.fork_rng(devices=[]), torch.device(device):
            return build(header.model, header.image_shape, len(header.classes), **arguments)
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            f"{where} claims a model that can't be built: {first_line(error)}"
        ) from error


def _check_shapes(
    where: Path | str, header: Header, module: nn.Module, shapes: dict[str, tuple[int, ...]]
) -> None:
    expected = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    if shapes == expected:
        return
    name = min(
        name for name in shapes.keys() | expected.keys() if shapes.get(name) != expected.get(name)
    )
    raise InputError(
        f"{where} holds the weights of another model ({header.model}): {name} is "
        f"{shape_of_layer(shapes.get(name))} there, but {shape_of_layer(expected.get(name))} in "
        f"{type(module).__name__}; use the model that they were saved from."
    )


def shape_of_layer(shape: tuple[int, ...] | None) -> str:
    """The shape of a tensor for a sentence; "missing" where there is none."""
    return "missing" if shape is None else str(list(shape))


def first_line(error: Exception) -> str:
    """What an error says, on one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
