import numpy as np
import pytest
from tests.auditing.planted import CHANGES, about_centre, planted

from glyphlab.auditing.descriptors import describe, descriptor_space, tangents
from glyphlab.auditing.pictures import Pictures, common_background, contrast
from glyphlab.data.glyphs import load_glyphs


@pytest.fixture(scope="module")
def letters() -> np.ndarray:
    return np.pad(load_glyphs().train.images[::900, ::2, ::2], ((0, 0), (7, 7), (7, 7), (0, 0)))


def test_a_descriptor_is_no_longer_than_1(letters: np.ndarray) -> None:
    pictures = Pictures(letters, common_background([letters]))
    lengths = np.linalg.norm(describe(pictures, descriptor_space(pictures)), axis=1)
    assert lengths.max() <= 1 + 1e-5
    assert lengths.min() > 0.95


@pytest.mark.parametrize("name", CHANGES)
def test_a_copy_is_nearer_than_another_letter(letters: np.ndarray, name: str) -> None:
    background = common_background([letters])
    pictures = Pictures(letters, background)
    space = descriptor_space(pictures)
    own = describe(pictures, space)
    copies = describe(Pictures(planted(letters, CHANGES[name]), background), space)
    distances = np.linalg.norm(own[:, None] - copies[None], axis=2)
    assert (distances.argmin(0) == np.arange(len(letters))).all()
    assert distances.diagonal().max() < 0.2


def test_tangents_explain_most_of_a_scaling(letters: np.ndarray) -> None:
    background = common_background([letters])
    pictures = Pictures(letters, background)
    space = descriptor_space(pictures)
    larger = planted(letters, lambda image: about_centre(image, 1.02))
    steps = describe(Pictures(larger, background), space) - describe(pictures, space)
    moves = tangents(pictures.take(slice(None)), space)
    explained = np.einsum("nck,nk->nc", moves.directions.numpy(), steps)
    squares, explained_squares = (steps**2).sum(1), (explained**2).sum(1)
    assert (explained_squares <= squares * 1.001).all()
    assert np.median(1 - explained_squares / squares) < 0.25


def test_the_background_is_what_most_border_pixels_have() -> None:
    images = np.full((3, 6, 5, 2), 9, np.uint8)
    images[..., 1] = 200
    images[:, 1:-1, 1:-1] = 77
    images[0, 0] = 0
    np.testing.assert_array_equal(common_background([images]), [9, 200])


def test_contrast_is_the_norm_of_the_differences_from_the_mean(letters: np.ndarray) -> None:
    pictures = Pictures(letters, common_background([letters])).take(slice(0, 3))
    expected = letters[:3].reshape(3, -1).std(1) * np.sqrt(letters[0].size)
    np.testing.assert_allclose(contrast(pictures), expected, rtol=1e-4)
