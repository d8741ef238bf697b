"""Evaluations that a run keeps, of many runs wherever they are computed."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from glyphlab.data.dataset import Dataset
from glyphlab.evaluation.evaluating import Predicted, check_fits, evaluation_of, predicted
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.models.classifier import Classifier
from glyphlab.places.place import Place, Shared, Task
from glyphlab.training.run import Run

Say = Callable[[int, int], None]


def evaluate_all(
    runs: Sequence[Run], test: Dataset, place: Place, progress: Say | None = None, cores: int = 1
) -> list[Evaluation]:
    """Evaluate, or take the evaluations of these very images that runs hold already.

    Parameters
    ----------
    runs : sequence of Run
    test : Dataset
    place : Place
        Where predictions are computed; evaluations are written here.
    progress : callable, optional
        Told how many runs are tested, and of how many.
    cores : int
        Of each prediction, elsewhere than here.

    Raises
    ------
    InputError
        If a run does not fit the images.
    """
    files = [run.path / "evaluations" / f"{test.fingerprint[:16]}.safetensors" for run in runs]
    left = {str(file): (run, file) for run, file in zip(runs, files, strict=True)}
    left = {key: (run, file) for key, (run, file) in left.items() if not file.exists()}
    done = len(runs) - len(left)
    if progress is not None and done:
        progress(done, len(runs))
    if left:
        for task, found in place.run(_tasks(left, test, place, cores)):
            run, file = left[task.label]
            evaluation_of(run, test, found).save(file)
            done += 1
            if progress is not None:
                progress(done, len(runs))
    return [Evaluation.load(file) for file in files]


def _tasks(
    left: dict[str, tuple[Run, Path]], test: Dataset, place: Place, cores: int
) -> Iterator[Task[Predicted]]:
    """One for each run, made as there is room for it, so that not all weights are held at once."""
    shared = place.put(test)
    for label, (run, _) in left.items():
        classifier = run.classifier
        check_fits(classifier, test)
        yield Task(label, predict, (classifier, shared), cores=cores)


def predict(classifier: Classifier, test: Shared[Dataset]) -> Predicted:
    """Predict every image; the function of a task."""
    return predicted(classifier, test.get())
