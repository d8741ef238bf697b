"""How much of an image no small change of another one explains."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Complex, Float
from torch import Tensor

from glyphlab.auditing.spectra import Frequencies, Spectra, as_real

CUTOFF = 0.35
"""The highest frequency that is compared, in cycles per pixel."""

SMOOTHING = 0.5
"""Variance in square pixels of a Gaussian that blurs both images before they are compared."""

STEPS = 3
"""Of Gauss-Newton."""

LARGEST = (1.5, 1.5, 1.2, 0.06, 0.22, *[1.0] * 8)
SMALLEST = (-1.5, -1.5, -0.05, -0.06, -0.22, *[-1.0] * 8)
"""How far each change may go, in the order of `Change`."""


Values = Complex[Tensor, "n c m"]
Parameters = Float[Tensor, "n 13"]


class Change(NamedTuple):
    """A change of each of n images, a column of parameters each.

    Parameters
    ----------
    down, right : float [n, 1, 1]
        Shift in pixels, beyond the difference of the centres of mass.
    blur : float [n, 1, 1]
        Variance of a Gaussian in square pixels.
    scale : float [n, 1, 1]
        Enlargement, as a share.
    gain : float [n, 1, 1]
        Logarithm of a factor of the contrast.
    edges : float [n, 8, 1, 1]
        How much of the first and last row and column is added or, if negative, cut off; and then
        how much of them is added one pixel farther out.
    """

    down: Float[Tensor, "n 1 1"]
    right: Float[Tensor, "n 1 1"]
    blur: Float[Tensor, "n 1 1"]
    scale: Float[Tensor, "n 1 1"]
    gain: Float[Tensor, "n 1 1"]
    edges: Float[Tensor, "n 8 1 1"]


class Source(NamedTuple):
    """The images that are changed; as `Spectra`, but for the edges one pixel farther out."""

    values: Complex[Tensor, "n c m"]
    by_scale: Complex[Tensor, "n c m"]
    edges: Complex[Tensor, "n 8 c m"]


def unexplained(first: Spectra, second: Spectra, frequencies: Frequencies) -> Float[Tensor, " n"]:
    """Norm of what the best small change of one image leaves of the other one.

    The change is found by Gauss-Newton steps along the tangents of all changes of an image; after
    the first, this is the tangent distance of Simard, LeCun, Denker 1993 "Efficient pattern
    recognition using a new transformation distance".

    Parameters
    ----------
    first, second : Spectra of n images
        Image k of the first is compared with image k of the second.
    frequencies : Frequencies
        Those of both.

    Returns
    -------
    float [n]
        In the units of the pixels' norm.
    """
    weights = frequencies.weights * frequencies.blur(SMOOTHING)
    first, second = (Spectra(*(part * weights for part in images)) for images in (first, second))
    source, target, change = _nearer_way(first, second, frequencies)
    for _ in range(STEPS - 1):
        change = _stepped(source, target, change, frequencies)
    return _left(source, target, change, frequencies)


def _nearer_way(
    first: Spectra, second: Spectra, frequencies: Frequencies
) -> tuple[Source, Values, Parameters]:
    """Choose which image of each pair to change by what a first step leaves of the other one."""
    start = torch.zeros(len(first.values), len(LARGEST))
    sources = _source(first, frequencies), _source(second, frequencies)
    targets = second.values, first.values
    ways = list(zip(sources, targets, strict=True))
    changes = [_stepped(source, target, start, frequencies) for source, target in ways]
    forth, back = (
        _left(source, target, change, frequencies)
        for (source, target), change in zip(ways, changes, strict=True)
    )
    is_forth = forth <= back
    source = Source(*(_choose(is_forth, *parts) for parts in zip(*sources, strict=True)))
    return source, _choose(is_forth, *targets), _choose(is_forth, *changes)


def _source(images: Spectra, frequencies: Frequencies) -> Source:
    outwards = torch.tensor([[-1.0, 0], [1, 0], [0, -1], [0, 1]])
    farther = images.edges * frequencies.waves(outwards)[:, None]
    return Source(images.values, images.by_scale, torch.cat([images.edges, farther], 1))


def _stepped(
    source: Source, target: Values, parameters: Parameters, frequencies: Frequencies
) -> Parameters:
    """The parameters after one more step."""
    change = _change(parameters)
    moved = _moved(source, change, frequencies)
    changed = _changed(moved, change)
    by_shift = [frequencies.turn[:, axis] * changed for axis in (0, 1)]
    by_blur = -2 * math.pi**2 * frequencies.squared * changed
    tangents = torch.stack([*by_shift, by_blur, moved.by_scale, changed], 1)
    tangents = torch.cat([tangents, moved.edges], 1)
    step = _least_squares(as_real(tangents), as_real(target - changed))
    return (parameters + step).clamp(torch.tensor(SMALLEST), torch.tensor(LARGEST))


def _left(
    source: Source, target: Values, parameters: Parameters, frequencies: Frequencies
) -> Float[Tensor, " n"]:
    """Norm of what a change leaves of the target."""
    change = _change(parameters)
    left = target - _changed(_moved(source, change, frequencies), change)
    norm: Tensor = torch.linalg.vector_norm(as_real(left), dim=1)
    return norm


def _change(parameters: Parameters) -> Change:
    down, right, blur, scale, gain = parameters.T[:5, :, None, None]
    return Change(down, right, blur, scale, gain, parameters[:, 5:, None, None])


def _moved(source: Source, change: Change, frequencies: Frequencies) -> Source:
    """The images and their derivatives, shifted, blurred and with another contrast."""
    down, right = -2 * math.pi * frequencies.values.T
    wave = torch.polar(
        torch.exp(change.gain - 2 * math.pi**2 * change.blur * frequencies.squared),
        change.down * down + change.right * right,
    )
    return Source(source.values * wave, source.by_scale * wave, source.edges * wave[:, None])


def _changed(moved: Source, change: Change) -> Values:
    return moved.values + change.scale * moved.by_scale + (change.edges * moved.edges).sum(1)


def _choose(first: Bool[Tensor, " n"], yes: Tensor, no: Tensor) -> Tensor:
    """Of each image the one or the other."""
    return torch.where(first.reshape(-1, *[1] * (yes.ndim - 1)), yes, no)


def _least_squares(
    tangents: Float[Tensor, "n parameters values"], rest: Float[Tensor, "n values"]
) -> Float[Tensor, "n parameters"]:
    products = tangents @ tangents.transpose(1, 2)
    diagonal = products.diagonal(dim1=1, dim2=2)
    damping = 1e-4 * diagonal + 1e-6 * diagonal.amax(1, keepdim=True) + 1e-9
    aims = tangents @ rest[:, :, None]
    factor = torch.linalg.cholesky(products + torch.diag_embed(damping))
    return torch.cholesky_solve(aims, factor)[:, :, 0]
