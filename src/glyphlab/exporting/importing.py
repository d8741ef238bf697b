"""From a state dict in safetensors to a Run that predicts, is tested, compared and exported."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from glyphlab.data.form import ImageForm
from glyphlab.errors import InputError
from glyphlab.files import atomic_folder, parse_json, refuse_taken
from glyphlab.models import build, names
from glyphlab.models.classifier import Classifier
from glyphlab.models.shapes import ImageShape
from glyphlab.models.weights import (
    FORMAT,
    FORMAT_VERSION,
    Header,
    first_line,
    shape_of_layer,
    with_weights,
)
from glyphlab.training.run import IMPORTED, WEIGHTS, Run, RunInfo, write_info
from glyphlab.version import __version__

_JSON = ("arguments", "classes", "image_shape", "mean", "std")
_GREY = (28, 28, 1)
_FLOATS = {"F64", "F32", "F16", "BF16"}


def import_weights(
    file: Path | str,
    out: Path | str,
    *,
    model: str | None = None,
    classes: Sequence[str] | None = None,
    image_shape: ImageShape | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Run:
    """Make a Run of a state dict in safetensors. Nothing in the file is executed.

    What is given counts before what the file says of itself; what neither says is taken to be as
    below, but for model and classes. A file that `export` wrote, or the weights of a run, says all.

    Parameters
    ----------
    file : path
        Its tensors must have the names and shapes of the model's.
    out : path
        A new folder.
    model : str
        A registered name.
    classes : sequence of str
        Names, in the order of the logits.
    image_shape : (height, width, channels)
        28×28 grey.
    mean, std : sequence of float
        Of each channel of pixels as shares of 255, by which they were normalised: 0 and 1.
    arguments : mapping
        What the model was built with.

    Returns
    -------
    Run
        Of the protocol "imported"; how it was trained is None.

    Raises
    ------
    InputError
        If the file is missing, truncated, of another model (naming the first tensor that differs),
        or holds what is no number; or `out` is taken.
    """
    path, folder = Path(file), Path(out)
    refuse_taken(folder)
    given = {
        "model": model,
        "classes": classes and list(classes),
        "image_shape": image_shape and list(image_shape),
        "mean": mean and list(mean),
        "std": std and list(std),
        "arguments": arguments and dict(arguments),
    }
    try:
        with safe_open(path, framework="pt", device="cpu") as opened:
            facts = dict(opened.metadata() or {})
            header = _header(path, facts, {k: v for k, v in given.items() if v is not None})
            classifier = _classifier(path, header, opened)
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}; check the path.") from error
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"{path} is no whole safetensors file ({first_line(error)}); save or copy it again."
        ) from error
    with atomic_folder(folder) as part:
        classifier.save(part / WEIGHTS)
        write_info(part, _info(classifier, facts))
    return Run(folder)


def _header(path: Path, facts: Mapping[str, str], given: dict[str, Any]) -> Header:
    """What the file and the words say of the model, checked."""
    known = {"image_shape": list(_GREY), "arguments": {}} | _told(facts) | given
    for key in ("model", "classes"):
        if key not in known:
            raise InputError(
                f"{path} does not say its {key}; give {'it' if key == 'model' else 'them'} by "
                f"--{key}."
            )
    if known["model"] not in names():
        raise InputError(
            f"There is no model {known['model']!r} to import weights for; use {', '.join(names())}."
        )
    channels = 3 if known["image_shape"] == [*known["image_shape"][:2], 3] else 1
    filled = {"mean": [0.0] * channels, "std": [1.0] * channels, "head": "logits"} | known
    texts = {key: json.dumps(filled[key]) for key in _JSON}
    try:
        return Header.model_validate(
            {
                "format": FORMAT,
                "format_version": FORMAT_VERSION,
                "model": filled["model"],
                "head": filled["head"],
                **texts,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = first["loc"][0] if first["loc"] else "mean and std"
        raise InputError(
            f"{path} can't be imported with {where} as given or as it says: {first['msg']}."
        ) from error


def _told(facts: Mapping[str, str]) -> dict[str, Any]:
    """What the metadata say that is needed; what can't be read is as if it were not there."""
    found: dict[str, Any] = {key: facts[key] for key in ("model", "head") if key in facts}
    parsed = {key: _parsed(facts, key) for key in _JSON}
    kinds = {key: dict if key == "arguments" else list for key in _JSON}
    return found | {key: v for key, v in parsed.items() if isinstance(v, kinds[key])}


def _parsed(facts: Mapping[str, str], key: str) -> Any:
    try:
        return parse_json(facts.get(key, "null"))
    except ValueError:
        return None


def _classifier(path: Path, header: Header, opened: Any) -> Classifier:
    """The network with the file's tensors; none is read before all have the shapes that it has."""
    keys = list(opened.keys())
    found = {key: opened.get_slice(key) for key in keys}
    with torch.device("meta"):
        expected = dict(_built(path, header).state_dict())
    for key in sorted(found.keys() | expected.keys()):
        there = tuple(found[key].get_shape()) if key in found else None
        here = tuple(expected[key].shape) if key in expected else None
        if there != here:
            raise InputError(
                f"{path} is no {header.model} for these classes and images: {key} is "
                f"{shape_of_layer(there)} there, but {shape_of_layer(here)} in the model; check "
                "--model, --classes, --image-shape and --arg."
            )
        if expected[key].is_floating_point() and found[key].get_dtype() not in _FLOATS:
            raise InputError(
                f"{path} holds {key} as {found[key].get_dtype()}; give weights of floating point."
            )
    tensors = {key: opened.get_tensor(key) for key in keys}
    _refuse_unlimited(path, tensors)
    with torch.random.fork_rng(devices=[]):
        return with_weights(header, _built(path, header), tensors)


def _built(path: Path, header: Header) -> nn.Module:
    try:
        return build(header.model, header.image_shape, len(header.classes), **header.arguments)
    except InputError:
        raise
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(f"{path} can't be imported: {first_line(error)}.") from error


def _refuse_unlimited(path: Path, tensors: Mapping[str, Tensor]) -> None:
    for key in sorted(tensors):
        if not bool(tensors[key].isfinite().all()):
            raise InputError(
                f"{path} holds numbers in {key} that are not finite; the training may have "
                "diverged, so give other weights."
            )


def _info(classifier: Classifier, facts: Mapping[str, str]) -> RunInfo:
    """All that is known of an imported network; of its training no more than its file says."""
    dataset, fingerprint, n_train = (
        _parsed(facts, key) for key in ("dataset", "fingerprint", "n_train")
    )
    return RunInfo(
        model=classifier.model,
        arguments=dict(classifier.arguments),
        protocol=IMPORTED,
        dataset=dataset if isinstance(dataset, str) else None,
        fingerprint=fingerprint if isinstance(fingerprint, str) else None,
        n_train=n_train if type(n_train) is int else None,
        n_validation=None,
        parameters=classifier.parameters,
        threads=None,
        precision=None,
        device=None,
        machine=None,
        versions={"glyphlab": __version__},
        form=_form(_parsed(facts, "form"), classifier.image_shape),
    )


def _form(value: Any, image_shape: ImageShape) -> dict[str, Any] | None:
    """The form that a file tells of, if it can be that of images of this shape."""
    try:
        form = ImageForm.from_json(value)
    except (TypeError, ValueError):
        return None
    fits = (form.size, form.size, form.channels) == image_shape
    return form.to_json() if fits else None
