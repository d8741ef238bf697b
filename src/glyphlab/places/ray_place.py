"""Tasks that the nodes of a cluster of Ray do."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Generic

from glyphlab.errors import GlyphlabError, InputError, Interrupted
from glyphlab.interruption import stop_on_interrupt
from glyphlab.places.cluster import head_node
from glyphlab.places.doing import Order, Outcome, Slot, do
from glyphlab.places.folders import bring, pack
from glyphlab.places.mailbox import Call, Mailbox, answered
from glyphlab.places.parallel_training import do_together
from glyphlab.places.place import P, R, T, Task
from glyphlab.places.versions import own_versions

RETRIES = 3
"""How often a task is done again whose process or machine has died."""
MOST_HANDED_OVER = 1_000
SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_STOP = 20.0
"""How long tasks may take to end after the step in hand."""

Running = dict[Any, Task[R]]
"""The tasks that are handed over and have not ended, by the reference to their outcome."""


class Sent(Generic[T]):
    """A value in the store of the cluster; arrays are read there without a copy."""

    def __init__(self, reference: Any, value: T) -> None:
        self.reference, self._value = reference, value

    def __reduce__(self) -> tuple[Any, ...]:
        return _Received, (self.reference,)

    def get(self) -> T:
        """The value."""
        return self._value


class _Received(Generic[T]):
    """The same on a node, where it came within another argument."""

    def __init__(self, reference: Any) -> None:
        self._reference = reference

    def get(self) -> T:
        import ray

        value: T = ray.get(self._reference)
        return value


class RayPlace:
    """The nodes of a cluster, which share no files with this machine.

    Parameters
    ----------
    ray : module
        Connected to the cluster.
    """

    is_here = False

    def __init__(self, ray: Any) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self._ray = ray
        self._do, self._do_together = ray.remote(do), ray.remote(do_together)
        # A head can't be lost without the cluster, so letters are safe there.
        on_head = NodeAffinitySchedulingStrategy(head_node(ray), soft=False)
        self._mailbox = (
            ray.remote(Mailbox).options(num_cpus=0, scheduling_strategy=on_head).remote()
        )
        self._functions: list[Callable[..., Any]] = []
        self._letters = self._mailbox.take.remote()
        self._versions = own_versions()

    @property
    def at_once(self) -> int:
        """How many cores the cluster has now."""
        return max(int(self._ray.cluster_resources().get("CPU", 0)), 1)

    def put(self, value: T) -> Sent[T]:
        """Send a value to the store of the cluster."""
        return Sent(self._ray.put(value), value)

    def calling(self, function: Callable[P, R]) -> Callable[P, R]:
        """Make of a function of this process one that a task can be given and call."""
        self._functions.append(function)
        call: Call[P, R] = Call(self._mailbox, len(self._functions) - 1)
        return call

    def run(self, tasks: Iterable[Task[R]]) -> Iterator[tuple[Task[R], R]]:
        """Do tasks, and give each with its result as soon as it has ended."""
        most = MOST_HANDED_OVER if isinstance(tasks, Sequence) else 0
        waiting, running, done = iter(tasks), Running[R](), 0
        more = True
        with stop_on_interrupt() as stop:
            try:
                while True:
                    more = more and self._fill(waiting, running, most)
                    if not running:
                        return
                    for reference in self._wait(running):
                        task = running.pop(reference)
                        yield task, self._result(reference, task)
                        done += 1
                    if stop.requested:
                        told = f"Stopped after {done} tasks; {len(running)} were being done."
                        raise Interrupted(told, Path())
            finally:
                self._stop(running)

    def _fill(self, waiting: Iterator[Task[R]], running: Running[R], most: int) -> bool:
        """Hand over tasks for as long as there are cores for them, or more where they are known.

        False where there are no more.
        """
        room = max(self.at_once, most)
        while sum(task.all_cores for task in running.values()) < room:
            task = next(waiting, None)
            if task is None:
                return False
            running[self._hand_over(task)] = task
        return True

    def _hand_over(self, task: Task[R]) -> Any:
        self._check_room(task)
        shared = [each.reference for each in task.arguments if isinstance(each, Sent)]
        numbers = count()
        order = Order(
            function=task.function,
            arguments=tuple(
                Slot(next(numbers)) if isinstance(each, Sent) else each for each in task.arguments
            ),
            cores=task.cores,
            gpus=task.gpus,
            versions=self._versions,
            folder=None if task.folder is None else str(task.folder),
            files={} if task.folder is None else pack(task.folder),
        )
        common = {
            "name": task.label,
            "max_retries": RETRIES,
            "scheduling_strategy": "SPREAD",
        }
        if task.workers > 1:
            # It only starts the others, which take the shared values themselves.
            starting = self._do_together.options(num_cpus=0, **common)
            return starting.remote(order, shared, task.workers)
        options = self._do.options(num_cpus=task.cores, num_gpus=task.gpus, **common)
        return options.remote(order, *shared)

    def _check_room(self, task: Task[R]) -> None:
        """Refuse what no node can do and would wait for ever; a cluster may grow by small ones."""
        if task.all_cores == 1 and not task.gpus:
            return
        if task.workers > 1 and self.at_once < task.all_cores:
            raise InputError(
                f"{task.workers} workers of {task.cores} cores need {task.all_cores} at once, and "
                f"the cluster has {self.at_once}; ask for fewer, or add a node."
            )
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        fits = [n for n in nodes if n.get("CPU", 0) >= task.cores and n.get("GPU", 0) >= task.gpus]
        if not fits:
            needed = f"{task.cores} cores" + (f" and {task.gpus:g} GPUs" if task.gpus else "")
            raise InputError(
                f"{task.label} needs {needed} of one node, which no node of the cluster has; ask "
                "for fewer, or add a larger node."
            )

    def _wait(self, running: Running[R]) -> list[Any]:
        """Wait a moment for tasks to end, and answer letters meanwhile; give those that ended."""
        self._ray.wait([*running, self._letters], timeout=SECONDS_BETWEEN_LOOKS)
        self._answer()
        ended: list[Any]
        ended, _ = self._ray.wait([*running], num_returns=len(running), timeout=0)
        return ended

    def _answer(self) -> None:
        """Answer the letters that have come."""
        if self._ray.wait([self._letters], timeout=0)[0]:
            letters = self._ray.get(self._letters)
            self._letters = self._mailbox.take.remote()
            self._mailbox.answer.remote([answered(each, self._functions) for each in letters])

    def _result(self, reference: Any, task: Task[R]) -> R:
        outcome = self._outcome(reference, task)
        if outcome.files is not None and task.folder is not None:
            bring(outcome.files, task.folder)
        if outcome.error is not None:
            raise outcome.error.made()
        value: R = outcome.value
        return value

    def _outcome(self, reference: Any, task: Task[R]) -> Outcome:
        errors = self._ray.exceptions
        try:
            outcome: Outcome = self._ray.get(reference)
        except errors.RaySystemError as error:
            raise GlyphlabError(
                f"A node could not begin with {task.label}: {str(error).splitlines()[0]}; install "
                "there what is imported here."
            ) from error
        except errors.RayTaskError as error:
            raise error.as_instanceof_cause() from None
        except errors.RayError as error:
            raise GlyphlabError(
                f"{task.label} has ended {1 + RETRIES} times without a result, by "
                f"{type(error).__name__}: its process or machine died, perhaps of too little "
                "memory; repeat the command to go on with what is left."
            ) from error
        return outcome

    def _stop(self, running: Running[R]) -> None:
        """Let tasks end after the step in hand, and keep what their folders hold then."""
        for reference in running:
            self._ray.cancel(reference)
        last = time.monotonic() + SECONDS_TO_STOP
        while running and time.monotonic() < last:
            for reference in self._wait(running):
                self._keep_folder(reference, running.pop(reference))
        for reference in running:
            self._ray.cancel(reference, force=True)

    def _keep_folder(self, reference: Any, task: Task[R]) -> None:
        try:
            outcome: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayError:  # it had not begun, or was cut off
            return
        if outcome.files and task.folder is not None:
            bring(outcome.files, task.folder)
