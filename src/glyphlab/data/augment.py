"""Random variations of a batch of images, made anew at every training step."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from glyphlab.errors import InputError

_ELASTIC_KNOTS = 4


@dataclass(frozen=True)
class Augmentation:
    """How far an image may be varied; every amount is 0 by default, which leaves images alone.

    Attributes
    ----------
    shift : float
        Largest move along each axis, in pixels.
    rotation : float
        Largest turn to either side, in degrees.
    scale : float
        Largest change of size: factors lie between 1 / (1 + scale) and 1 + scale.
    stretch : float
        Largest change of width over height: the ratio's factors lie between
        1 / (1 + stretch) and 1 + stretch.
    shear : float
        Largest slant to either side: columns moved per row.
    elastic : float
        Largest local displacement, in pixels, of a smooth random field.
    weight : float
        Largest change of stroke weight: 0 keeps a stroke, 1 makes it up to one pixel thicker or
        thinner on each side, by a blend with the 3 x 3 maximum or minimum.
    erase : float
        Largest side of one rectangle set to the background, as a share of the image's side.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    stretch: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    weight: float = 0.0
    erase: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            amount = getattr(self, field.name)
            if not (math.isfinite(amount) and amount >= 0):
                raise InputError(
                    f"augmentation: {field.name} is {amount}; give a finite number of 0 or more."
                )
        for name in ("weight", "erase"):
            if getattr(self, name) > 1:
                raise InputError(
                    f"augmentation: {name} is {getattr(self, name)}; give a share from 0 to 1."
                )

    @property
    def is_identity(self) -> bool:
        """Whether images stay as they are."""
        return not any(getattr(self, field.name) for field in fields(self))

    @property
    def moves_pixels(self) -> bool:
        """Whether images are resampled: any amount but `weight` and `erase` is above 0."""
        moves = (self.shift, self.rotation, self.scale, self.stretch, self.shear, self.elastic)
        return any(moves)


@dataclass(frozen=True)
class Part:
    """Which images of a batch these are, where several processes share it.

    Attributes
    ----------
    first, whole : int
        The place of the first in the batch, and how many images that has.
    """

    first: int
    whole: int


@dataclass(frozen=True)
class _Draws:
    """Random numbers for a batch, of which each process takes those of its own images."""

    generator: torch.Generator
    part: Part

    def uniform(
        self, shape: tuple[int, ...], low: float, high: float, like: Tensor, axis: int = 0
    ) -> Tensor:
        """Draw numbers on the generator's device, then move them to `like`'s.

        `shape` is that of the result; along `axis` it has a number for each image.
        """
        whole = (*shape[:axis], self.part.whole, *shape[axis + 1 :])
        draws = torch.rand(whole, generator=self.generator, device=self.generator.device)
        own = draws.narrow(axis, self.part.first, shape[axis])
        return (low + (high - low) * own).to(device=like.device, dtype=like.dtype)


def augment(
    images: Float[Tensor, "batch channels height width"],
    augmentation: Augmentation,
    generator: torch.Generator,
    part: Part | None = None,
) -> Float[Tensor, "batch channels height width"]:
    """Return the images, each varied by its own random draw.

    Parameters
    ----------
    images
        Float images with values from 0 (the background, which fills what moves in) to 1, on any
        device.
    augmentation
        The largest amounts; draws are uniform up to them, to both sides.
    generator
        The only source of randomness: the same state gives the same images. It may live on
        another device than the images.
    part
        Where the images are a part of a batch: they are varied as they would be with all of it.

    Returns
    -------
    Tensor
        New images of the same shape, type and device; the images themselves where the
        augmentation is the identity.
    """
    if augmentation.is_identity:
        return images
    varied, draws = images, _Draws(generator, part or Part(0, len(images)))
    if augmentation.weight:
        varied = _change_weight(varied, augmentation.weight, draws)
    if augmentation.moves_pixels:
        grid = _sampling_grid(varied, augmentation, draws)
        varied = functional.grid_sample(
            varied, grid, mode="bilinear", padding_mode="zeros", align_corners=False
        )
    if augmentation.erase:
        varied = _erase(varied, augmentation.erase, draws)
    return varied


def _sampling_grid(
    images: Float[Tensor, "batch channels height width"],
    augmentation: Augmentation,
    draws: _Draws,
) -> Float[Tensor, "batch height width 2"]:
    """Where in the image, as x and y from -1 to 1, each pixel of the new image comes from."""
    batch, _, height, width = images.shape
    rows = _pixel_centres(height, images)[:, None]
    columns = _pixel_centres(width, images)
    to_x, to_y = _inverse_affine(images, augmentation, draws).view(batch, 2, 3, 1, 1).unbind(1)
    grid = torch.stack(
        [to[:, 0] * columns + (to[:, 1] * rows + to[:, 2]) for to in (to_x, to_y)], dim=-1
    )
    if augmentation.elastic:
        grid = grid + _elastic_field(images, augmentation.elastic, draws)
    return grid


