"""Tasks that are done by processes on this machine, side by side.

They speak through pipes: the parent sends tasks, pickled, and a process sends calls and results. A
process ends when its parent does, at its next word.
"""

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, BinaryIO, Generic

from glyphlab.errors import GlyphlabError, InputError, Interrupted
from glyphlab.places.errors import SentError
from glyphlab.places.local import Here
from glyphlab.places.place import P, R, T, Task
from glyphlab.processes import start_python

_SERVE = "from glyphlab.places.processes_place import serve_parent; serve_parent()"

_DONE, _FAILED, _CALL = "done", "failed", "call"
_NO_MORE_TASKS = None
_parents: list[tuple[BinaryIO, BinaryIO]] = []

Message = tuple[str, Any]
"""What a process and its parent send each other: what kind of message it is, and the rest."""


class Processes:
    """Processes of this machine, each of which does a task at a time.

    Parameters
    ----------
    jobs : int
        How many.

    Raises
    ------
    InputError
        If there are less than one.
    """

    is_here = False

    def __init__(self, jobs: int) -> None:
        if jobs < 1:
            raise InputError(f"There are {jobs} processes to work; give 1 or more.")
        self.at_once = jobs
        self._functions: list[Callable[..., Any]] = []

    def put(self, value: T) -> Here[T]:
        """Keep a value; it is sent with each task."""
        return Here(value)

    def calling(self, function: Callable[P, R]) -> Callable[P, R]:
        """Make of a function of this process one that a task can be given and call."""
        self._functions.append(function)
        return _Calling(len(self._functions) - 1)

    def run(self, tasks: Iterable[Task[R]]) -> Iterator[tuple[Task[R], R]]:
        """Do tasks, and give each with its result as soon as it has ended.

        Raises
        ------
        Interrupted
            On Ctrl-C.
        GlyphlabError
            What a task raises, or if a process is ended from outside.
        """
        waiting, events = _Waiting(tasks), SimpleQueue[Any]()
        workers = [_Worker(waiting, events) for _ in range(self.at_once)]
        try:
            left = len(workers)
            while left:
                match events.get():
                    case _Worker() as worker, (number, arguments, keywords):
                        worker.answer(_answer(self._functions[number], arguments, keywords))
                    case Exception() as error:
                        raise error
                    case Task() as task, result:
                        yield task, result
                    case _:
                        left -= 1
        except KeyboardInterrupt:
            raise Interrupted("Stopped.", Path()) from None
        finally:
            waiting.close()
            for worker in workers:
                worker.close()


class _Waiting(Generic[R]):
    """Tasks that several threads take from one iterable."""

    def __init__(self, tasks: Iterable[Task[R]]) -> None:
        self._tasks, self._lock, self._closed = iter(tasks), Lock(), False

    def take(self) -> Task[R] | None:
        with self._lock:
            return None if self._closed else next(self._tasks, None)

    def close(self) -> None:
        self._closed = True


class _Worker:
    """One process, and a thread that speaks with it; it is started for its first task."""

    def __init__(self, waiting: _Waiting[Any], events: "SimpleQueue[Any]") -> None:
        self._waiting, self._events = waiting, events
        self._answers: SimpleQueue[Message | None] = SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock, self._closed = Lock(), False
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def answer(self, answer: Message) -> None:
        """Give the answer to its call."""
        self._answers.put(answer)

    def close(self) -> None:
        """End the process at once, and take leave of it."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        self._answers.put(None)
        self._thread.join()
        if self._process is not None:
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()

    def _work(self) -> None:
        """Let the process do tasks until there are none."""
        try:
            while (task := self._waiting.take()) is not None:
                self._events.put((task, self._do(task)))
            self._events.put(_NO_MORE_TASKS)
        except Exception as error:  # whatever it is, the thread that waits shall raise it
            self._events.put(error)

    def _do(self, task: Task[Any]) -> Any:
        """Send a task, let its calls be answered, and give its result."""
        folder = {} if task.folder is None else {"folder": task.folder}
        try:
            tasks, results = self._pipes()
            _send(tasks, (task.function, task.arguments, folder))
            while True:
                kind, value = pickle.load(results)  # noqa: S301  # of a process of our own
                if kind == _CALL:
                    self._events.put((self, value))
                    _send(tasks, self._answers.get())
                else:
                    return _received((kind, value))
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            raise GlyphlabError(
                f"The process that did {task.label} was ended from outside, as a system does that "
                "runs out of memory; let fewer work at once."
            ) from error

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        with self._lock:
            if self._closed:
                raise EOFError
            if self._process is None:
                self._process = start_python(_SERVE, OPENBLAS_NUM_THREADS="1")
                stdout: Any = self._process.stdout
                self._process.stdout = io.BufferedReader(stdout)
        tasks: Any = self._process.stdin
        results: Any = self._process.stdout
        return tasks, results


@dataclass(frozen=True)
class _Calling:
    """In a process: calls a function of the parent, by its number there."""

    number: int

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        tasks, results = _parents[-1]
        _send(results, (_CALL, (self.number, arguments, keywords)))
        return _received(pickle.load(tasks))  # noqa: S301  # of the parent


def serve_parent() -> None:
    """Do what comes on standard input, and answer on standard output."""
    results = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    _parents.append((sys.stdin.buffer, results))
    with suppress(EOFError, BrokenPipeError):
        while True:
            order = pickle.load(sys.stdin.buffer)  # noqa: S301  # of the parent
            _send(results, _answer(*order))


def _answer(
    function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Message:
    """What a function gives or raises, to be sent."""
    try:
        return _DONE, function(*arguments, **keywords)
    except Exception as error:  # it belongs to the one who asked
        return _FAILED, SentError.of(error)


def _received(message: Message) -> Any:
    kind, value = message
    if kind == _FAILED:
        raise value.made()
    return value


def _send(stream: BinaryIO, value: Any) -> None:
    waiting = memoryview(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
    while waiting:
        waiting = waiting[stream.write(waiting) :]
