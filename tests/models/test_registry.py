"""Building models by name."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

from glyphlab.errors import InputError
from glyphlab.models import MODELS, build, ladder, name_of, names, takes


def test_the_ladder_rises_from_logistic_regression_to_glyphnet() -> None:
    assert ladder() == (
        "logistic",
        "mlp",
        "conv2",
        "conv-pool",
        "lenet5",
        "lenet5-classic",
        "glyphnet",
    )


def test_glyphnet_small_has_a_name_and_no_place_in_the_ladder() -> None:
    assert set(names()) - set(ladder()) == {"glyphnet-small"}
    assert sum(p.numel() for p in build("glyphnet-small", (28, 28, 1), 10).parameters()) == 73_082


def test_each_model_is_described_in_one_line_and_placed_in_the_lab() -> None:
    for entry in MODELS.values():
        assert entry.description
        assert "\n" not in entry.description
        assert "lab" in entry.task


def test_listing_names_imports_no_torch() -> None:
    code = "import sys, glyphlab.models as m; m.names(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match="no model 'resnet'; use logistic, mlp, conv2, conv-pool"):
        build("resnet", (28, 28, 1), 10)


def test_arguments_and_their_defaults_can_be_asked_for() -> None:
    assert takes("logistic") == {}
    assert takes("conv-pool") == {"pooling": "max", "dropout": 0.0}
    with pytest.raises(InputError, match="no model 'resnet'"):
        takes("resnet")


def test_the_same_seed_gives_the_same_weights() -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return build("lenet5", (28, 28, 1), 10).conv1.weight

    assert torch.equal(weights(3), weights(3))
    assert not torch.equal(weights(3), weights(4))


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("logistic", {"hidden": [3]}, "logistic takes no argument 'hidden'; it takes none"),
        ("conv-pool", {"pool": "max"}, r"no argument 'pool'; it takes pooling \(by default max\)"),
        (
            "conv-pool",
            {"pooling": "min"},
            "pooling = 'min' can't be for conv-pool.*'max' or 'mean'",
        ),
        ("mlp", {"hidden": []}, "hidden = .* can't be for mlp"),
        ("mlp", {"hidden": [1] * 6}, "hidden = .* at most 5"),
        ("mlp", {"hidden": [0]}, "hidden = .* greater than or equal to 1"),
        ("mlp", {"hidden": "wide"}, "hidden = 'wide' can't be"),
        ("mlp", {"activation": "gelu"}, "activation = 'gelu' can't be for mlp.*'linear'"),
        ("mlp", {"dropout": 1.0}, "dropout = 1.0 can't be for mlp: input should be less than 1"),
        ("mlp", {"dropout": float("nan")}, "dropout = nan can't be"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(
    name: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        build(name, (28, 28, 1), 10, **arguments)


@pytest.mark.parametrize("hidden", [[30, 20], (30, 20), "30,20"])
def test_widths_can_be_a_list_a_tuple_or_words(hidden: Any) -> None:
    assert [layer.out_features for layer in build("mlp", (4, 4, 1), 2, hidden=hidden).hidden] == [
        30,
        20,
    ]


def test_one_width_is_one_layer() -> None:
    assert len(build("mlp", (4, 4, 1), 2, hidden=30).hidden) == 1


def test_a_module_is_returned_as_it_is() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    assert build(module, (4, 4, 1), 3) is module


def test_a_module_takes_no_arguments() -> None:
    with pytest.raises(InputError, match=r"Flatten is built already.*hidden"):
        build(nn.Flatten(), (4, 4, 1), 16, hidden=3)


def test_modules_are_named_by_the_registry_or_by_their_class() -> None:
    assert name_of("anything") == "anything"
    assert name_of(build("conv2", (28, 28, 1), 10)) == "conv2"
    assert name_of(nn.Flatten()) == "torch.nn.modules.flatten:Flatten"
