"""Those who do the trials of an experiment side by side, and the nodes of a cluster as such."""

from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from typing import Any, Protocol

from glyphlab.errors import Interrupted
from glyphlab.files import write_json
from glyphlab.lab.evidence.material import Material
from glyphlab.lab.evidence.trial import (
    Outcome,
    Trial,
    outcome_file,
    outcome_json,
    train_and_test,
    unfinished,
)
from glyphlab.places.place import Place, Shared, Task
from glyphlab.places.telling import Seldom
from glyphlab.progress import Progress


class Team(Protocol):
    """Does trials, several at once."""

    def do(self, trials: Sequence[Trial], folder: Path, progress: Progress) -> None:
        """Do every trial, each in the order given as soon as there is room for it.

        Parameters
        ----------
        trials : sequence of Trial
        folder : Path
            Of their outcomes.
        progress : callable
            Told how many steps are done, and of how many.

        Raises
        ------
        Interrupted
            On Ctrl-C; what is done is kept, and the trainings in hand go on another time.
        GlyphlabError
            If a trial fails.
        """
        ...


class OnPlace:
    """A team that is elsewhere; each trial is trained on one thread, as by `Workers`."""

    def __init__(self, place: Place, material: Material) -> None:
        self._place, self._material = place, material
        _ = material.train.fingerprint, material.test.fingerprint  # they go with the images
        self._sent = place.put(material)

    def do(self, trials: Sequence[Trial], folder: Path, progress: Progress) -> None:
        """Do every trial there, and write its outcome here."""
        steps, total = [0] * len(trials), sum(trial.steps for trial in trials)

        def note(number: int, step: int) -> None:
            steps[number] = step
            progress(sum(steps), total)

        tell = self._place.calling(note)
        files = [outcome_file(trial, self._material, folder) for trial in trials]
        tasks = [
            Task(
                str(number),
                do_trial,
                (trial, self._sent, tell, number),
                folder=unfinished(file),
            )
            for number, (trial, file) in enumerate(zip(trials, files, strict=True))
        ]
        try:
            for task, found in self._place.run(tasks):
                number = int(task.label)
                saved = outcome_json(trials[number], Outcome.from_json(found))
                write_json(files[number], saved)
                rmtree(unfinished(files[number]), ignore_errors=True)
                note(number, trials[number].steps)
        except Interrupted as stopped:
            told = f"Stopped after {sum(steps):,} of {total:,} steps; all is saved in {folder}."
            raise Interrupted(told, folder) from stopped


def do_trial(
    trial: Trial, material: Shared[Material], tell: "Tell", number: int, *, folder: Path
) -> dict[str, Any]:
    """Do a trial in a folder, of which nothing is left but the outcome; the function of a task."""
    seldom = Seldom(tell)
    outcome = train_and_test(
        trial, material.get(), folder, lambda status: seldom(number, status.step)
    )
    rmtree(folder)
    folder.mkdir()
    return outcome.to_json()


class Tell(Protocol):
    """Takes note of how many steps of the trial of a number are done."""

    def __call__(self, number: int, step: int) -> None:
        """Take note."""
        ...
