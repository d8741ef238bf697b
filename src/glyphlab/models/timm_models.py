"""timm's networks by name, as `timm:resnet18`, for images of any size."""

import logging
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from math import ceil
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.errors import InputError
from glyphlab.extras import extra
from glyphlab.models import TIMM
from glyphlab.models.shapes import ImageShape
from glyphlab.models.users import told, try_output

STRIDE = 32
"""By how much nearly all of timm's networks make an image smaller."""
LARGEST_INPUT, LARGEST_NUMBER, LONGEST_LIST, LONGEST_WORD = 1024, 4096, 32, 100
_WEIGHTS = "model.safetensors"
_DECIDED = {
    "in_chans": "the images decide it",
    "num_classes": "the classes decide it",
    "img_size": "give input_size",
    "features_only": "a classifier is needed",
    "checkpoint_path": "give pretrained=true",
    "cache_dir": "set HF_HOME",
    "device": "the Recipe decides it",
    "dtype": "the Recipe decides it",
}
"""What timm would take and must not get here."""


class TimmNetwork(nn.Module):
    """A network of timm's behind the enlargement that brings images to what it can take.

    Parameters
    ----------
    network : nn.Module
        From [batch, channels, *input_size] to logits [batch, classes].
    image_shape : (height, width, channels)
    input_size : (height, width)
        What images are brought to, by bilinear interpolation.
    """

    def __init__(
        self, network: nn.Module, image_shape: ImageShape, input_size: tuple[int, int]
    ) -> None:
        super().__init__()
        self.network = network
        self.input_size = input_size
        self._resizes = input_size != tuple(image_shape[:2])
        self._shrinks = input_size[0] < image_shape[0] or input_size[1] < image_shape[1]

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of normalised images."""
        if self._resizes:
            images = functional.interpolate(
                images, self.input_size, mode="bilinear", antialias=self._shrinks
            )
        logits: Tensor = self.network(images)
        return logits


def build_timm(
    name: str, image_shape: ImageShape, classes: int, arguments: Mapping[str, Any]
) -> nn.Module:
    """Make a network of timm's, with initial weights or, where asked for, pretrained ones.

    Parameters
    ----------
    name : str
        "timm:" and a name of timm's registry.
    image_shape : (height, width, channels)
    classes : int
    arguments : mapping
        `input_size` is the side, or height and width, that images are brought to. Where none is
        given it is their own size rounded up to a multiple of 32, or the least of some larger
        ones that the network takes. `pretrained=True` takes the weights that timm names, of
        safetensors only, from the Hugging Face Hub. All others go to `timm.create_model`.

    Returns
    -------
    TimmNetwork

    Raises
    ------
    InputError
        If timm is missing or has no such network, it doesn't take an argument or images of that
        size, its weights can't be had, or it gives no logit for each class.
    """
    timm = _imported(name)
    registered = _registered(timm, name)
    options = {key: _checked(name, key, value) for key, value in arguments.items()}
    wanted, pretrained = options.pop("input_size", None), options.pop("pretrained", False)
    known = timm.get_pretrained_cfg(registered) or timm.models.PretrainedCfg()
    if pretrained is True:
        options |= {"pretrained": True, "pretrained_cfg_overlay": _weights_of(name, known)}
    sizes = _sizes(image_shape, known.input_size) if wanted is None else [_pair(name, wanted)]
    for size in sizes:
        fixed = {"img_size": size} if known.fixed_input_size else {}
        decided = {"in_chans": image_shape[2], "num_classes": classes}
        network = _created(timm, registered, options, decided | fixed)
        module = TimmNetwork(network, image_shape, size)
        if len(sizes) > 1 and _takes(module, image_shape):
            break
    _check_patches(name, module)
    try_output(module, name, image_shape, classes)
    return module


def _imported(name: str) -> Any:
    try:
        with extra("timm", f"The model {name}"):
            return import_module("timm")
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"timm can't be imported ({told(error)}); install the torchvision that fits PyTorch "
            f"{torch.__version__}."
        ) from error


def _registered(timm: Any, name: str) -> str:
    """The name in timm's registry; other words of timm's name files and repositories."""
    asked = name.removeprefix(TIMM)
    names: list[str] = timm.list_models()
    architecture, dot, _ = asked.partition(".")
    if dot and architecture in names:
        names = timm.list_models(architecture, include_tags=True)
    if asked in names:
        return asked
    near = get_close_matches(asked, names, n=3, cutoff=0.0)
    raise InputError(
        f"timm has no model {asked!r}; the nearest are {', '.join(TIMM + each for each in near)}."
    )


def _checked(name: str, key: str, value: Any) -> Any:
    """A value that timm may get: plain and bounded, since a weights file may bring it."""
    if key in _DECIDED:
        raise InputError(f"{name} takes no argument {key!r} here; {_DECIDED[key]}.")
    if key.startswith("pretrained_") or (key == "pretrained" and not isinstance(value, bool)):
        raise InputError(f"{name} can't take {key}={value!r}; give pretrained=true, or nothing.")
    if not _is_plain(value):
        raise InputError(
            f"{key} = {value!r} can't be for {name}: it takes numbers up to {LARGEST_NUMBER:,}, "
            f"words, and lists of up to {LONGEST_LIST}."
        )
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= LONGEST_LIST and all(map(_is_plain, value))
    if isinstance(value, str):
        return len(value) <= LONGEST_WORD
    return value is None or (isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER)


def _weights_of(name: str, known: Any) -> dict[str, Any]:
    """Fetch a file of weights, and give what makes timm take it."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError
    from huggingface_hub.utils import logging as hub

    verbosity = hub.get_verbosity()
    hub.set_verbosity(logging.ERROR)
    try:
        if not known.hf_hub_id or known.hf_hub_filename:
            raise EntryNotFoundError(f"{name} names no repository with {_WEIGHTS}")
        return {"file": hf_hub_download(known.hf_hub_id, _WEIGHTS), "custom_load": False}
    except Exception as error:
        if isinstance(error, EntryNotFoundError) and not isinstance(error, LocalEntryNotFoundError):
            raise InputError(
                f"The pretrained weights of {name} are not kept as safetensors, and nothing else "
                "is read; leave pretrained out, or choose another model."
            ) from error
        raise InputError(
            f"The pretrained weights of {name} can't be fetched from the Hugging Face Hub "
            f"({type(error).__name__}); connect this machine, or leave pretrained out."
        ) from error
    finally:
        hub.set_verbosity(verbosity)


