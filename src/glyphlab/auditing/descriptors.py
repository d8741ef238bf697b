"""What near duplicates have in common: their coarse shape, wherever it lies."""

import math
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Complex, Float, Float32
from torch import Tensor

from glyphlab.auditing.pictures import LEAST_CONTRAST, Pictures, contrast
from glyphlab.auditing.spectra import Transform, as_real, transform
from glyphlab.progress import Progress, no_progress
from glyphlab.threads import side_by_side

CUTOFF = 0.15
"""The highest frequency that is looked at, in cycles per pixel."""

BLUR = 2.25
"""Variance in square pixels of the Gaussian by which images are blurred."""

KEPT = 48
"""Numbers in a descriptor, at most."""

_AXES_FROM = 10_000
_STEP = 1_024
_RIDGE = 1e-4

Descriptors = Float32[np.ndarray, "n kept"]


class DescriptorSpace(NamedTuple):
    """Where descriptors lie.

    Parameters
    ----------
    transform : Transform
        To the coefficients that a descriptor is made of.
    axes : float [values, kept]
        Orthonormal, those of the greatest spread first, so that descriptors are never farther
        apart than the coefficients.
    """

    transform: Transform
    axes: Float[Tensor, "values kept"]


class Tangents(NamedTuple):
    """How descriptors move when their images change a little.

    Parameters
    ----------
    directions : float [n, changes, kept]
        Whitened: the squared norm of a step's projection on them is what the changes explain.
    share : float [n]
        Norm of an image's coefficients by its contrast.
    """

    directions: Float[Tensor, "n changes kept"]
    share: Float[Tensor, " n"]


def descriptor_space(pictures: Pictures) -> DescriptorSpace:
    """Find principal axes, from up to 20,000 of the images; any axes would give right distances."""
    to_coefficients = transform(*pictures.size, CUTOFF)
    some = slice(0, len(pictures), max(1, len(pictures) // _AXES_FROM))
    values = _coefficients(pictures.take(some), to_coefficients)
    _, axes = torch.linalg.eigh(values.T @ values / len(values))
    return DescriptorSpace(to_coefficients, axes.flip(1)[:, :KEPT].contiguous())


def describe(
    pictures: Pictures, space: DescriptorSpace, progress: Progress = no_progress
) -> Descriptors:
    """Compute the descriptors of all images.

    They are low-frequency Fourier coefficients about the centre of mass, blurred, and with a norm
    of 1, so that a shift, another contrast, a blur and a compression leave them nearly as they are.
    """
    parts = [slice(start, start + _STEP) for start in range(0, len(pictures), _STEP)]

    def described(part: slice) -> Descriptors:
        return (_coefficients(pictures.take(part), space.transform) @ space.axes).numpy()

    made = np.empty((len(pictures), space.axes.shape[1]), np.float32)
    for part, values in zip(parts, side_by_side(described, parts), strict=True):
        made[part] = values
        progress(part.start + len(values), len(pictures))
    return made


def tangents(pictures: Float[Tensor, "n c h w"], space: DescriptorSpace) -> Tangents:
    """Compute how the descriptors of images move under the changes of `registration`."""
    frequencies = space.transform.frequencies
    parts = space.transform.spectra(pictures.mean(1, keepdim=True))
    weights = _weights(space.transform)
    norm = _norm(parts.values * weights, pictures)
    moved = [
        frequencies.turn[:, 0] * parts.values,
        frequencies.turn[:, 1] * parts.values,
        frequencies.squared * parts.values,
        parts.by_scale,
    ]
    changes = torch.cat([torch.stack(moved, 1), parts.edges], 1) * weights
    steps = as_real(changes) / norm[:, None, None] @ space.axes
    products = steps @ steps.transpose(1, 2)
    diagonal = products.diagonal(dim1=1, dim2=2)
    factor = torch.linalg.cholesky(products + torch.diag_embed(_RIDGE * diagonal + 1e-8))
    directions = torch.linalg.solve_triangular(factor, steps, upper=False)
    return Tangents(directions, norm / contrast(pictures))


def _coefficients(
    images: Float[Tensor, "k c h w"], to_coefficients: Transform
) -> Float[Tensor, "k values"]:
    coarse = to_coefficients.values(images.mean(1, keepdim=True)) * _weights(to_coefficients)
    return as_real(coarse) / _norm(coarse, images)[:, None]


def _weights(to_coefficients: Transform) -> Float[Tensor, " m"]:
    return to_coefficients.frequencies.weights * to_coefficients.frequencies.blur(BLUR)


def _norm(
    coarse: Complex[Tensor, "k 1 m"], images: Float[Tensor, "k c h w"]
) -> Float[Tensor, " k"]:
    """Norm of the coefficients, but never below that of an image of the least contrast."""
    pixels = images.shape[2] * images.shape[3]
    norm: Tensor = torch.linalg.vector_norm(as_real(coarse), dim=1)
    return norm.clamp_min(LEAST_CONTRAST * math.sqrt(pixels))