def _pixel_centres(size: int, like: Tensor) -> Float[Tensor, " size"]:
    """Where the pixels of a side lie, if its edges are at -1 and 1."""
    return (2 * torch.arange(size, device=like.device, dtype=like.dtype) + 1) / size - 1


def _elastic_field(
    images: Float[Tensor, "batch channels height width"],
    amount: float,
    draws: _Draws,
) -> Float[Tensor, "batch height width 2"]:
    """Draw a displacement at each of a few knots, and fill in between by cubic interpolation."""
    batch, _, height, width = images.shape
    shape = (batch, 2, _ELASTIC_KNOTS, _ELASTIC_KNOTS)
    knots = draws.uniform(shape, -amount, amount, images)
    field = _interpolation(height, images) @ knots @ _interpolation(width, images).T
    return field.permute(0, 2, 3, 1) * field.new_tensor([2 / width, 2 / height])


def _interpolation(size: int, like: Tensor) -> Float[Tensor, "size knots"]:
    """Weights of the knots in each of `size` places (cubic interpolation is linear in them)."""
    knots = torch.eye(_ELASTIC_KNOTS, device=like.device, dtype=like.dtype)[None, None]
    weights: Tensor = functional.interpolate(
        knots, (size, _ELASTIC_KNOTS), mode="bicubic", align_corners=True
    )
    return weights[0, 0]


def _inverse_affine(
    images: Float[Tensor, "batch channels height width"],
    augmentation: Augmentation,
    draws: _Draws,
) -> Float[Tensor, "batch 2 3"]:
    """Draw one map from new to old places per image, in the coordinates of `affine_grid`."""
    batch, _, height, width = images.shape
    drawn = draws.uniform((6, batch), -1.0, 1.0, images, axis=1)
    angle = drawn[0] * math.radians(augmentation.rotation)
    log_scale = drawn[1] * math.log1p(augmentation.scale)
    log_stretch = drawn[2] * (math.log1p(augmentation.stretch) / 2)
    shear = drawn[3] * augmentation.shear
    scale_x, scale_y = torch.exp(-log_scale - log_stretch), torch.exp(-log_scale + log_stretch)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    aspect = height / width
    matrix = torch.stack(
        [
            scale_x * (cosine - shear * sine),
            scale_x * (sine + shear * cosine) * aspect,
            drawn[4] * (2 * augmentation.shift / width),
            -scale_y * sine / aspect,
            scale_y * cosine,
            drawn[5] * (2 * augmentation.shift / height),
        ],
        dim=1,
    )
    return matrix.view(batch, 2, 3)


def _change_weight(
    images: Float[Tensor, "batch channels height width"],
    amount: float,
    draws: _Draws,
) -> Float[Tensor, "batch channels height width"]:
    """Blend each image with its 3 x 3 maximum (thicker) or minimum (thinner)."""
    share = draws.uniform((len(images), 1, 1, 1), -amount, amount, images)
    sign = torch.sign(share)
    # The minimum is the maximum of the negative: one pass gives either, image by image.
    return torch.lerp(images, sign * _maximum_of_neighbours(sign * images), share.abs())


def _maximum_of_neighbours(
    images: Float[Tensor, "batch channels height width"],
) -> Float[Tensor, "batch channels height width"]:
    """Maximum of each 3 x 3 neighbourhood; what lies outside the image does not count.

    Elementwise operations on slices: several times as fast on a CPU as pooling with stride 1.
    """
    for axis in (2, 3):
        pairs = images.shape[axis] - 1
        first, second = images.narrow(axis, 0, pairs), images.narrow(axis, 1, pairs)
        images = images.clone()
        for side, neighbours in ((1, first), (0, second)):
            pixels = images.narrow(axis, side, pairs)
            torch.maximum(pixels, neighbours, out=pixels)
    return images


def _erase(
    images: Float[Tensor, "batch channels height width"],
    amount: float,
    draws: _Draws,
) -> Float[Tensor, "batch channels height width"]:
    """Set one rectangle of each image to 0; sides are drawn from 0 to `amount` of the image's."""
    batch, _, height, width = images.shape
    size = draws.uniform((2, batch, 1), 0.0, amount, images, axis=1)
    centre = draws.uniform((2, batch, 1), 0.0, 1.0, images, axis=1)
    rows = (torch.arange(height, device=images.device, dtype=images.dtype) + 0.5) / height
    columns = (torch.arange(width, device=images.device, dtype=images.dtype) + 0.5) / width
    in_rows = (rows - centre[0]).abs() < size[0] / 2
    in_columns = (columns - centre[1]).abs() < size[1] / 2
    erased = in_rows[:, None, :, None] & in_columns[:, None, None, :]
    return images.masked_fill(erased, 0.0)
