"""The table of a model's layers, output shapes and parameters, as the lab's notebook prints it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torchinfo
from torch import nn

from glyphlab.models import build, check_output, name_of
from glyphlab.models.shapes import ImageShape

_HEADINGS = ("Layer (type)", "Output Shape", "Param #")
_WIDTHS = (29, 26, 10)
_ORDER = "Output shapes are (batch, channels, height, width)."


class Row(NamedTuple):
    """One layer: its name and type, its output shape with the batch as None, its parameters."""

    layer: str
    shape: str
    parameters: str


def summary(
    model: str | nn.Module,
    image_shape: ImageShape = (28, 28, 1),
    classes: int = 10,
    **arguments: Any,
) -> str:
    """A table of layers with output shapes and numbers of parameters, and the totals.

    Shapes are (batch, channels, height, width). A dropout layer whose rate is 0 does nothing and
    is left out.

    Parameters
    ----------
    model : str or nn.Module
        As for `glyphlab.models.build`.
    image_shape : (height, width, channels)
    classes : int
    **arguments
        What else the model takes.

    Returns
    -------
    str
        Lines of text, without one at the end.

    Raises
    ------
    InputError
        As `glyphlab.models.build`.
    """
    module = build(model, image_shape, classes, **arguments)
    check_output(module, image_shape, classes, name_of(model))
    rows = list(_rows(module, image_shape))
    widths = [
        max(least, *(len(cell) + 2 for cell in column))
        for least, column in zip(_WIDTHS, zip(_HEADINGS, *rows, strict=True), strict=True)
    ]
    thin, thick = "_" * sum(widths), "=" * sum(widths)
    lines = [f'Model: "{name_of(model)}"', thin, _line(_HEADINGS, widths), thick]
    for row in rows:
        lines += [_line(row, widths), thin]
    return "\n".join([*lines[:-1], thick, *_totals(module), _ORDER])


def _rows(module: nn.Module, image_shape: ImageShape) -> Iterator[Row]:
    height, width, channels = image_shape
    seen = torchinfo.summary(
        module, input_size=(1, channels, height, width), mode="eval", verbose=0
    )
    names = {id(layer): name for name, layer in module.named_modules()}
    for info in seen.summary_list:
        parameters = info.num_params if info.is_leaf_layer else info.leftover_params()
        nothing = isinstance(info.module, nn.Dropout) and info.module.p == 0
        if nothing or info.is_recursive or not (info.is_leaf_layer or parameters):
            continue
        shape = ", ".join(["None", *map(str, info.output_size[1:])])
        name = names.get(id(info.module)) or name_of(module).rpartition(":")[2]
        yield Row(f"{name} ({info.class_name})", f"({shape})", f"{parameters:,}")


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _totals(module: nn.Module) -> list[str]:
    total = sum(p.numel() for p in module.parameters())
    trainable = sum(p.numel() for p in module.parameters() if p.requires_grad)
    return [
        f"Total params: {total:,}",
        f"Trainable params: {trainable:,}",
        f"Non-trainable params: {total - trainable:,}",
    ]
