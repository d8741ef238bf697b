"""Models of the user's own."""

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from glyphlab.errors import InputError
from glyphlab.models import build, check_output

SOURCE = """
from torch import nn

def small(image_shape, classes, width=5):
    height, wide, channels = image_shape
    return nn.Sequential(
        nn.Flatten(), nn.Linear(height * wide * channels, width), nn.Linear(width, classes)
    )

def everything(**keywords):
    assert set(keywords) == {"image_shape", "classes", "depth"}
    return nn.Sequential(nn.Flatten(), nn.Linear(16, keywords["classes"]))

def lazy():
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(3))

def fails():
    raise RuntimeError("no weights at home\\nmore")

def text():
    return "a network"

number = 3
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that lies in the current directory."""
    name = f"mine_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    (tmp_path / "broken_one.py").write_text("import nothing_of_the_kind\n")
    (tmp_path / "leaving.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    return name


def test_a_factory_in_the_current_directory_is_called_with_what_it_takes(mine: str) -> None:
    model = build(f"{mine}:small", (4, 4, 1), 3, width=7)
    assert model[1].in_features == 16
    assert model[1].out_features == 7
    assert model[2].out_features == 3


def test_a_factory_that_takes_any_keyword_gets_all(mine: str) -> None:
    assert build(f"{mine}:everything", (4, 4, 1), 3, depth=2)[1].out_features == 3


def test_a_factory_without_parameters_may_make_lazy_layers(mine: str) -> None:
    assert build(f"{mine}:lazy", (4, 4, 1), 3)[1].in_features == 16


def test_the_current_directory_is_importable_meanwhile_only(mine: str, tmp_path: Path) -> None:
    before = list(sys.path)
    build(f"{mine}:small", (4, 4, 1), 3)
    assert sys.path == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MINE:small:x", "names no model; write package.module:factory"),
        (":small", "names no model"),
        ("../MINE:small", "names no model"),
        ("MINE:absent", "has no callable 'absent'"),
        ("MINE:number", "has no callable 'number'"),
        ("nowhere_at_all:small", "Importing nowhere_at_all .* No module named 'nowhere_at_all'"),
        ("broken_one:small", "Importing broken_one .* No module named 'nothing_of_the_kind'"),
        ("leaving:small", "Importing leaving .* SystemExit: 3"),
        ("MINE:fails", "can't be called: RuntimeError: no weights at home.$"),
        ("MINE:text", "makes a str, not a torch.nn.Module"),
    ],
)
def test_what_cannot_be_imported_or_called_is_told_in_one_sentence(
    mine: str, name: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        build(name.replace("MINE", mine), (4, 4, 1), 3)
    assert "\n" not in str(caught.value)


def test_an_unknown_argument_is_refused_with_those_it_takes(mine: str) -> None:
    with pytest.raises(InputError, match=r"no argument 'wide'; it takes width \(by default 5\)"):
        build(f"{mine}:small", (4, 4, 1), 3, wide=2)


def test_an_output_of_another_size_than_the_classes_is_refused() -> None:
    with pytest.raises(InputError, match=r"Flatten gives a tensor \[2, 16\] .* logits \[2, 3\]"):
        build(nn.Flatten(), (4, 4, 1), 3)


def test_an_output_that_is_no_tensor_is_refused() -> None:
    class Two(nn.Module):
        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return images, images

    with pytest.raises(InputError, match="mine gives a tuple"):
        check_output(Two(), (4, 4, 1), 3, "mine")


def test_a_module_that_cannot_take_the_images_is_refused() -> None:
    with pytest.raises(InputError, match=r"can't take images of \[batch, 1, 4, 4\]: RuntimeError"):
        build(nn.Sequential(nn.Flatten(), nn.Linear(9, 3)), (4, 4, 1), 3)


def test_the_check_leaves_mode_and_running_means_as_they_are() -> None:
    norm = nn.BatchNorm2d(1)
    module = nn.Sequential(norm, nn.Flatten(), nn.Linear(16, 3)).train()
    check_output(module, (4, 4, 1), 3)
    assert module.training
    assert norm.training
    assert norm.num_batches_tracked == 0
