"""A checkpoint: all comes back from it, or one sentence says why nothing does."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save
from torch import Tensor, nn

from glyphlab.errors import InputError
from glyphlab.training.checkpoint import Position, load_checkpoint, save_checkpoint
from glyphlab.training.optimization import make_optimizer
from glyphlab.training.recipe import Recipe

OPTIMIZERS = {
    "sgd": Recipe(optimizer="sgd", learning_rate=0.1),
    "sgd without momentum": Recipe(optimizer="sgd", learning_rate=0.1, momentum=0.0),
    "adam": Recipe(optimizer="adam"),
    "adamw": Recipe(optimizer="adamw"),
}
POSITION = Position(
    step=7,
    epoch=2,
    seconds=1.5,
    loss_sum=0.1,
    correct=30,
    seen=64,
    falls=1,
    best_loss=0.25,
    epochs_since_best_loss=3,
    best_accuracy=0.75,
    epochs_since_best_accuracy=4,
    history=[{"epoch": 1, "loss": 1 / 3}, {"epoch": 2, "loss": 0.25}],
)
IMAGES = torch.rand(8, 2, 8, 8, generator=torch.Generator().manual_seed(9))


def network(seed: int) -> nn.Module:
    """A few layers of each kind of state, laid out as in training."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers = nn.Sequential(
            nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 3)
        )
    return layers.to(memory_format=torch.channels_last)


def step(module: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    module(IMAGES).square().mean().backward()
    optimizer.step()


def begun(recipe: Recipe = OPTIMIZERS["adamw"]) -> tuple[nn.Module, torch.optim.Optimizer]:
    """A model after two steps of training."""
    module = network(seed=1)
    optimizer = make_optimizer(module, recipe)
    step(module, optimizer)
    step(module, optimizer)
    return module, optimizer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The checkpoint of a training of two steps."""
    module, optimizer = begun()
    save_checkpoint(tmp_path / "checkpoint", POSITION, {"model": module}, optimizer)
    return tmp_path / "checkpoint"


def read(path: Path, module: nn.Module | None = None, recipe: Recipe | None = None) -> Position:
    module = module or network(seed=2)
    optimizer = make_optimizer(module, recipe or OPTIMIZERS["adamw"])
    return load_checkpoint(path.read_bytes(), path, {"model": module}, optimizer)


def rewritten(path: Path, tensors: dict[str, Tensor] | None = None, **metadata: str | None) -> None:
    """Write the file anew with other tensors and texts; None takes a text out."""
    with safe_open(path, "pt") as file:
        texts = file.metadata() | metadata
    texts = {key: text for key, text in texts.items() if text is not None}
    path.write_bytes(save(tensors or load(path.read_bytes()), texts or None))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_is_loaded_goes_on_as_what_was_saved(tmp_path: Path, optimizer: str) -> None:
    recipe, path = OPTIMIZERS[optimizer], tmp_path / "checkpoint"
    module, its_optimizer = begun(recipe)
    save_checkpoint(path, POSITION, {"model": module}, its_optimizer)

    again = network(seed=2)
    optimizer_again = make_optimizer(again, recipe)
    load_checkpoint(path.read_bytes(), path, {"model": again}, optimizer_again)
    step(module, its_optimizer)
    step(again, optimizer_again)

    for name, tensor in module.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor), name


@pytest.mark.parametrize("position", [POSITION, Position()])
def test_the_position_comes_back(tmp_path: Path, position: Position) -> None:
    path = tmp_path / "checkpoint"
    module, optimizer = begun()
    save_checkpoint(path, position, {"model": module}, optimizer)
    assert read(path) == position


def test_each_module_comes_back_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    module, optimizer = begun()
    save_checkpoint(path, POSITION, {"model": module, "average": network(seed=5)}, optimizer)
    model, average = network(seed=2), network(seed=2)
    load_checkpoint(
        path.read_bytes(),
        path,
        {"average": average, "model": model},
        make_optimizer(model, OPTIMIZERS["adamw"]),
    )
    assert torch.equal(average.state_dict()["0.weight"], network(seed=5).state_dict()["0.weight"])
    assert torch.equal(model.state_dict()["0.weight"], module.state_dict()["0.weight"])


def test_a_module_that_is_not_asked_for_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    module, optimizer = begun()
    save_checkpoint(path, POSITION, {"model": module, "average": network(seed=5)}, optimizer)
    assert read(path) == POSITION


def test_the_state_of_the_optimizer_lies_in_memory_as_the_weights_do(path: Path) -> None:
    module = network(seed=2)
    optimizer = make_optimizer(module, OPTIMIZERS["adamw"])
    load_checkpoint(path.read_bytes(), path, {"model": module}, optimizer)
    weight = next(module.parameters())
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert optimizer.state[weight]["exp_avg"].stride() == weight.stride()
    assert optimizer.state[weight]["step"].item() == 2


def test_the_rates_are_those_of_the_optimizer_that_is_given(path: Path) -> None:
    module = network(seed=2)
    optimizer = make_optimizer(module, Recipe(optimizer="adamw", learning_rate=0.125))
    load_checkpoint(path.read_bytes(), path, {"model": module}, optimizer)
    assert [group["lr"] for group in optimizer.param_groups] == [0.125, 0.125]


def test_the_file_says_what_it_is(path: Path) -> None:
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert metadata.keys() == {"format", "format_version", "position"}
    assert (metadata["format"], metadata["format_version"]) == ("glyphlab.checkpoint", "1")
    assert json.loads(metadata["position"])["step"] == 7


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    module, optimizer = begun()
    with pytest.raises(InputError, match="Can't write"):
        save_checkpoint(tmp_path / "file" / "a", POSITION, {"model": module}, optimizer)


@pytest.mark.parametrize(
    "metadata",
    [{"format": "glyphlab.weights"}, {"format": None, "format_version": None, "position": None}],
)
def test_another_file_of_tensors_is_no_checkpoint(
    path: Path, metadata: dict[str, str | None]
) -> None:
    rewritten(path, **metadata)
    with pytest.raises(InputError, match=r"checkpoint is no checkpoint; give the folder"):
        read(path)


@pytest.mark.parametrize(
    "position", [None, "{", "[1]", "3", '{"steps": 3}', '{"step": 3} x', "[" * 100_000]
)
def test_a_position_that_makes_no_sense_is_refused(path: Path, position: str | None) -> None:
    rewritten(path, position=position)
    with pytest.raises(InputError, match=r"checkpoint can't be read \("):
        read(path)


def test_a_file_cut_off_is_refused(path: Path) -> None:
    content = path.read_bytes()
    for length in (0, 7, 8, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match="can't be read"):
            read(path)


def test_weights_of_another_model_are_refused(path: Path) -> None:
    whole = load(path.read_bytes())
    fewer = {key: tensor for key, tensor in whole.items() if key != "model.0.bias"}
    more = whole | {"model.9.bias": torch.zeros(1)}
    others = whole | {"model.0.bias": torch.zeros(5)}
    for tensors in (fewer, more, others):
        rewritten(path, tensors)
        with pytest.raises(InputError, match=r"checkpoint belongs to another model"):
            read(path)


@pytest.mark.parametrize("index", ["6", "-1", "x", "", "00"])
def test_the_state_of_another_optimizer_is_refused(path: Path, index: str) -> None:
    rewritten(path, load(path.read_bytes()) | {f"optimizer.{index}.exp_avg": torch.zeros(3)})
    with pytest.raises(InputError, match=r"checkpoint belongs to another optimizer"):
        read(path)
