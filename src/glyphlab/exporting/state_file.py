"""A classifier's weights as a plain state dict, for any program that reads safetensors."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from safetensors.torch import load_file, save

from glyphlab.models.classifier import Classifier
from glyphlab.models.weights import tensors_of
from glyphlab.tensor_files import write_tensors

FORMAT = "pt"
"""What Hugging Face's tools call the tensors of PyTorch."""


def write_state(classifier: Classifier, facts: Mapping[str, str], path: Path) -> None:
    """Write the state dict of a classifier's module, atomically.

    The tensors are those of a run's own `weights.safetensors`. The metadata says in its place
    `format` "pt", which other programs look for, and all of `facts`.

    Raises
    ------
    InputError
        If the place can't be written to.
    """
    write_tensors(save(tensors_of(classifier.module), {"format": FORMAT, **facts}), path)


def read_state(path: Path, classifier: Classifier) -> Classifier:
    """The classifier with the weights of a file that `write_state` wrote of it."""
    module = copy.deepcopy(classifier.module)
    module.load_state_dict(load_file(path))
    return replace(classifier, module=module)
