"""What a report's content refuses, and the descriptions it takes from a Dataset."""

from dataclasses import replace

import numpy as np
import pytest

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.report.content import DataDescription, LabContent, SeedResult, Thumbnails


def test_a_report_without_a_result_is_refused(content: LabContent) -> None:
    with pytest.raises(InputError, match="no result"):
        replace(content, results=())


def test_a_model_without_a_run_is_refused(content: LabContent) -> None:
    with pytest.raises(InputError, match="no run"):
        replace(content, results=(replace(content.results[0], runs=()),))


def test_a_model_given_twice_is_refused(content: LabContent) -> None:
    with pytest.raises(InputError, match="occurs twice"):
        replace(content, results=(content.results[0], content.results[0]))


def test_models_tested_on_different_images_are_refused(content: LabContent) -> None:
    first, second = content.results[0], content.results[1]
    other = replace(second.runs[0].evaluation, dataset_fingerprint="other")
    moved = replace(second, runs=(replace(second.runs[0], evaluation=other),))
    with pytest.raises(InputError, match="other images"):
        replace(content, results=(first, moved))


def test_images_of_another_number_than_tested_are_refused(content: LabContent) -> None:
    with pytest.raises(InputError, match="60 images, but 59 are given"):
        replace(content, test_images=content.test_images[1:])


def test_thumbnails_are_spread_evenly_over_each_class() -> None:
    labels = np.array([0, 1] * 5 + [1])
    images = np.arange(11, dtype=np.uint8).reshape(11, 1, 1, 1)
    data = Dataset(images, labels, [""] * 11, ("a", "b", "empty"))
    thumbnails = Thumbnails.of(data, per_class=3)
    assert thumbnails.images.ravel().tolist() == [0, 4, 8, 1, 5, 10]
    assert thumbnails.labels.tolist() == [0, 0, 0, 1, 1, 1]


def test_an_empty_dataset_has_no_thumbnails() -> None:
    empty = Dataset(np.empty((0, 2, 2, 1), np.uint8), np.empty(0, np.int64), [], ("a",))
    assert Thumbnails.of(empty).images.shape == (0, 2, 2, 1)


def test_a_description_counts_the_classes() -> None:
    data = Dataset(np.zeros((3, 1, 1, 1), np.uint8), np.array([1, 1, 0]), [""] * 3, ("a", "b"))
    assert DataDescription.of(data) == DataDescription("unnamed", 3, ("a", "b"), (1, 2), "")


def test_a_result_knows_its_first_evaluation_and_parameters(content: LabContent) -> None:
    run: SeedResult = content.results[0].runs[0]
    assert content.results[0].evaluation is run.evaluation
    assert content.results[0].parameters == 7_850
