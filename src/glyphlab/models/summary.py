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
    """One layer.

    Attributes
    ----------
    layer : str
        Its name and type.
    shape : tuple of int
        Of its output for one image, without the batch.
    parameters : int
    """

    layer: str
    shape: tuple[int, ...]
    parameters: int


class Summary(NamedTuple):
    """A model's layers, and how many parameters it has in all.

    Attributes
    ----------
    model : str
    layers : list of Row
    parameters, trainable : int
    """

    model: str
    layers: list[Row]
    parameters: int
    trainable: int

    @property
    def text(self) -> str:
        """The table, lines of text without one at the end."""
        rows = [
            (row.layer, f"({', '.join(['None', *map(str, row.shape)])})", f"{row.parameters:,}")
            for row in self.layers
        ]
        widths = [
            max(least, *(len(cell) + 2 for cell in column))
            for least, column in zip(_WIDTHS, zip(_HEADINGS, *rows, strict=True), strict=True)
        ]
        thin, thick = "_" * sum(widths), "=" * sum(widths)
        lines = [f'Model: "{self.model}"', thin, _line(_HEADINGS, widths), thick]
        for row in rows:
            lines += [_line(row, widths), thin]
        totals = (
            f"Total params: {self.parameters:,}",
            f"Trainable params: {self.trainable:,}",
            f"Non-trainable params: {self.parameters - self.trainable:,}",
        )
        return "\n".join([*lines[:-1], thick, *totals, _ORDER])

    def to_json(self) -> dict[str, Any]:
        """The same for JSON; shapes are lists, without the batch."""
        return {
            "model": self.model,
            "parameters": self.parameters,
            "trainable_parameters": self.trainable,
            "layers": [row._asdict() for row in self.layers],
        }


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
    return describe(model, image_shape, classes, **arguments).text


def describe(
    model: str | nn.Module,
    image_shape: ImageShape = (28, 28, 1),
    classes: int = 10,
    **arguments: Any,
) -> Summary:
    """The same as an object; parameters and errors are those of `summary`."""
    module = build(model, image_shape, classes, **arguments)
    name = name_of(model)
    check_output(module, image_shape, classes, name)
    return Summary(
        name,
        list(_rows(module, image_shape)),
        sum(p.numel() for p in module.parameters()),
        sum(p.numel() for p in module.parameters() if p.requires_grad),
    )


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
        name = names.get(id(info.module)) or name_of(module).rpartition(":")[2]
        yield Row(f"{name} ({info.class_name})", tuple(info.output_size[1:]), parameters)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
