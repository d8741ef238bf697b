"""Evaluations that a run keeps."""

from glyphlab.data.dataset import Dataset
from glyphlab.evaluation.evaluating import evaluate
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.training.run import Run


def evaluate_once(run: Run, test: Dataset) -> Evaluation:
    """Evaluate, or take the evaluation of these very images that the run holds already."""
    file = run.path / "evaluations" / f"{test.fingerprint[:16]}.safetensors"
    if file.exists():
        return Evaluation.load(file)
    evaluation = evaluate(run, test)
    evaluation.save(file)
    return evaluation
