"""What runs and their evaluations say, as a report holds it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from glyphlab.data.dataset import Dataset
from glyphlab.evaluation.activations import activations
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.evaluation.saliency import saliency
from glyphlab.language import say
from glyphlab.models import MODELS
from glyphlab.report.content import (
    MISTAKES,
    ModelResult,
    Protocol,
    SeedResult,
    comparison_of,
)
from glyphlab.training.run import Run


def most_disputed(results: Sequence[ModelResult]) -> int:
    """The test image on which models disagree most; the first where they never do."""
    return int(next(iter(comparison_of(results).disagreements(1)), 0))


def look_inside(result: ModelResult, run: Run, test: Dataset, chosen: int) -> ModelResult:
    """Add what its layers make of an image, and which pixels its mistakes hang on."""
    classifier, evaluation = run.classifier, result.evaluation
    wrong = evaluation.confident_mistakes(MISTAKES)
    images = np.asarray(test.images[wrong])
    said, meant = evaluation.predictions[wrong], evaluation.labels[wrong]
    return replace(
        result,
        activations=activations(classifier, np.asarray(test.images[chosen])),
        saliency=saliency(classifier, images, said, meant) if len(wrong) else None,
    )


def model_result(
    model: str, protocol: Protocol, trained: Sequence[tuple[Run, Evaluation]], out: Path
) -> ModelResult:
    """All trainings of a model by one protocol, with what is known of it; `out` is the report's."""
    first = trained[0][0]
    entry = MODELS.get(model)
    return ModelResult(
        model=model,
        task=entry.task if entry else say("model-your-own"),
        protocol=protocol,
        runs=tuple(_seed_result(run, evaluation, out) for run, evaluation in trained),
        description=entry.description if entry else "",
        filters=_first_layer(first),
        recipe=first.recipe.to_toml(),
    )


def _seed_result(run: Run, evaluation: Evaluation, out: Path) -> SeedResult:
    return SeedResult(
        evaluation=evaluation,
        history=run.history,
        train_accuracy=run.info.train_accuracy,
        validation_accuracy=run.info.validation_accuracy,
        train_seconds=run.info.seconds or 0.0,
        train_images_per_second=run.info.images_per_second or 0.0,
        path=run.path.relative_to(out).as_posix(),
    )


def _first_layer(run: Run) -> Float32[np.ndarray, "filters height width channels"] | None:
    """The weights that see the image itself, as images; at most 64 of them."""
    classifier = run.classifier
    height, width, channels = classifier.image_shape
    for parameter in classifier.module.parameters():
        weights = parameter.detach().cpu().numpy()
        if weights.ndim == 4:
            return np.ascontiguousarray(weights[:64].transpose(0, 2, 3, 1), np.float32)
        if weights.ndim == 2 and weights.shape[1] == height * width * channels:
            images = weights[:64].reshape(-1, channels, height, width)
            return np.ascontiguousarray(images.transpose(0, 2, 3, 1), np.float32)
    return None
