"""Fourier coefficients of images about their centre of mass, and how small changes alter them."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor

MARGIN = 6
"""Pixels of background that are thought around an image, so that opposite edges don't meet."""

Images = Float[Tensor, "n c h w"]


class Frequencies(NamedTuple):
    """A half plane of frequencies; the other half of a real image's is their conjugate.

    Parameters
    ----------
    values : float [m, 2]
        Down and to the right, in cycles per pixel.
    weights : float [m]
        With them, the norm of all coefficients is that of the image's pixels (Parseval).
    """

    values: Float[Tensor, "m 2"]
    weights: Float[Tensor, " m"]

    @property
    def squared(self) -> Float[Tensor, " m"]:
        """Squared length of each."""
        return (self.values**2).sum(1)

    @property
    def turn(self) -> Complex[Tensor, "m 2"]:
        """What each coefficient is multiplied with to differentiate by a shift."""
        return -2j * math.pi * self.values

    def blur(self, variance: float) -> Float[Tensor, " m"]:
        """What a Gaussian blur of this variance, in square pixels, leaves of each."""
        return torch.exp(-2 * math.pi**2 * variance * self.squared)

    def waves(self, shifts: Float[Tensor, "k 2"]) -> Complex[Tensor, "k m"]:
        """What each coefficient is multiplied with when an image moves down and to the right."""
        angle = -2 * math.pi * shifts @ self.values.T
        return torch.polar(torch.ones_like(angle), angle)


class Spectra(NamedTuple):
    """Coefficients of n images about their centre of mass, and what alters them.

    Parameters
    ----------
    values : complex [n, channels, m]
    by_scale : complex [n, channels, m]
        Change for each unit by which the image is enlarged about its centre of mass.
    edges : complex [n, 4, channels, m]
        What the first and last row and column of pixels contribute, which a shift can cut off.
    """

    values: Complex[Tensor, "n c m"]
    by_scale: Complex[Tensor, "n c m"]
    edges: Complex[Tensor, "n 4 c m"]


class Transform(NamedTuple):
    """The Fourier transform of images of one size.

    Parameters
    ----------
    frequencies : Frequencies
    positions : float [pixels, 2]
        Row and column of each pixel.
    basis : float [h, w, 2 m]
        The wave of each frequency at each pixel: real parts, then imaginary ones.
    stretched : float [h, w, 2 m]
        How these waves change where the image is enlarged.
    """

    frequencies: Frequencies
    positions: Float[Tensor, "pixels 2"]
    basis: Float[Tensor, "h w m2"]
    stretched: Float[Tensor, "h w m2"]

    def values(self, images: Images) -> Complex[Tensor, "n c m"]:
        """Transform images whose background is 0, each about its centre of mass.

        The centre is that of the absolute grey values, so that a shift, also by a fraction of a
        pixel, changes nothing but what it cuts off.
        """
        to_centre = self.frequencies.waves(-self._centres(images))[:, None]
        return _product(images.flatten(2), self.basis.flatten(0, 1)) * to_centre

    def spectra(self, images: Images) -> Spectra:
        """Transform images as `values`, with what alters them."""
        centres = self._centres(images)
        to_centre = self.frequencies.waves(-centres)[:, None]
        flat = images.flatten(2)
        values = _product(flat, self.basis.flatten(0, 1))
        about_centre = (2 - centres.to(values) @ self.frequencies.turn.T)[:, None]
        by_scale = _product(flat, self.stretched.flatten(0, 1)) + about_centre * values
        edges = [
            _product(images[:, :, 0], self.basis[0]),
            _product(images[:, :, -1], self.basis[-1]),
            _product(images[:, :, :, 0], self.basis[:, 0]),
            _product(images[:, :, :, -1], self.basis[:, -1]),
        ]
        return Spectra(
            values * to_centre, by_scale * to_centre, torch.stack(edges, 1) * to_centre[:, None]
        )

    def _centres(self, images: Images) -> Float[Tensor, "n 2"]:
        mass = images.abs().mean(1).flatten(1)
        return mass @ self.positions / mass.sum(1, keepdim=True).clamp_min(1e-6)


def transform(height: int, width: int, cutoff: float) -> Transform:
    """Prepare the transform to all frequencies up to `cutoff` cycles per pixel."""
    frequencies = _frequencies(max(height, width) + MARGIN, cutoff)
    positions = torch.cartesian_prod(torch.arange(float(height)), torch.arange(float(width)))
    basis = frequencies.waves(positions)
    stretched = basis * (positions.to(basis) @ frequencies.turn.T)
    size = (height, width)
    return Transform(frequencies, positions, _pair(basis, size), _pair(stretched, size))


def as_real(values: Complex[Tensor, "*n c m"]) -> Float[Tensor, "*n values"]:
    """Real and imaginary parts of channels and frequencies as one last dimension."""
    return torch.view_as_real(values).flatten(-3, -1)


def _frequencies(period: int, cutoff: float) -> Frequencies:
    last = int(cutoff * period)
    steps = torch.arange(-last, last + 1)
    down, right = torch.meshgrid(steps, steps, indexing="ij")
    wanted = (down**2 + right**2 <= (cutoff * period) ** 2) & (
        (down > 0) | ((down == 0) & (right >= 0))
    )
    values = torch.stack([down[wanted], right[wanted]], 1) / period
    weights = torch.where(values.abs().sum(1) > 0, math.sqrt(2), 1.0) / period
    return Frequencies(values, weights)


def _pair(basis: Complex[Tensor, "pixels m"], size: tuple[int, int]) -> Float[Tensor, "h w m2"]:
    return torch.cat([basis.real, basis.imag], 1).reshape(*size, -1)


def _product(
    values: Float[Tensor, "*n p"], basis: Float[Tensor, "p m2"]
) -> Complex[Tensor, "*n m"]:
    return torch.complex(*(values @ basis).chunk(2, -1))
