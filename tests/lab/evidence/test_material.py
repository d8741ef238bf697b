"""What experiments change about images."""

from pathlib import Path

import numpy as np
from tests.sharding import write_shards
from tests.toys import bars

from glyphlab.data.sharded import open_shards
from glyphlab.lab.evidence.material import (
    Budget,
    Material,
    draw,
    mislabelled,
    permuted,
    shifted,
)


def test_as_many_images_are_drawn_of_each_class_by_the_seed() -> None:
    whole = bars(240)
    few = draw(whole, 60, seed=1)
    assert few.class_counts.tolist() == [20, 20, 20]
    assert set(few.ids) < set(whole.ids)
    assert list(draw(whole, 60, seed=1).ids) == list(few.ids)
    assert list(draw(whole, 60, seed=2).ids) != list(few.ids)
    assert draw(whole, 500, seed=1) is whole


def test_pixels_of_all_images_and_datasets_are_permuted_alike() -> None:
    first, second = bars(6), bars(6, seed=1)
    mixed = [permuted(dataset) for dataset in (first, second)]
    counted = [np.sort(d.images, axis=None).tolist() for d in (first, mixed[0])]
    assert counted[0] == counted[1]
    assert not np.array_equal(mixed[0].images, first.images)
    # Where a pixel went is the same for both: find each by a Dataset that numbers its pixels.
    order = permuted(bars(6)).images[0].ravel()[:50].tolist()
    assert order == mixed[0].images[0].ravel()[:50].tolist()
    both = np.concatenate([first.images, second.images]).reshape(12, -1)
    mixed_both = np.concatenate([d.images for d in mixed]).reshape(12, -1)
    columns = {tuple(column) for column in both.T.tolist()}
    assert {tuple(column) for column in mixed_both.T.tolist()} == columns


def test_a_share_of_the_labels_becomes_any_other_class() -> None:
    clean = bars(200)
    noisy = mislabelled(clean, 0.2, seed=3)
    wrong = noisy.labels != clean.labels
    assert wrong.sum() == 40
    assert set(noisy.labels[wrong]) == {0, 1, 2}
    assert np.array_equal(noisy.images, clean.images)
    assert clean.labels.tolist() == bars(200).labels.tolist()


def test_labels_of_a_sharded_dataset_become_others_too(tmp_path: Path) -> None:
    clean = bars(60)
    sharded = open_shards(write_shards(clean, tmp_path / "shards", 25, mixed=False))
    noisy = mislabelled(sharded, 0.2, seed=3)
    assert noisy.labels.tolist() == mislabelled(clean, 0.2, seed=3).labels.tolist()
    assert np.array_equal(noisy.images, clean.images)


def test_images_move_right_down_left_and_up_in_turns_with_the_background_behind() -> None:
    images = np.full((4, 5, 5, 1), 7, np.uint8)
    images[:, 2, 2] = 200
    moved = shifted(images, 1)
    places = [tuple(np.argwhere(image[:, :, 0] == 200)[0].tolist()) for image in moved]
    assert places == [(2, 3), (3, 2), (2, 1), (1, 2)]
    assert set(np.unique(moved)) == {7, 200}
    assert shifted(images, 0) is images


def test_a_budget_bounds_images_and_steps_by_its_scale() -> None:
    material = Material.of(bars(240), bars(90, seed=1), Budget(seeds=2, scale=0.02))
    assert (len(material.train), len(material.test)) == (99, 90)
    assert material.budget.steps(150) == 3
    assert Budget(scale=2.0).images == 10_000
