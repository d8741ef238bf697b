"""The table of layers."""

import pytest
import torch
from torch import nn

from glyphlab.errors import InputError
from glyphlab.models.summary import summary


def rows(text: str) -> list[list[str]]:
    """Layer, shape and parameters of each line of the table."""
    body = text.split("=\n", 2)[1].split("\n=", 1)[0]
    lines = [line for line in body.splitlines() if not line.startswith("_")]
    return [
        [cell.strip() for cell in line.replace(" (None", "|(None").split("|")] for line in lines
    ]


def numbers(text: str) -> list[tuple[str, str]]:
    return [tuple(right.rsplit(maxsplit=1)) for _, right in rows(text)]


def test_task_ones_table_has_the_notebooks_shapes_and_numbers() -> None:
    assert numbers(summary("conv2")) == [
        ("(None, 32, 26, 26)", "320"),
        ("(None, 32, 26, 26)", "9,248"),
        ("(None, 21632)", "0"),
        ("(None, 10)", "216,330"),
    ]
    assert "Total params: 225,898\nTrainable params: 225,898\nNon-trainable params: 0" in summary(
        "conv2"
    )


def test_task_twos_table_has_the_notebooks_shapes_and_numbers() -> None:
    assert numbers(summary("conv-pool")) == [
        ("(None, 32, 26, 26)", "320"),
        ("(None, 32, 13, 13)", "0"),
        ("(None, 5408)", "0"),
        ("(None, 10)", "54,090"),
    ]


def test_task_threes_table_has_the_notebooks_shapes_and_numbers() -> None:
    assert numbers(summary("lenet5")) == [
        ("(None, 32, 23, 23)", "1,184"),
        ("(None, 32, 11, 11)", "0"),
        ("(None, 32, 6, 6)", "36,896"),
        ("(None, 32, 3, 3)", "0"),
        ("(None, 288)", "0"),
        ("(None, 120)", "34,680"),
        ("(None, 84)", "10,164"),
        ("(None, 10)", "850"),
    ]


def test_layers_are_named_and_typed() -> None:
    assert [layer for layer, _ in rows(summary("conv-pool", pooling="mean"))] == [
        "conv (Conv2d)",
        "pool (AvgPool2d)",
        "flatten (Flatten)",
        "dense (Linear)",
    ]


def test_dropout_is_listed_where_it_does_something() -> None:
    assert "(Dropout)" in summary("conv2", dropout=0.3)
    assert "(Dropout)" not in summary("conv2")


def test_the_order_of_axes_is_stated() -> None:
    assert summary("logistic").endswith("Output shapes are (batch, channels, height, width).")


def test_other_images_and_classes_change_the_table() -> None:
    assert numbers(summary("logistic", (32, 32, 3), 5)) == [
        ("(None, 3072)", "0"),
        ("(None, 5)", "15,365"),
    ]


class Shared(nn.Module):
    """Uses one layer twice, owns a free parameter, and freezes its bias."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(4, 4)
        self.dense.bias.requires_grad_(False)
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.dense(self.dense(images.flatten(1))) * self.gain


def test_a_module_of_the_users_is_counted_exactly() -> None:
    text = summary(Shared(), (2, 2, 1), 4)
    assert [layer for layer, _ in rows(text)] == ["Shared (Shared)", "dense (Linear)"]
    assert "Total params: 21\nTrainable params: 17\nNon-trainable params: 4" in text


def test_long_names_keep_columns_apart() -> None:
    name = "a_layer_whose_name_is_longer_than_the_column_for_it"
    module = nn.Sequential()
    module.add_module(name, nn.Flatten())
    assert f"{name} (Flatten)  (None, 4)" in summary(module, (2, 2, 1), 4)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(InputError, match="no model 'resnet'"):
        summary("resnet")
