"""Sentences say no more than the figures do."""

from tests.evaluated import evaluated, right_but

from glyphlab.lab.phrases import accuracy_sentence, gap_sentence
from glyphlab.report.content import ModelResult, SeedResult


def result(model: str, wrong: slice, n: int = 1000, seeds: int = 1) -> ModelResult:
    """A model that is right on all of n images of two classes but those in a slice."""
    run = SeedResult(
        evaluation=evaluated(model, right_but(n, wrong)),
        history=[],
        train_accuracy=0.95,
        validation_accuracy=None,
        train_seconds=2.0,
        train_images_per_second=500.0,
    )
    return ModelResult(model=model, task="", protocol="corrected", runs=(run,) * seeds)


def test_an_accuracy_comes_with_n_and_interval() -> None:
    sentence = accuracy_sentence(result("m", slice(0, 100)))
    assert "0.9000 of 1,000 test images" in sentence
    assert "0.8798 to 0.9171" in sentence


def test_an_accuracy_over_seeds_comes_with_their_range() -> None:
    assert "over 3 seeds the mean is 0.9000" in accuracy_sentence(
        result("m", slice(0, 100), seeds=3)
    )


def test_a_gap_leaves_out_what_was_not_measured() -> None:
    sentence = gap_sentence(result("m", slice(0, 100)))
    assert sentence == "Its accuracy is 0.9500 on training images and 0.9000 on test images."