def _sizes(image_shape: ImageShape, own: tuple[int, int, int]) -> list[tuple[int, int]]:
    """What images may be brought to; most networks take the first, and all their own."""
    height, width = (STRIDE * ceil(side / STRIDE) for side in image_shape[:2])
    sizes = [(height * times, width * times) for times in (1, 2, 3, 4)]
    return [size for size in (*sizes, (own[1], own[2])) if max(size) <= LARGEST_INPUT]


def _pair(name: str, size: Any) -> tuple[int, int]:
    sides = tuple(size) if isinstance(size, list | tuple) else (size, size)
    if len(sides) != 2 or not all(
        isinstance(side, int) and 1 <= side <= LARGEST_INPUT for side in sides
    ):
        raise InputError(
            f"input_size = {size!r} can't be for {name}: give a side, or height and width, from 1 "
            f"to {LARGEST_INPUT:,}."
        )
    return sides


def _created(
    timm: Any, registered: str, options: Mapping[str, Any], decided: Mapping[str, Any]
) -> nn.Module:
    try:
        network: nn.Module = timm.create_model(registered, **options, **decided)
    except Exception as error:
        raise InputError(
            f"timm can't make {registered} as asked for ({told(error)}); change its arguments."
        ) from error
    return network


def _patch(module: TimmNetwork) -> tuple[int, int]:
    """Height and width of the parts that an image is cut into, for networks that do so."""
    embedding = getattr(module.network, "patch_embed", None)
    height, width = getattr(embedding, "patch_size", None) or (1, 1)
    return height, width


def _takes(module: TimmNetwork, image_shape: ImageShape) -> bool:
    """Whether an image of this size leaves something, and all of it is looked at."""
    height, width, channels = image_shape
    if any(side % part for side, part in zip(module.input_size, _patch(module), strict=True)):
        return False
    try:
        with torch.no_grad():
            module.eval()(torch.zeros(2, channels, height, width))
    except Exception:
        return False
    finally:
        module.train()
    return True


def _check_patches(name: str, module: TimmNetwork) -> None:
    size, patch = module.input_size, _patch(module)
    if any(side % part for side, part in zip(size, patch, strict=True)):
        raise InputError(
            f"{name} cuts images into parts of {patch[0]}×{patch[1]}, which don't fill "
            f"{size[0]}×{size[1]}; give an input_size that is a multiple of them."
        )
