"""All that a training needs to go on where it was, in one file that is never unpickled."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from glyphlab.errors import InputError
from glyphlab.files import parse_json
from glyphlab.tensor_files import write_tensors

FORMAT = "glyphlab.checkpoint"
_STEPS = "step"
_LARGEST_HEADER = 100_000_000
"""What safetensors read at most."""


@dataclass
class Position:
    """How far a training is; with the weights, all that decides the rest of it.

    Order, augmentation and dropout are functions of seed and step, so no random state is kept.
    """

    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0
    correct: int = 0
    seen: int = 0
    falls: int = 0
    best_loss: float = float("inf")
    epochs_since_best_loss: int = 0
    best_accuracy: float = -1.0
    epochs_since_best_accuracy: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def save_checkpoint(
    path: Path,
    position: Position,
    modules: dict[str, nn.Module],
    optimizer: torch.optim.Optimizer,
) -> None:
    """Write position, the state of named modules and of the optimizer, atomically.

    Raises
    ------
    InputError
        If the place can't be written to.
    """
    tensors = {f"optimizer.{key}": value for key, value in _optimizer_tensors(optimizer).items()}
    for name, module in modules.items():
        tensors |= {f"{name}.{key}": value for key, value in module.state_dict().items()}
    flat = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}
    metadata = {"format": FORMAT, "format_version": "1", "position": json.dumps(asdict(position))}
    write_tensors(save(flat, metadata), path)


def most_bytes(modules: dict[str, nn.Module]) -> int:
    """The most that a checkpoint of these modules can have.

    What optimizers keep is at most twice the weights, and history and names are a header.
    """
    tensors = [value for module in modules.values() for value in module.state_dict().values()]
    held: int = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    return 3 * held + _LARGEST_HEADER


def load_checkpoint(
    content: bytes, path: Path, modules: dict[str, nn.Module], optimizer: torch.optim.Optimizer
) -> Position:
    """Bring modules and optimizer to the state in a file, and give the position.

    Parameters
    ----------
    content : bytes
        Of the file, which may lie on another machine.
    path : Path
        What messages call it.
    modules : dict of nn.Module
        By the names that they were saved under.
    optimizer : torch.optim.Optimizer

    Raises
    ------
    InputError
        If the file is damaged, or belongs to another model or optimizer.
    """
    try:
        tensors = load(content)
        metadata = _metadata(content)
        if metadata.get("format") != FORMAT:
            raise InputError(f"{path} is no checkpoint; give the folder of a run.")
        position = _position(metadata["position"])
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"The checkpoint {path} can't be read ({error}); remove it to start again."
        ) from error
    groups: dict[str, dict[str, Tensor]] = {name: {} for name in (*modules, "optimizer")}
    for key, tensor in tensors.items():
        group, _, rest = key.partition(".")
        groups.setdefault(group, {})[rest] = tensor
    for name, module in modules.items():
        _load_state(module, groups[name], path)
    _load_optimizer(optimizer, groups["optimizer"], path)
    return position


def _position(text: str) -> Position:
    """The position that a file tells; its numbers are such as a training can have."""
    values = parse_json(text)
    position = Position(**values)
    try:
        TypeAdapter(Position).validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        raise ValueError("its position has a value of a wrong type") from error
    if min(position.step, position.epoch, position.seen, position.falls) < 0:
        raise ValueError("its position lies before the start")
    return position


def _metadata(content: bytes) -> dict[str, str]:
    """Texts in the header of a safetensors file that has been read already."""
    length = int.from_bytes(content[:8], "little")
    metadata: dict[str, str] | None = parse_json(content[8 : 8 + length]).get("__metadata__")
    return metadata or {}


def _load_state(module: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    own = module.state_dict()
    if {k: v.shape for k, v in own.items()} != {k: v.shape for k, v in state.items()}:
        raise InputError(
            f"The checkpoint {path} belongs to another model; train into another folder, "
            "or remove it to start again."
        )
    module.load_state_dict(state)


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    state: dict[int, dict[str, Tensor]] = optimizer.state_dict()["state"]
    return {
        f"{index}.{key}": value
        for index, entries in state.items()
        for key, value in entries.items()
    }


def _load_optimizer(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], path: Path
) -> None:
    parameters = {
        str(index): parameter
        for index, parameter in enumerate(
            p for group in optimizer.param_groups for p in group["params"]
        )
    }
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        parameter = parameters.get(index)
        if parameter is None or not _fits(key, tensor, parameter):
            raise _of_another_optimizer(path)
        same_shape = tensor.shape == parameter.shape
        laid_out = torch.empty_like(parameter).copy_(tensor) if same_shape else tensor
        state.setdefault(int(index), {})[key] = laid_out
    if any(entries.keys() != _kept_by(optimizer) for entries in state.values()):
        raise _of_another_optimizer(path)
    whole = optimizer.state_dict()
    whole["state"] = state
    optimizer.load_state_dict(whole)


def _fits(key: str, tensor: Tensor, parameter: Tensor) -> bool:
    """Whether a tensor can be what an optimizer keeps of a parameter under this name."""
    shape = torch.Size() if key == _STEPS else parameter.shape
    return tensor.shape == shape and tensor.is_floating_point()


def _kept_by(optimizer: torch.optim.Optimizer) -> set[str]:
    """What an optimizer keeps of each parameter that it has moved."""
    if isinstance(optimizer, torch.optim.SGD):
        return {"momentum_buffer"}
    return {_STEPS, "exp_avg", "exp_avg_sq"}


def _of_another_optimizer(path: Path) -> InputError:
    return InputError(f"The checkpoint {path} belongs to another optimizer; remove it.")
