"""Trials whose results are known, without a training."""

from collections.abc import Iterable, Iterator
from typing import Any

from glyphlab.places.place import Task
from glyphlab.tuning.ranges import Choices, Floats, Integers, Space
from glyphlab.tuning.record import State, Trial
from glyphlab.tuning.training import Job, Outcome

SPACE: Space = {
    "learning_rate": Floats(1e-4, 1e-1, log=True),
    "rotation": Floats(0.0, 15.0),
    "epochs": Integers(3, 9),
    "schedule": Choices(("cosine", "onecycle")),
}


def trial(number: int, value: float | None, state: State = "complete", **settings: Any) -> Trial:
    """A trial that was as good at each tenth as at its end."""
    chosen = {
        "learning_rate": 1e-3,
        "rotation": float(number % 16),
        "epochs": 3,
        "schedule": "cosine",
    }
    accuracy = 0.5 if value is None else value
    return Trial(
        number,
        state,
        chosen | settings,
        value=value,
        validation_accuracy=None if state == "failed" else accuracy,
        validation_loss=None if state == "failed" else 1.0,
        values={} if state == "failed" else dict.fromkeys((2, 4, 6, 8, 10), accuracy),
        epochs=3,
        seconds=1.0,
        reason="It fell over" if state == "failed" else None,
    )


def good_at(rate: float) -> float:
    """The best learning rate is 0.01."""
    return 1.0 - abs(rate - 0.01)


class Pretended:
    """A place that trains nothing: what a trial reaches is a function of its learning rate.

    Parameters
    ----------
    at_once : int
        How many trials it takes before it gives the first result.
    """

    is_here = True

    def __init__(self, at_once: int = 1) -> None:
        self.at_once = at_once
        self.done: list[str] = []

    def put(self, value: Any) -> Any:
        return value

    def calling(self, function: Any) -> Any:
        return function

    def run(self, tasks: Iterable[Task[Any]]) -> Iterator[tuple[Task[Any], Any]]:
        waiting, running = iter(tasks), list[Task[Any]]()
        while True:
            while len(running) < self.at_once and (task := next(waiting, None)) is not None:
                running.append(task)
            if not running:
                return
            task = running.pop()  # The last is the first to end.
            self.done.append(task.label)
            yield task, self.outcome(task.arguments[0])

    def outcome(self, job: Job) -> Outcome:
        value = good_at(job.recipe.learning_rate)
        return Outcome(job.label, "complete", value, value, 1.0, {10: value}, 3, 2.0)
