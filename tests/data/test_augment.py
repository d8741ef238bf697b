"""Augmentation varies images within its amounts, and only by its generator."""

import math

import pytest
import torch
from torch import Tensor

from glyphlab.data.augment import Augmentation, augment
from glyphlab.errors import InputError


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _dots(batch: int, height: int = 29, width: int = 29) -> Tensor:
    """Images that are a white 3 x 3 square in the middle of black."""
    images = torch.zeros(batch, 1, height, width)
    row, column = height // 2, width // 2
    images[:, :, row - 1 : row + 2, column - 1 : column + 2] = 1.0
    return images


def _blobs(batch: int, row: float, column: float, size: int = 41) -> Tensor:
    """Images of a smooth round spot at that place from the centre: resampling keeps its centre."""
    places = torch.arange(size) - (size - 1) / 2
    spot = torch.exp(-((places - row)[:, None] ** 2 + (places - column)[None] ** 2) / 8)
    return spot.expand(batch, 1, size, size).contiguous()


def _centre(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean row and column of the ink of each image, relative to the image's centre, in pixels."""
    _, _, height, width = images.shape
    mass = images.sum(dim=(1, 2, 3))
    rows = (images.sum(dim=(1, 3)) * (torch.arange(height) - (height - 1) / 2)).sum(1) / mass
    columns = (images.sum(dim=(1, 2)) * (torch.arange(width) - (width - 1) / 2)).sum(1) / mass
    return rows, columns


EVERYTHING = Augmentation(
    shift=2, rotation=10, scale=0.1, stretch=0.2, shear=0.2, elastic=1, weight=0.5, erase=0.5
)
AMOUNTS = {
    "shift": 2.0,
    "rotation": 20.0,
    "scale": 0.3,
    "stretch": 0.3,
    "shear": 0.3,
    "elastic": 2.0,
    "weight": 0.8,
    "erase": 0.9,
}


def test_the_default_augmentation_is_the_identity_and_returns_the_images_themselves() -> None:
    images = torch.rand(3, 1, 28, 28)
    assert Augmentation().is_identity
    assert augment(images, Augmentation(), _generator()) is images


@pytest.mark.parametrize("name", AMOUNTS)
def test_each_amount_alone_changes_images_but_neither_shape_nor_type_nor_range(name: str) -> None:
    augmentation = Augmentation(**{name: AMOUNTS[name]})
    images = torch.rand(16, 3, 20, 28, generator=_generator(7))
    before = images.clone()
    varied = augment(images, augmentation, _generator())
    assert not augmentation.is_identity
    assert varied.shape == images.shape
    assert varied.dtype == images.dtype
    assert varied.min() >= 0
    assert varied.max() <= 1
    assert not torch.equal(varied, images)
    assert torch.equal(images, before)


def test_the_same_generator_state_gives_the_same_images_and_another_gives_others() -> None:
    images = torch.rand(8, 1, 28, 28, generator=_generator(7))
    first = augment(images, EVERYTHING, _generator(3))
    torch.rand(5)
    assert torch.equal(first, augment(images, EVERYTHING, _generator(3)))
    assert not torch.equal(first, augment(images, EVERYTHING, _generator(4)))


def test_the_global_random_state_is_left_alone() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    augment(torch.rand(4, 1, 28, 28, generator=_generator()), EVERYTHING, _generator())
    assert torch.equal(before, torch.get_rng_state())


def test_equal_images_of_a_batch_are_varied_differently() -> None:
    varied = augment(_dots(2), EVERYTHING, _generator())
    assert not torch.equal(varied[0], varied[1])


def test_shifts_reach_but_do_not_pass_their_amount_to_all_sides() -> None:
    rows, columns = _centre(augment(_dots(500), Augmentation(shift=3), _generator()))
    for moved in (rows, columns):
        assert moved.abs().max() <= 3 + 1e-4
        assert moved.max() > 2.5
        assert moved.min() < -2.5


def test_shifts_are_in_pixels_where_height_and_width_differ() -> None:
    dots = _dots(500, height=21, width=41)
    rows, columns = _centre(augment(dots, Augmentation(shift=3), _generator()))
    assert rows.abs().max() == pytest.approx(3, abs=0.1)
    assert columns.abs().max() == pytest.approx(3, abs=0.1)


def test_what_moves_in_from_outside_is_background() -> None:
    varied = augment(torch.ones(200, 1, 16, 16), Augmentation(shift=4), _generator())
    assert (varied[:, :, [0, 0, -1, -1], [0, -1, 0, -1]].min(dim=2).values == 0).any()


def test_rotation_keeps_the_distance_to_the_centre_even_in_an_oblong_image() -> None:
    images = torch.zeros(300, 1, 31, 61)
    images[:, :, 14:17, 40:43] = 1.0
    rows, columns = _centre(augment(images, Augmentation(rotation=45), _generator()))
    assert torch.hypot(rows, columns).sub(11).abs().max() < 0.1
    angles = torch.rad2deg(torch.atan2(rows, columns))
    assert 43 < angles.max() < 45.5
    assert -45.5 < angles.min() < -43


def test_scale_changes_both_distances_by_the_same_factor_within_its_bounds() -> None:
    rows, columns = _centre(augment(_blobs(300, 10, 8), Augmentation(scale=0.25), _generator()))
    assert torch.allclose(rows / 10, columns / 8, atol=0.01)
    assert (rows / 10).max() == pytest.approx(1.25, abs=0.02)
    assert (rows / 10).min() == pytest.approx(1 / 1.25, abs=0.02)


def test_stretch_changes_width_over_height_and_keeps_their_product() -> None:
    rows, columns = _centre(augment(_blobs(300, 9, 9), Augmentation(stretch=0.5), _generator()))
    assert torch.allclose(rows * columns, torch.tensor(81.0), rtol=0.01)
    assert (columns / rows).max() == pytest.approx(1.5, abs=0.03)
    assert (columns / rows).min() == pytest.approx(1 / 1.5, abs=0.03)


def test_shear_slants_columns_and_keeps_rows() -> None:
    images = torch.zeros(300, 1, 41, 41)
    images[:, :, 29:32, 19:22] = 1.0
    rows, columns = _centre(augment(images, Augmentation(shear=0.5), _generator()))
    assert torch.allclose(rows, torch.tensor(10.0), atol=0.01)
    assert columns.abs().max() == pytest.approx(5, abs=0.1)


def test_elastic_displacements_differ_within_one_image_and_stay_near_their_amount() -> None:
    images = torch.zeros(100, 1, 41, 41)
    images[:, :, 9:12, 9:12] = 1.0
    elsewhere = images.flip(2, 3)
    rows, _ = _centre(augment(images, Augmentation(elastic=2), _generator()))
    others, _ = _centre(augment(elsewhere, Augmentation(elastic=2), _generator()))
    moves, other_moves = rows + 10, others - 10
    assert 1 < moves.abs().max() < 4
    assert (moves - other_moves).abs().max() > 1


def test_weight_makes_strokes_thicker_and_thinner_by_at_most_one_pixel_a_side() -> None:
    ink = augment(_dots(400), Augmentation(weight=1), _generator()).sum(dim=(1, 2, 3))
    assert 24 < ink.max() <= 25
    assert 1 <= ink.min() < 1.5


def test_weight_does_not_thin_strokes_where_they_meet_the_border() -> None:
    full = torch.ones(50, 1, 8, 8)
    assert torch.equal(augment(full, Augmentation(weight=1), _generator()), full)


def test_erase_sets_one_rectangle_no_larger_than_its_share_to_the_background() -> None:
    varied = augment(torch.ones(300, 2, 20, 40), Augmentation(erase=0.5), _generator())
    erased = varied == 0
    assert torch.equal(erased[:, 0], erased[:, 1])
    heights = erased[:, 0].any(dim=2).sum(dim=1)
    widths = erased[:, 0].any(dim=1).sum(dim=1)
    assert torch.equal(erased[:, 0].sum(dim=(1, 2)), heights * widths)
    assert 8 <= heights.max() <= 10
    assert 17 <= widths.max() <= 20


@pytest.mark.parametrize("amount", [-1.0, math.nan, math.inf])
def test_an_amount_below_0_or_not_finite_is_refused_by_name(amount: float) -> None:
    with pytest.raises(InputError, match="shear"):
        Augmentation(shear=amount)


@pytest.mark.parametrize("name", ["weight", "erase"])
def test_a_share_above_1_is_refused_by_name(name: str) -> None:
    with pytest.raises(InputError, match=name):
        Augmentation(**{name: 1.5})
