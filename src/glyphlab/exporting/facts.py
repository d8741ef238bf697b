"""What an exported file says of its model, as texts under stable keys."""

import json

from glyphlab.models.classifier import Classifier
from glyphlab.training.run import Run, RunInfo
from glyphlab.version import __version__


def facts_of(run: Run, classifier: Classifier) -> dict[str, str]:
    """Everything that is needed to use a model, and where it comes from.

    All but `model` and `head` is JSON. What is unknown is null. Nothing tells of folders.
    """
    info = run.info
    values = {
        "arguments": dict(classifier.arguments),
        "classes": list(classifier.classes),
        "image_shape": list(classifier.image_shape),
        "mean": list(classifier.mean),
        "std": list(classifier.std),
        **kept(info),
        "glyphlab": __version__,
    }
    texts = {key: json.dumps(value) for key, value in values.items()}
    return {"model": classifier.model, "head": classifier.head, **texts}


def kept(info: RunInfo) -> dict[str, object]:
    """What is kept of a run's own facts when its weights go elsewhere and come back."""
    return {
        "dataset": info.dataset,
        "fingerprint": info.fingerprint,
        "n_train": info.n_train,
        "form": None if info.form is None else dict(info.form),
        "unlike_above": info.unlike_above,
    }
