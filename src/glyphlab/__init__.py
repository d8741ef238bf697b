"""Train, test and compare classifiers of small labelled images."""

from importlib import import_module
from typing import TYPE_CHECKING

from glyphlab.version import __version__ as __version__

if TYPE_CHECKING:
    from glyphlab.auditing.audit import audit as audit
    from glyphlab.auditing.cleaning import clean as clean
    from glyphlab.auditing.findings import Audit as Audit
    from glyphlab.data.dataset import Dataset as Dataset
    from glyphlab.data.formats import save_dataset as save_dataset
    from glyphlab.data.ingest import TrainTest as TrainTest
    from glyphlab.data.ingest import load as load
    from glyphlab.data.joining import concatenate as concatenate
    from glyphlab.data.splits import split as split
    from glyphlab.errors import GlyphlabError as GlyphlabError
    from glyphlab.errors import InputError as InputError
    from glyphlab.errors import Interrupted as Interrupted
    from glyphlab.estimator.classifier import ImageClassifier as ImageClassifier
    from glyphlab.evaluation.comparison import Comparison as Comparison
    from glyphlab.evaluation.comparison import compare as compare
    from glyphlab.evaluation.evaluating import evaluate as evaluate
    from glyphlab.evaluation.evaluation import Evaluation as Evaluation
    from glyphlab.exporting.export import Export as Export
    from glyphlab.exporting.export import export as export
    from glyphlab.exporting.importing import import_weights as import_weights
    from glyphlab.lab.evidence.experiments import evidence as evidence
    from glyphlab.language import speak as speak
    from glyphlab.models import build as build
    from glyphlab.models.classifier import Classifier as Classifier
    from glyphlab.models.summary import summary as summary
    from glyphlab.prediction.predictions import Predictions as Predictions
    from glyphlab.prediction.predictor import predict as predict
    from glyphlab.report.evidence import Evidence as Evidence
    from glyphlab.training.fit import fit as fit
    from glyphlab.training.recipe import Recipe as Recipe
    from glyphlab.training.recipe import default_recipe as default_recipe
    from glyphlab.training.recipe import load_recipe as load_recipe
    from glyphlab.training.run import Run as Run
    from glyphlab.tuning.result import Tuning as Tuning
    from glyphlab.tuning.tune import tune as tune

__all__ = [
    "Audit",
    "Classifier",
    "Comparison",
    "Dataset",
    "Evaluation",
    "Evidence",
    "Export",
    "GlyphlabError",
    "ImageClassifier",
    "InputError",
    "Interrupted",
    "Predictions",
    "Recipe",
    "Run",
    "TrainTest",
    "Tuning",
    "audit",
    "build",
    "clean",
    "compare",
    "concatenate",
    "default_recipe",
    "evaluate",
    "evidence",
    "export",
    "fit",
    "import_weights",
    "load",
    "load_recipe",
    "predict",
    "save_dataset",
    "speak",
    "split",
    "summary",
    "tune",
]


_HOMES = {
    "Audit": "glyphlab.auditing.findings",
    "Classifier": "glyphlab.models.classifier",
    "Comparison": "glyphlab.evaluation.comparison",
    "Dataset": "glyphlab.data.dataset",
    "Evaluation": "glyphlab.evaluation.evaluation",
    "Evidence": "glyphlab.report.evidence",
    "Export": "glyphlab.exporting.export",
    "GlyphlabError": "glyphlab.errors",
    "ImageClassifier": "glyphlab.estimator.classifier",
    "InputError": "glyphlab.errors",
    "Interrupted": "glyphlab.errors",
    "Predictions": "glyphlab.prediction.predictions",
    "Recipe": "glyphlab.training.recipe",
    "Run": "glyphlab.training.run",
    "TrainTest": "glyphlab.data.ingest",
    "Tuning": "glyphlab.tuning.result",
    "audit": "glyphlab.auditing.audit",
    "build": "glyphlab.models",
    "clean": "glyphlab.auditing.cleaning",
    "compare": "glyphlab.evaluation.comparison",
    "concatenate": "glyphlab.data.joining",
    "default_recipe": "glyphlab.training.recipe",
    "evaluate": "glyphlab.evaluation.evaluating",
    "evidence": "glyphlab.lab.evidence.experiments",
    "export": "glyphlab.exporting.export",
    "fit": "glyphlab.training.fit",
    "import_weights": "glyphlab.exporting.importing",
    "load": "glyphlab.data.ingest",
    "load_recipe": "glyphlab.training.recipe",
    "predict": "glyphlab.prediction.predictor",
    "save_dataset": "glyphlab.data.formats",
    "speak": "glyphlab.language",
    "split": "glyphlab.data.splits",
    "summary": "glyphlab.models.summary",
    "tune": "glyphlab.tuning.tune",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `glyphlab --help` needs no torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'glyphlab' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
