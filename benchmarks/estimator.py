"""ImageClassifier beside scikit-learn's own classifiers, on the same folds of the same images.

    python benchmarks/estimator.py [--images 1500] [--folds 3] [--epochs 10] [--data PATH]
        [--out FILE] [--quick]

Images are drawn from the training sample of notMNIST, class by class; no test image is looked at.
scikit-learn's models get shares of white, which they need, and their own defaults but for the most
iterations; ours get the images and `--epochs`, which are few, and lenet5 the length of its own
Recipe as well. Seconds are of training alone, in one process. Then `GridSearchCV` chooses between
two settings.
"""

import argparse
import statistics
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_validate, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import glyphlab
from measuring import OWN_PACKAGES, machine, publish, table

SAMPLE = Path("../shared/data/notMNIST_large_sample.tar.gz")


def images_and_labels(source: Path, n: int) -> tuple[Any, Any]:
    """Some images of a Dataset as rows of uint8, and the names of their classes."""
    found = glyphlab.load(source)
    dataset = found if isinstance(found, glyphlab.Dataset) else found.train
    chosen, _ = train_test_split(
        np.arange(len(dataset)), train_size=n, stratify=dataset.labels, random_state=0
    )
    return dataset.images[chosen].reshape(n, -1), np.array(dataset.classes)[dataset.labels[chosen]]


def shares(levels: Any) -> Any:
    """Levels as shares of white."""
    return levels / 255


def contestants(epochs: int) -> dict[str, Any]:
    """What is compared, by name."""
    ours = {
        f"ImageClassifier {name!r}": glyphlab.ImageClassifier(name, epochs=epochs, random_state=0)
        for name in ("logistic", "mlp", "lenet5")
    }
    if epochs > 1:
        ours["ImageClassifier 'lenet5', as long as its Recipe says"] = glyphlab.ImageClassifier()
    theirs = {
        "LogisticRegression": LogisticRegression(max_iter=200),
        "MLPClassifier": MLPClassifier(random_state=0),
        "MLPClassifier (512, 256)": MLPClassifier((512, 256), random_state=0),
    }
    piped = {
        name: make_pipeline(FunctionTransformer(shares), model) for name, model in theirs.items()
    }
    return ours | piped


def row(name: str, scores: Mapping[str, Any]) -> list[str]:
    """A line of the table: mean accuracy, its range over the folds, and median seconds of a fit."""
    accuracy, seconds = scores["test_score"], statistics.median(scores["fit_time"])
    folds = f"{min(accuracy):.3f}–{max(accuracy):.3f}"
    return [name, f"{statistics.mean(accuracy):.3f}", folds, f"{seconds:.1f}"]


def main() -> None:
    """Cross-validate each, search a grid, and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SAMPLE)
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/estimator.json"))
    parser.add_argument("--quick", action="store_true", help="all of it in small")
    options = parser.parse_args()
    n, epochs = (200, 1) if options.quick else (options.images, options.epochs)
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    images, labels = images_and_labels(options.data, n)
    folds = StratifiedKFold(options.folds, shuffle=True, random_state=0)
    scores = {
        name: {
            key: values.tolist()
            for key, values in cross_validate(model, images, labels, cv=folds).items()
        }
        for name, model in contestants(epochs).items()
    }
    search = GridSearchCV(
        glyphlab.ImageClassifier("lenet5", epochs=epochs, random_state=0),
        {"recipe__learning_rate": [5e-4, 4e-3]},
        cv=folds,
    ).fit(images, labels)
    tried = dict(
        zip(
            map(str, search.cv_results_["param_recipe__learning_rate"]),
            search.cv_results_["mean_test_score"].tolist(),
            strict=True,
        )
    )
    lines = [
        f"{n} images, {options.folds} folds; ours {epochs} epochs.",
        *table(
            ("classifier", "accuracy", "of the folds", "seconds of a fit"),
            [row(name, taken) for name, taken in scores.items()],
        ),
        "",
        "GridSearchCV of lenet5, accuracy by recipe__learning_rate: "
        + ", ".join(f"{rate}: {accuracy:.3f}" for rate, accuracy in tried.items()),
    ]
    facts = {"n": n, "folds": options.folds, "epochs": epochs, "grid": tried}
    facts |= {"machine": machine((*OWN_PACKAGES, "scikit-learn")), "scores": scores}
    publish("estimator", facts, lines, options.out)


if __name__ == "__main__":
    main()
