"""Images and settings at the ends of what there can be."""

from pathlib import Path

import numpy as np
import pytest
from tests.toys import bars

import glyphlab
from glyphlab.data.dataset import MOST_CLASSES, Dataset
from glyphlab.data.ids import Ids
from glyphlab.errors import Diverged, InputError

SMALL = ("logistic", "mlp", "glyphnet-small", "glyphnet")
"""The models that take images of a single pixel."""
LARGE = ("conv2", "conv-pool", "lenet5", "lenet5-classic")


def noise(n: int = 20, size: int = 28, classes: int = 2) -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (n, size, size, 1), np.uint8)
    ids = Ids.from_strings([str(number) for number in range(n)])
    return Dataset(images, np.arange(n) % 2, ids, [str(number) for number in range(classes)])


def learned(model: str, dataset: Dataset, out: Path, **changes: float) -> glyphlab.Evaluation:
    recipe = glyphlab.default_recipe(model).replace(device="cpu", **{"epochs": 1, **changes})
    return glyphlab.evaluate(glyphlab.fit(model, dataset, recipe, out=out), dataset)


def saved(path: Path, images: np.ndarray, labels: np.ndarray) -> Path:  # type: ignore[type-arg]
    np.savez(path, images=images, labels=labels)
    return path


@pytest.mark.parametrize("pixel", [np.nan, np.inf, -np.inf, -0.1, 1e30])
def test_a_single_pixel_that_is_no_number_from_0_to_1_is_refused(
    tmp_path: Path, pixel: float
) -> None:
    images = np.zeros((6, 8, 8))
    images[3, 4, 5] = pixel
    with pytest.raises(InputError, match="images is float64 with values that are no pixels"):
        glyphlab.load(saved(tmp_path / "a.npz", images, np.arange(6) % 2))


def test_a_label_that_is_no_whole_number_is_refused(tmp_path: Path) -> None:
    labels = np.array([0, 1, np.nan, 0, 1, 0])
    with pytest.raises(InputError, match="labels is float64"):
        glyphlab.load(saved(tmp_path / "a.npz", np.zeros((6, 8, 8), np.uint8), labels))


@pytest.mark.parametrize("label", [-1, 2, 2**40])
def test_a_label_that_names_no_class_is_refused(label: int) -> None:
    images = noise(6)
    labels = np.array([0, 1, 0, 1, 0, label])
    with pytest.raises(InputError, match="but there are 2 classes; number them from 0"):
        Dataset(images.images, labels, images.ids, images.classes)


def test_numbers_of_images_taken_for_their_labels_are_refused(tmp_path: Path) -> None:
    n = MOST_CLASSES + 1
    path = saved(tmp_path / "a.npz", np.zeros((n, 1, 1), np.uint8), np.arange(n))
    with pytest.raises(InputError, match="10,001 classes, and at most 10,000 can be told apart"):
        glyphlab.load(path)


def test_a_million_classes_of_few_images_are_refused() -> None:
    with pytest.raises(InputError, match="1,000,000 classes"):
        noise(classes=1_000_000)


@pytest.mark.parametrize("model", [*SMALL, *LARGE])
def test_images_that_are_all_alike_are_learned_from_and_guessed(tmp_path: Path, model: str) -> None:
    some = noise()
    alike = Dataset(np.full_like(some.images, 255), some.labels, some.ids, some.classes)
    assert learned(model, alike, tmp_path / "run").accuracy == 0.5


@pytest.mark.parametrize("model", [*SMALL, *LARGE])
def test_a_batch_may_hold_a_single_image(tmp_path: Path, model: str) -> None:
    evaluation = learned(model, noise(), tmp_path / "run", batch_size=1)
    assert np.isfinite(evaluation.probabilities).all()


@pytest.mark.parametrize("model", SMALL)
def test_an_image_may_be_a_single_pixel(tmp_path: Path, model: str) -> None:
    evaluation = learned(model, noise(size=1), tmp_path / "run")
    assert np.isfinite(evaluation.probabilities).all()


@pytest.mark.parametrize("model", LARGE)
def test_a_model_says_how_small_its_images_may_be(tmp_path: Path, model: str) -> None:
    sentence = f"Images of 1×1 are too small for {model}; its least size is"
    with pytest.raises(InputError, match=sentence):
        learned(model, noise(size=1), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("model", ["logistic", "conv-pool", "lenet5-classic"])
def test_images_may_be_as_large_as_a_photograph(tmp_path: Path, model: str) -> None:
    evaluation = learned(model, noise(6, size=512), tmp_path / "run", batch_size=2)
    assert np.isfinite(evaluation.probabilities).all()


@pytest.mark.parametrize("model", [*SMALL, *LARGE])
def test_a_learning_rate_that_explodes_is_one_sentence(tmp_path: Path, model: str) -> None:
    with pytest.raises(Diverged, match=r"The loss is not finite in epoch .*; try a lower"):
        learned(model, bars(60), tmp_path / "run", learning_rate=1e30, epochs=3)


def test_a_class_may_have_one_image_or_none(tmp_path: Path) -> None:
    some = noise(41, classes=3)
    labels = np.array([0] * 40 + [1])
    odd = Dataset(some.images, labels, some.ids, some.classes)
    evaluation = learned("logistic", odd, tmp_path / "run")
    assert evaluation.confusion.sum(axis=1).tolist() == [40, 1, 0]


def test_a_class_that_is_absent_in_a_fold_does_not_end_an_audit() -> None:
    some = noise(41, size=8)
    odd = Dataset(some.images, np.array([0] * 40 + [1]), some.ids, some.classes)
    recipe = glyphlab.default_recipe("logistic").replace(steps=4, device="cpu")
    assert glyphlab.audit(odd, folds=2, recipe=recipe).n == 41
