"""What an exported file says of its model, as texts under stable keys."""

import json
from typing import Any

from glyphlab.models.classifier import Classifier
from glyphlab.training.run import RunInfo
from glyphlab.version import __version__


def facts_of(info: RunInfo, classifier: Classifier) -> dict[str, str]:
    """All that is needed to use a model, and where it comes from.

    Everything but `model` and `head` is JSON; what is unknown is null.
    """
    values: dict[str, Any] = {
        "arguments": dict(classifier.arguments),
        "classes": list(classifier.classes),
        "image_shape": list(classifier.image_shape),
        "mean": list(classifier.mean),
        "std": list(classifier.std),
        **origin_of(info),
    }
    texts = {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
    return {"model": classifier.model, "head": classifier.head, **texts}


def origin_of(info: RunInfo) -> dict[str, Any]:
    """What of a run goes with its weights: on what it was trained, and the images' form."""
    return {
        "dataset": info.dataset,
        "fingerprint": info.fingerprint,
        "n_train": info.n_train,
        "n_validation": info.n_validation,
        "form": None if info.form is None else dict(info.form),
        "glyphlab": info.versions.get("glyphlab", __version__),
    }
